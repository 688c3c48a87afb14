"""Methods beside each other: errors of every seed by hand, joined models, and times in which rows take turns."""

import keras
import numpy as np
import pandas as pd
import pytest

from spectrolabe.train.outputs import Prediction
from spectrolabe.validate import comparisons
from spectrolabe.validate.comparison_scores import relate
from spectrolabe.validate.comparisons import (
    COLUMNS,
    compare_models,
    group_members,
    read_training,
    refuse_met,
    time_rows,
)

POINT = {"point": {}}


@pytest.fixture
def save(tmp_path):
    """Give a function that saves a member of a model whose outputs are constant: 20 parameters an output, and 1."""

    def write(model, member, outputs, stage="train"):
        layer = keras.layers.Dense(len(outputs), kernel_initializer="zeros")
        network = keras.Sequential([keras.Input((20,)), layer])
        layer.set_weights([np.zeros((20, len(outputs))), np.array(outputs)])
        path = tmp_path / model / stage / f"{member}.keras"
        path.parent.mkdir(parents=True, exist_ok=True)
        network.save(path)
        return path

    return write


def entry(row, model, labels, head=POINT):
    return {"row": row, "model": f"{model}/train", "labels": labels, "head": head}


class Binned:
    """A head that gives distributions over three bins from 5000 to 5300 K."""

    def __init__(self, distributions):
        self.distributions = distributions

    def decode(self, outputs, labels):
        return Prediction(np.zeros((4, 1)), np.zeros((4, 1)), self.distributions)

    def edges(self, label):
        return np.array([5000.0, 5100.0, 5200.0, 5300.0])


@pytest.fixture
def spectra(make_set):
    """Four spectra, of which the last cannot be read and the third has no gravity."""
    found = make_set(4, 1)
    found.table["teff"] = [5000.0, 5100.0, 5200.0, 9000.0]
    found.table["logg"] = [4.0, 3.0, np.nan, 9.0]
    found.table["teff_true"] = [5000.0, 5150.0, 5250.0, 9000.0]
    found.table["status"] = ["", "", "", "damaged"]
    return found


def compared(save, spectra):
    members = [save("both", 0, [5000, 4]), save("both", 1, [5100, 4]), save("warm", 0, [5100.0])]
    members += [save("heavy", 0, [5.0, 1.0]), save("heavy", 1, [4.0, 1.0])]
    entries = [
        entry("ours", "both", ["teff", "logg"]),
        entry("apart", "heavy", ["logg"], {"gaussian": {}}),
        entry("apart", "warm", ["teff"]),
    ]
    training = {"both/train": 60.0, "heavy/train": 20.0, "warm/train": 10.0}
    table = compare_models(spectra, entries, group_members(members), training=training, reference="ours", runs=3)
    return table.set_index(["row", "label"])


def test_errors_are_the_mean_over_seeds(save, spectra):
    table = compared(save, spectra)
    assert list(table.index) == [("ours", "teff"), ("ours", "logg"), ("apart", "teff"), ("apart", "logg")]
    # Seeds of 100 K and of 200 / 3 K.
    ours = table.loc["ours", "teff"]
    assert ours["mae"] == pytest.approx(250 / 3)
    assert ours["mae_spread"] == pytest.approx(100 / 3 / np.sqrt(2))
    assert ours["mae_percent"] == pytest.approx(100 * 250 / 3 / 200)
    assert (ours["spectra"], ours["seeds"], ours["mae_ratio"], ours["mae_ratio_spread"]) == (3, 2, 1, 0)
    apart = table.loc["apart", "teff"]
    assert (apart["seeds"], apart["mae_ratio"]) == (1, pytest.approx(0.8))
    assert np.isnan(apart["mae_spread"])
    assert apart["mae_ratio_spread"] == pytest.approx(0.8 * 0.4 / np.sqrt(2))
    gravity = table.loc["apart", "logg"]
    assert (gravity["spectra"], gravity["seeds"]) == (2, 2)
    assert gravity["mae"] == pytest.approx((1.5 + 0.5) / 2)
    assert gravity["mae_ratio"] == pytest.approx(2)


def test_the_truth_is_scored_apart_where_it_is_known(save, spectra):
    table = compared(save, spectra)
    # Seeds of (0 + 150 + 250) / 3 and (100 + 50 + 150) / 3 K; the range is 250 K.
    assert table.loc[("ours", "teff"), "mae_true"] == pytest.approx(350 / 3)
    assert table.loc[("ours", "teff"), "mae_true_percent"] == pytest.approx(100 * 350 / 3 / 250)
    assert table.loc[("apart", "teff"), "mae_true_ratio"] == pytest.approx(300 / 350)
    assert table.loc["ours", :].loc["logg", ["mae_true", "mae_true_ratio", "mae_true_percent"]].isna().all()


def test_bias_and_scatter_are_of_predicted_minus_given(save, spectra):
    table = compared(save, spectra)
    ours = table.loc["ours", "teff"]
    # Of 5000, 5100 and 5200 K, the seeds say 5000 and 5100.
    assert (ours["mean"], ours["mean_spread"]) == pytest.approx((-50, 100 / np.sqrt(2)))
    assert (ours["std"], ours["std_spread"]) == pytest.approx((100 * np.sqrt(2 / 3), 0))
    truth = np.std([5000, 5150, 5250])
    assert (ours["mean_true"], ours["std_true"]) == pytest.approx((5050 - 15400 / 3, truth))
    assert np.isnan(table.loc["apart", "teff"]["mean_spread"])
    assert table.loc["ours", :].loc["logg", ["mean_true", "std_true", "std_true_spread"]].isna().all()


def test_a_model_is_compared_with_itself_as_it_was(save, spectra):
    members = [save("both", 0, [5000, 4]), save("both", 0, [5100, 4], stage="tune")]
    entries = [entry("before", "both", ["teff", "logg"]), entry("after", "both", ["teff", "logg"])]
    entries[1]["model"] = "both/tune"
    given = {"training": {"both/train": 60.0, "both/tune": 80.0}, "reference": "after", "runs": 1}
    table = compare_models(spectra, entries, group_members(members), **given).set_index(["row", "label"])
    assert table.xs("teff", level="label")["mean"].tolist() == [-100, 0]
    assert table.xs("teff", level="label")["training_seconds"].tolist() == [60, 80]


def test_stars_of_which_the_truth_alone_is_known_are_scored(save, spectra):
    del spectra.table["teff"]
    table = compared(save, spectra)
    assert table.loc[("ours", "teff"), "spectra"] == 3
    assert np.isnan(table.loc[("ours", "teff"), "mae"])
    assert table.loc[("ours", "teff"), "mae_true"] == pytest.approx(350 / 3)
    assert table.loc[("ours", "logg"), "spectra"] == 2


def test_medians_of_distributions_are_compared():
    head = Binned({"teff": np.array([[0.6, 0.0, 0.4]] * 4)})
    assert comparisons._read_labels(head, None, ["teff"]).tolist() == [[pytest.approx(5000 + 100 * 5 / 6)]] * 4


def test_training_takes_all_stages_gone_through(tmp_path):
    paths = []
    for stage, member, seconds in (("train", 0, [5, 5]), ("train", 1, [20]), ("tune", 0, [1]), ("tune", 1, [3])):
        paths.append(tmp_path / "cnn" / stage / f"{member}.parquet")
        paths[-1].parent.mkdir(parents=True, exist_ok=True)
        pd.DataFrame({"seconds": seconds}).to_parquet(paths[-1])
    entries = [{"model": "cnn/train", "stages": ["train"]}, {"model": "cnn/tune", "stages": ["train", "tune"]}]
    assert read_training(paths, entries) == {"cnn/train": 15, "cnn/tune": 17}


def test_stars_that_were_trained_on_test_nothing(spectra, tmp_path):
    spectra.table["source_id"] = ["A", "B", "C", "D"]
    pd.DataFrame({"source_id": ["X", "B", "B"]}).to_parquet(tmp_path / "training.parquet")
    refuse_met(spectra, [])
    message = "training.parquet: 1 of the 4 test stars, such as 'B'; expected stars that no method of the comparison"
    with pytest.raises(ValueError, match=message):
        refuse_met(spectra, [tmp_path / "training.parquet"])


def test_models_of_a_row_are_added(save, spectra):
    table = compared(save, spectra)
    assert table.loc["ours", "parameters"].tolist() == [42, 42]
    assert table.loc["apart", "parameters"].tolist() == [63, 63]
    assert table.loc["apart", "parameters_ratio"].tolist() == [1.5, 1.5]
    assert table.loc["apart", "training_seconds"].tolist() == [30, 30]
    assert (table["seconds"] > 0).all()
    assert table.loc["ours", "seconds_ratio"].tolist() == [1, 1]
    assert {*table.reset_index()} == {*COLUMNS}


def test_what_preparation_removed_is_added_to_what_networks_say(save, spectra):
    spectra.table["teff_removed"] = [0.0, 100.0, np.nan, 0.0]
    members = group_members([save("both", 0, [5000, 4])])
    given = {"training": {"both/train": 1.0}, "reference": "a", "runs": 1}
    table = compare_models(spectra, [entry("a", "both", ["teff", "logg"])], members, **given)
    assert table.set_index("label").loc["teff", "mae"] == pytest.approx(200 / 3)


def test_labels_that_nobody_knows_have_no_error(save, spectra):
    spectra.table["logg"] = np.nan
    table = compared(save, spectra)
    unknown = table.xs("logg", level="label")
    assert unknown["spectra"].tolist() == [0, 0]
    assert unknown[["mae", "mae_ratio", "mae_ratio_spread", "mae_percent"]].isna().all(axis=None)
    with pytest.raises(ValueError, match="no column 'feh': expected the labels teff, feh"):
        compare_models(spectra, [entry("a", "both", ["teff", "feh"])], {}, training={}, reference="a", runs=1)


def test_members_are_grouped_in_the_order_of_their_numbers(tmp_path):
    paths = [tmp_path / "cnn" / "train" / f"{member}.keras" for member in (0, 10, 2)]
    grouped = group_members([*paths, tmp_path / "dnn" / "tune" / "0.keras"])
    assert [path.stem for path in grouped["cnn/train"]] == ["0", "2", "10"]
    assert list(grouped) == ["cnn/train", "dnn/tune"]


def test_rows_take_turns_and_the_first_run_does_not_count(monkeypatch):
    clock, called = [0.0], []

    def network(name, seconds):
        def label(_):
            called.append(name)
            clock[0] += seconds * (10 if called.count(name) == 1 else 1)

        return label

    monkeypatch.setattr(comparisons.time, "perf_counter", lambda: clock[0])
    rows = {"one": [network("one", 1.0)], "two": [network("a", 2.0), network("b", 3.0)]}
    seconds = time_rows(np.zeros((1, 1)), rows, 2)
    assert called == ["one", "a", "b"] * 3
    assert {row: found.tolist() for row, found in seconds.items()} == {"one": [1, 1], "two": [5, 5]}


def test_relative_spreads_add_up_in_quadrature():
    ratio, spread = relate(np.array([1.0, 3.0]), np.array([3.0, 5.0]))
    assert (ratio, spread) == (0.5, pytest.approx(0.5 * np.sqrt(2 / 4 + 2 / 16)))
    assert relate(np.array([2.0]), np.array([3.0, 5.0])) == (0.5, pytest.approx(0.5 * np.sqrt(2 / 16)))
    assert np.isnan(relate(np.array([2.0]), np.array([4.0]))[1])


def test_the_table_survives_its_file(save, spectra, tmp_path):
    table = compared(save, spectra).reset_index()
    table.to_csv(tmp_path / "x.csv", index=False)
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "x.csv"), table)
