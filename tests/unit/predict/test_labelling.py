"""Labels of a shard: one row per spectrum, in its order, in physical units."""

import keras
import numpy as np
import pandas as pd
import pytest

from spectrolabe.predict.distribution_lists import read_edges
from spectrolabe.predict.gathering import read_rate
from spectrolabe.predict.labelling import label_edges, predict_blocks, predict_labels, write_predictions

LABELS = ["teff", "logg"]


@pytest.fixture
def save(tmp_path):
    """Give a function that saves a member whose outputs are constant."""

    def write(name, outputs):
        layer = keras.layers.Dense(len(outputs), kernel_initializer="zeros")
        model = keras.Sequential([keras.Input((20,)), layer])
        layer.set_weights([np.zeros((20, len(outputs))), np.array(outputs)])
        model.save(tmp_path / f"{name}.keras")
        return tmp_path / f"{name}.keras"

    return write


def test_gaussian_members(save, make_set):
    # Per label two means and two log variances: total variance by hand for teff, as one standard deviation each.
    members = [save("0", [4999, 4, np.log(400), 0]), save("1", [5001, 4, np.log(500), 0])]
    spectra = make_set(5, 1)
    spectra.ivar[1, :5] = 0
    table, rate = predict_labels(spectra, members, {"gaussian": {}}, LABELS)
    assert table["spectrum_id"].tolist() == spectra.table["spectrum_id"].tolist()
    np.testing.assert_allclose(table["teff"], 5000)
    np.testing.assert_allclose(table["teff_aleatoric"], np.sqrt(450), rtol=1e-5)
    np.testing.assert_allclose(table["teff_epistemic"], 1)
    np.testing.assert_allclose(table[["logg", "logg_aleatoric", "logg_epistemic"]], [[4, 1, 0]] * 5)
    np.testing.assert_array_equal(table["bad_share"], [0, 0.25, 0, 0, 0])
    np.testing.assert_array_equal(table["teff_true"], spectra.table["teff"])
    assert rate > 0


def test_blocks_are_labelled_as_all_at_once(save, make_set):
    spectra, members = make_set(5, 1), [save("0", [4999, 4]), save("1", [5001, 4])]
    whole, _ = predict_labels(spectra, members, {"point": {}}, LABELS)
    blocks = (spectra.select(rows) for rows in (slice(0, 3), slice(3, 5)))
    parts, rate = predict_blocks(blocks, members, {"point": {}}, LABELS)
    pd.testing.assert_frame_equal(parts, whole)
    assert rate > 0


def test_known_values_of_labels_that_are_not_predicted_are_carried_on(save, make_set):
    spectra, members = make_set(3, 1), [save("0", [5000.0])]
    table, _ = predict_labels(spectra, members, {"point": {}}, ["teff"], others=["logg", "vsini"])
    np.testing.assert_array_equal(table["logg_true"], spectra.table["logg"])
    assert "logg" not in table
    assert "vsini_true" not in table
    # A simulated survey's truth, not what it states.
    spectra.table["logg_true"] = 4.5
    table, _ = predict_labels(spectra, members, {"point": {}}, ["teff"], others=["logg"])
    assert (table["logg_true"] == 4.5).all()
    assert "logg_survey" not in table


def test_what_preparation_removed_is_added_to_the_mean(save, make_set):
    members = [save("0", [-1, 4, np.log(400), 0]), save("1", [1, 4, np.log(500), 0])]
    spectra = make_set(3, 1)
    spectra.table["teff_removed"] = [5100.0, np.nan, -20.0]
    table, _ = predict_labels(spectra, members, {"gaussian": {}}, LABELS)
    np.testing.assert_allclose(table["teff"], [5100, 0, -20], atol=1e-6)
    np.testing.assert_allclose(table[["teff_aleatoric", "teff_epistemic"]], [[np.sqrt(450), 1]] * 3, rtol=1e-5)
    np.testing.assert_allclose(table["logg"], 4)
    np.testing.assert_array_equal(table["teff_true"], spectra.table["teff"])


def test_point_members_know_no_aleatoric_part(save, make_set):
    members = [save("0", [4999, 4]), save("1", [5001, 4])]
    table, _ = predict_labels(make_set(3, 1), members, {"point": {}}, LABELS)
    np.testing.assert_allclose(table["teff_epistemic"], 1)
    assert table["teff_aleatoric"].isna().all()


def test_unreadable_spectra_stay_in_place(save, make_set):
    spectra = make_set(3, 1)
    spectra.flux[1], spectra.ivar[1] = 0, 0
    spectra.table.loc[1, "status"] = "b.fits: damaged"
    table, _ = predict_labels(spectra, [save("0", [5000, 4])], {"point": {}}, LABELS)
    assert table["status"].tolist() == ["", "b.fits: damaged", ""]
    assert table["bad_share"].tolist() == [0, 1, 0]


def test_pixels_masked_on_purpose_are_not_bad(save, make_set):
    # 20 pixels, 4 masked on purpose; then none, 4 and all 16 of the others are lost.
    spectra = make_set(3, 1)
    spectra.table["masked_share"] = 0.2
    spectra.ivar[:, :4] = 0
    spectra.ivar[1, 4:8] = 0
    spectra.ivar[2] = 0
    table, _ = predict_labels(spectra, [save("0", [5000, 4])], {"point": {}}, LABELS)
    np.testing.assert_allclose(table["bad_share"], [0, 0.25, 1], atol=1e-12)


def test_truths_only_where_the_shard_has_them(save, make_set):
    spectra = make_set(3, 1)
    table = spectra.table.drop(columns="teff").assign(ra=10.0)
    without = type(spectra)(spectra.wavelength, spectra.medium, spectra.flux, spectra.ivar, table)
    predicted, _ = predict_labels(without, [save("0", [5000, 4])], {"point": {}}, LABELS)
    assert "teff_true" not in predicted
    assert "logg_true" in predicted
    assert predicted["ra"].tolist() == [10, 10, 10]
    assert predicted[["dec", "snr"]].isna().all(axis=None)


def test_given_labels_keep_their_errors(save, make_set):
    spectra = make_set(3, 1)
    spectra.table["teff_err"] = 60.0
    table, _ = predict_labels(spectra, [save("0", [5000, 4])], {"point": {}}, LABELS)
    assert table["teff_true_err"].tolist() == [60, 60, 60]
    assert not {"logg_true_err", "teff_survey"} & set(table)


def test_a_simulated_survey_keeps_its_own_labels_beside_the_truth(save, make_set):
    spectra = make_set(3, 1)
    spectra.table["teff_true"], spectra.table["teff_err"] = [5000.0, 5100, np.nan], 60.0
    table, _ = predict_labels(spectra, [save("0", [5000, 4])], {"point": {}}, LABELS)
    np.testing.assert_array_equal(table["teff_true"], [5000, 5100, np.nan])
    np.testing.assert_array_equal(table["teff_survey"], spectra.table["teff"])
    assert table["teff_survey_err"].tolist() == [60, 60, 60]
    np.testing.assert_array_equal(table["logg_true"], spectra.table["logg"])
    assert not {"logg_survey", "logg_survey_err"} & set(table)


def test_predictions_and_their_rate_are_written(save, make_set, tmp_path):
    table, _ = predict_labels(make_set(3, 1), [save("0", [5000, 4])], {"point": {}}, LABELS)
    write_predictions(table, 250.0, tmp_path / "000.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "000.parquet"), table)
    assert read_rate([tmp_path / "000.parquet"]) == pytest.approx(250)


def test_what_spectra_say_of_themselves_is_carried_on(save, make_set):
    spectra = make_set(3, 1)
    spectra.table["trouble"] = ["", "emission", ""]
    table, _ = predict_labels(spectra, [save("0", [5000, 4])], {"point": {}}, LABELS)
    assert table["trouble"].tolist() == ["", "emission", ""]
    assert "mismatch" not in table


BINS = {"teff": {"start": 4000, "stop": 7000, "width": 1000}, "logg": {"start": 1, "stop": 5, "width": 2}}
BINNED = {"binned": {"bins": BINS, "embedding": 0}}


def binned_outputs(*arms):
    """What a member gives of the arms' probabilities, each of teff, then of logg."""
    return [
        5500.0,
        3.0,
        np.log(400.0),
        np.log(0.04),
        *(np.log(value) for arm in arms for values in arm for value in values),
    ]


def test_distributions_are_mixed_and_told(save, make_set, tmp_path):
    teff, other = [0.2, 0.6, 0.2], [0.6, 0.2, 0.2]
    members = [save("0", binned_outputs([teff, [0.5, 0.5]])), save("1", binned_outputs([other, [0.9, 0.1]]))]
    spectra = make_set(3, 1)
    spectra.table["logg_removed"] = [1.0, np.nan, 0.0]
    table, rate = predict_labels(spectra, members, BINNED, LABELS)
    mixed = [0.4, 0.4, 0.2]
    np.testing.assert_allclose(np.stack(table["teff_distribution"]), [mixed] * 3, rtol=1e-5)
    np.testing.assert_allclose(table["teff"], 5250, rtol=1e-6)
    np.testing.assert_allclose(table["teff_mean"], 5500)
    np.testing.assert_allclose(table["teff_entropy"], -np.sum(mixed * np.log(mixed)), rtol=1e-5)
    np.testing.assert_allclose(table[["teff_aleatoric", "teff_epistemic"]], [[20, 0]] * 3, rtol=1e-5)
    np.testing.assert_allclose(table["logg"], 1 + 2 * 0.5 / 0.7 + np.array([1, 0, 0]), rtol=1e-5)
    np.testing.assert_allclose(table["logg_mean"], [4, 3, 3])
    assert table["logg_removed"].tolist() == [1, 0, 0]
    assert not any("_arm" in name for name in table)
    edges = label_edges(BINNED, LABELS)
    write_predictions(table, rate, tmp_path / "000.parquet", edges)
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "000.parquet"), table)
    found = read_edges(tmp_path / "000.parquet")
    assert {label: ends.tolist() for label, ends in found.items()} == edges
    assert edges == {"teff": [4000, 5000, 6000, 7000], "logg": [1, 3, 5]}
    assert label_edges({"point": {}}, LABELS) == {}


def test_each_arm_is_told_of_and_an_empty_one_is_unknown(save, make_set):
    flat, low, high = [0.5, 0.5], [0.8, 0.1, 0.1], [0.1, 0.1, 0.8]
    spectra = make_set(3, 1)
    spectra = type(spectra)(np.r_[5000.0:5010.0, 5100.0:5110.0], "air", spectra.flux, spectra.ivar, spectra.table)
    spectra.flux[1, 10:] = 0
    table, _ = predict_labels(spectra, [save("0", binned_outputs([low, flat], [high, flat]))], BINNED, LABELS)
    np.testing.assert_allclose(table["teff_arm1"], 4000 + 500 / 0.8, rtol=1e-6)
    np.testing.assert_allclose(table["teff_arm2"], [7000 - 500 / 0.8, np.nan, 7000 - 500 / 0.8], rtol=1e-6)
    np.testing.assert_allclose(table["teff_arm1_low"], 4000 + 158.655 / 0.8, rtol=1e-5)
    np.testing.assert_allclose(table["teff_arm2_high"][0], 7000 - 158.655 / 0.8, rtol=1e-5)
    # 0.08, 0.01 and 0.08, normalised.
    np.testing.assert_allclose(table["teff_distribution"][0], [8 / 17, 1 / 17, 8 / 17], rtol=1e-4)
