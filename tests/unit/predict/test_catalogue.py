"""The catalogue: columns and order that users rely on, no row lost, files that explain themselves."""

import numpy as np
import pandas as pd
import pytest

from spectrolabe.predict.catalogue import build_catalogue

NAN = np.nan
STRETCHES = {"stretch50": 1.0, "stretch68": 1.5, "stretch90": 3.0, "stretch95": 4.0}
CALIBRATION = {"bins": [{"snr": [0, None], **STRETCHES}]}
BOUNDS = ("lo50", "hi50", "lo68", "hi68", "lo90", "hi90", "lo95", "hi95")
STATUS = "dir/c.fits: file is truncated"


def predictions_of(labels=("teff", "mg_fe"), aleatoric=3.0):
    """A good spectrum, one with every reason for doubt, one that cannot be read; sigma is 5 (3 and 4)."""
    rows = pd.DataFrame({"spectrum_id": ["a", "b", "c"], "source_id": ["s", "s", "t"], "ra": [10.0, 20.0, NAN]})
    rows = rows.assign(dec=-5.0, snr=[100, 20, NAN], status=["", "", STATUS], bad_share=[0.1, 0.3, 1.0])
    rows["missing_ends"] = 0.0
    for label in labels:
        of_label = {"": [5000.0, 5100.0, 5050.0], "_aleatoric": aleatoric, "_epistemic": 4.0}
        rows = rows.assign(**{f"{label}{suffix}": values for suffix, values in of_label.items()})
    return rows.assign(teff_true=[5001, NAN, 4900])


def catalogue_of(predictions=None, labels=("teff", "mg_fe"), *, origin="observed", **options):
    of_labels = dict.fromkeys(labels, CALIBRATION)
    return build_catalogue(
        predictions_of(labels) if predictions is None else predictions,
        list(labels),
        calibration={"labels": of_labels, "doubt": {"fallback": "no star"}, "calibrated_on": {"origin": origin}},
        ranges=dict.fromkeys(labels, [4000.0, 5090.0]),
        min_snr=30,
        max_bad_share=0.2,
        false_alarms=0.02,
        **{"max_err": {}} | options,
    )


def label_columns(label):
    errors = [f"{label}_err", f"{label}_err_aleatoric", f"{label}_err_epistemic"]
    return [label, *errors, *(f"{label}_{end}" for end in BOUNDS), f"{label}_flag"]


def test_columns_and_their_order():
    first = ["spectrum_id", "source_id", "ra", "dec", "snr"]
    last = ["flag", "flag_text", "teff_true"]
    assert list(catalogue_of()) == [*first, *label_columns("teff"), *label_columns("mg_fe"), *last]


def test_true_labels_that_are_not_predicted_follow():
    catalogue = catalogue_of(predictions_of().assign(vsini_true=[10.0, NAN, 300.0], part="test"))
    assert list(catalogue)[-3:] == ["teff_true", "vsini_true", "part"]
    assert catalogue["vsini_true"].dtype == np.float32


def test_values_by_hand():
    row = catalogue_of().iloc[0]
    expected = [5000, 7.5, 3, 4, 4995, 5005, 4992.5, 5007.5, 4985, 5015, 4980, 5020, 0]
    assert row[label_columns("teff")].tolist() == expected
    assert (row["flag"], row["flag_text"], row["teff_true"]) == (0, "", 5001)


def test_doubts_are_flagged_label_by_label():
    predictions = predictions_of()
    predictions.loc[1, "mg_fe"] = 5090
    row = catalogue_of(predictions).iloc[1]
    assert (row["flag"], row["teff_flag"], row["mg_fe_flag"]) == (2 | 4 | 8 | 512, 8, 512)


def test_a_large_uncertainty_is_flagged_at_its_label():
    rows = catalogue_of(max_err={"teff": 7.4})  # all are uncertain by 7.5 K
    assert rows["teff_flag"].tolist() == [16, 24, 1]
    assert rows["mg_fe_flag"].tolist() == [0, 8, 1]
    assert rows["flag"].tolist() == [16, 30, 1]
    assert rows["flag_text"].iloc[0] == "teff uncertain by 7.5 K (limit 7.4)"


@pytest.mark.parametrize("aleatoric", [3.0, NAN])
def test_an_unreadable_spectrum_stays_as_a_row_without_labels(aleatoric):
    catalogue = catalogue_of(predictions_of(aleatoric=aleatoric))
    row = catalogue.iloc[2]
    for label in ("teff", "mg_fe"):
        assert row[label_columns(label)[:-1]].isna().all()
        assert row[f"{label}_flag"] == 1
    assert (row["spectrum_id"], row["flag"], row["flag_text"], row["teff_true"]) == ("c", 1, STATUS, 4900)
    assert catalogue.iloc[:2]["teff_hi68"].notna().all()


def test_a_catalogue_of_unreadable_spectra_alone():
    catalogue = catalogue_of(predictions_of().iloc[2:])
    assert catalogue["teff_err"].isna().all()
    assert catalogue["flag"].tolist() == [1]


def test_columns_that_no_spectrum_has_are_empty():
    catalogue = catalogue_of(predictions_of().drop(columns=["ra", "dec", "teff_true"]))
    assert catalogue[["ra", "dec"]].isna().all(axis=None)
    assert "teff_true" not in catalogue


def other_model(teff, mg_fe):
    """The spectra a, b and c in another order, labelled by a model of another grid."""
    return pd.DataFrame({"spectrum_id": ["c", "b", "a"], "teff": teff[::-1], "mg_fe": mg_fe[::-1]})


def test_spread_between_grids_by_hand():
    others = [
        other_model([5010.0, 5100, 5050], [5000.0, 5100, 5050]),
        other_model([5020.0, 5100, 5050], [5000.0, NAN, 5050]),
    ]
    catalogue = catalogue_of(others=others)
    # 5000, 5010 and 5020: a sample's standard deviation of 10, and the star's own grid strays as far as the model's.
    assert catalogue["teff_err_grid"].tolist() == pytest.approx([np.sqrt(2) * 10, 0, NAN], nan_ok=True)
    assert catalogue["mg_fe_err_grid"].tolist() == pytest.approx([0, NAN, NAN], nan_ok=True)


def test_two_grids_differ_by_the_error_to_expect():
    catalogue = catalogue_of(others=[other_model([5008.0, 5100, 5050], [5000.0, 5100, 5050])])
    assert catalogue["teff_err_grid"].iloc[0] == pytest.approx(8)


def test_elsewhere_the_spread_between_grids_widens_errors_and_intervals():
    others = [other_model([5010.0, 5100, 5050], [5000.0, 5100, 5050])]
    row = catalogue_of(others=others, other_data=True).iloc[0]
    assert row["teff_err"] == pytest.approx(np.hypot(7.5, 10))
    # Of a normal distribution, the 95 % interval is two standard deviations wide on either side.
    assert row["teff_hi95"] - 5000 == pytest.approx(np.hypot(20, 2 * 10), rel=1e-4)
    assert row["mg_fe_err"] == 7.5


@pytest.mark.parametrize(("origin", "other_data"), [("observed", True), ("synthetic", False)])
def test_calibration_on_data_of_the_same_kind_is_no_doubt(origin, other_data):
    assert catalogue_of(origin=origin, other_data=other_data)["flag"].iloc[0] == 0


def test_calibration_on_synthetic_spectra_is_flagged_on_all_others_that_are_readable():
    catalogue = catalogue_of(origin="synthetic", other_data=True)
    assert (catalogue["flag"] & 1024).tolist() == [1024, 1024, 0]


def test_a_recalibration_moves_labels_and_widens_errors():
    fit = {"offset": 20.0, "offset_err": 10.0, "scale": 1.0, "scale_err": 0.0, "pivot": 5000.0}
    row = catalogue_of(recalibration={"labels": {"teff": fit}}).iloc[0]
    assert (row["teff"], row["mg_fe"]) == (5020, 5000)
    assert row["teff_err"] == pytest.approx(np.hypot(7.5, 10))
    assert row["mg_fe_err"] == 7.5


def test_labels_are_single_and_coordinates_double():
    catalogue = catalogue_of()
    kinds = {name: catalogue[name].dtype for name in ("ra", "dec", "snr", "teff", "mg_fe_hi95", "teff_true")}
    assert kinds == dict.fromkeys(["ra", "dec"], "float64") | dict.fromkeys(list(kinds)[2:], "float32")


def test_what_simulated_spectra_say_of_themselves_is_carried_on():
    catalogue = catalogue_of(predictions_of().assign(trouble=["", "emission", ""]))
    assert list(catalogue)[-1] == "trouble"
    assert catalogue["trouble"].tolist() == ["", "emission", ""]


def test_the_spread_follows_the_other_parts_and_changes_nothing_else():
    catalogue = catalogue_of(others=[other_model([1.0, 2, 3], [1.0, 2, 3])])
    columns = list(catalogue)
    assert columns[columns.index("teff_err_epistemic") + 1] == "teff_err_grid"
    pd.testing.assert_frame_equal(catalogue.drop(columns=["teff_err_grid", "mg_fe_err_grid"]), catalogue_of())


def test_a_spectrum_that_another_model_lacks_stops_the_catalogue():
    with pytest.raises(KeyError, match="b"):
        catalogue_of(others=[other_model([1.0, 2, 3], [1.0, 2, 3]).drop(index=1)])


def test_many_labels():
    labels = [f"x{number}_fe" for number in range(30)]
    # The true teff is known, though nobody predicts it.
    assert catalogue_of(labels=labels).shape == (3, 5 + 13 * 30 + 2 + 1)


def test_what_a_survey_states_stands_beside_the_truth():
    predictions = predictions_of().assign(mg_fe_true=0.3, mg_fe_survey=0.4, mg_fe_survey_err=0.1)
    columns = ["teff_true", "mg_fe_true", "mg_fe_survey", "mg_fe_survey_err"]
    catalogue = catalogue_of(predictions)
    assert list(catalogue)[-4:] == columns
    assert catalogue[columns[1:]].iloc[2].tolist() == pytest.approx([0.3, 0.4, 0.1])
