import json

import numpy as np
import pandas as pd
import pytest

from spectrolabe.predict.calibration import reference_of
from spectrolabe.validate.scores import (
    FOUR_BINS,
    coverage,
    labels_with_truth,
    model_costs,
    observed_sets,
    robust_sigma,
    score,
    select_snr,
    shown_reference,
)


@pytest.fixture
def catalogue():
    """Five spectra whose Teff is wrong by 10, -20, 30, 0 K and unknown; intervals of +-15 and +-25 K."""
    frame = pd.DataFrame({"snr": [20.0, 40, 50, 200, 40], "teff_true": [4000.0, 4500, 5000, 8000, 6000]})
    frame["teff"] = frame["teff_true"] + [10, -20, 30, 0, np.nan]
    for level, half in (("50", 5), ("68", 15), ("90", 20), ("95", 25)):
        frame[f"teff_lo{level}"], frame[f"teff_hi{level}"] = frame["teff"] - half, frame["teff"] + half
    return frame


def test_statistics_of_all_spectra(catalogue):
    statistics = score(catalogue)["teff"]["all"]
    assert statistics["n"] == 4
    assert statistics["bias"] == pytest.approx(5)  # median of -20, 0, 10, 30
    assert statistics["scatter"] == pytest.approx(1.4826 * 15)  # median of 25, 5, 5, 25
    assert statistics["mean"] == pytest.approx(5)
    assert statistics["std"] == pytest.approx(np.sqrt(1300 / 4))
    assert statistics["medae"] == pytest.approx(15)
    assert statistics["mae"] == pytest.approx(15)
    assert statistics["rmse"] == pytest.approx(np.sqrt(1400 / 4))
    assert [statistics[f"coverage{level}"] for level in ("50", "68", "90", "95")] == [0.25, 0.5, 0.75, 0.75]


def test_subsets_are_snr_and_label_bins_without_the_empty_ones(catalogue):
    subsets = score(catalogue)["teff"]
    counts = {name: statistics["n"] for name, statistics in subsets.items()}
    assert counts == {
        "all": 4,
        "snr_10_30": 1,
        "snr_30_60": 2,
        "snr_150_inf": 1,
        "snr_below_30": 1,
        "snr_above_30": 3,
        "snr_above_60": 1,
        "snr_above_100": 1,
        "teff_4000_5000": 2,
        "teff_5000_6000": 1,
        "teff_7000_8000": 1,
    }


def test_sets_of_a_screened_survey_leave_out_what_the_model_has_met(catalogue):
    catalogue["screening"] = ["inner", "outer", "inner", "inner", "inner"]
    catalogue["part"] = ["", "", "", "test", ""]
    sets = {name: rows.index.tolist() for name, rows in observed_sets(catalogue).items()}
    assert sets == {"inner": [0, 2, 4], "inner_snr_above_30": [2, 4], "inner_snr_below_30": [0], "outer": [1]}
    subsets = score(catalogue)["teff"]
    assert (subsets["inner"]["n"], subsets["inner"]["bias"]) == (2, 20)  # 10 and 30 K; the last is unknown
    assert (subsets["inner_snr_above_30"]["mean"], subsets["outer"]["mean"]) == (30, -20)


def test_scores_against_the_labels_of_the_survey(catalogue):
    catalogue["teff_survey"] = catalogue["teff_true"] + [0, 0, 10, 0, 0]
    assert score(catalogue, "survey")["teff"]["all"]["mean"] == pytest.approx(2.5)  # 10, -20, 20 and 0 K
    assert score(catalogue, "survey")["teff"]["all"]["coverage95"] == 1
    assert score(catalogue)["teff"]["all"]["mean"] == pytest.approx(5)
    assert score(catalogue.drop(columns="teff_survey"), "survey") == {}


def test_errors_of_the_references_widen_the_intervals(catalogue):
    # Off by 10, 20, 30 and 0 K, within 15 K at 68 %: with 20 K, one that is twice as wide at 95 %, within 25 and 47 K.
    catalogue["teff_survey"], catalogue["teff_survey_err"] = catalogue["teff_true"], 20.0
    widened = score(catalogue, "survey")["teff"]["all"]
    assert (widened["coverage68"], widened["coverage95"]) == (0.75, 1)
    assert score(catalogue)["teff"]["all"]["coverage68"] == 0.5


def test_a_bin_holds_its_lowest_ratio_and_not_its_highest():
    frame = pd.DataFrame({"snr": [29.9, 30, 60, 99.9, 100, np.nan]})
    assert select_snr(frame, 30, 60).index.tolist() == [1]
    assert [len(select_snr(frame, *edges)) for edges in FOUR_BINS.values()] == [1, 1, 2, 1]


def test_bins_of_dex_have_decimals():
    frame = pd.DataFrame({"feh": [-2.5, 0.5], "feh_true": [-2.5, 0.5]})
    assert list(score(frame)["feh"]) == ["all", "feh_-2.50_-1.75", "feh_-0.25_0.50"]


def test_intervals_that_are_missing_have_no_coverage(catalogue):
    bare = catalogue[["snr", "teff", "teff_true"]]
    assert score(bare)["teff"]["all"]["coverage68"] is None
    assert coverage(bare, "teff", "95") == (None, 0)


def test_labels_without_truth_are_absent(catalogue):
    catalogue["logg"], catalogue["logg_true"] = 4.0, np.nan
    assert labels_with_truth(catalogue) == ["teff"]
    assert score(catalogue.drop(columns="teff_true")) == {}


def test_unknown_values_are_ignored_label_by_label(catalogue):
    catalogue["logg"], catalogue["logg_true"] = 4.0, [4.0, np.nan, np.nan, np.nan, 3.9]
    scores = score(catalogue)
    assert (scores["teff"]["all"]["n"], scores["logg"]["all"]["n"]) == (4, 2)


def test_predictions_are_set_against_the_survey_and_the_truth_where_it_says_nothing(catalogue):
    assert shown_reference(catalogue, "teff") == "true"
    some = catalogue.assign(teff_survey=[np.nan, np.nan, 5010, np.nan, np.nan])
    assert shown_reference(some, "teff") == "survey"
    assert shown_reference(some.assign(teff_survey=np.nan), "teff") == "true"
    # What is calibrated on is another matter: there the truth takes no survey's place.
    assert reference_of(some.assign(teff_survey=np.nan), "teff") == "teff_survey"


def test_no_prediction_at_all_is_no_score(catalogue):
    catalogue["teff"] = np.nan
    assert score(catalogue) == {}


def test_scores_are_strict_json(catalogue):
    assert json.loads(json.dumps(score(catalogue), allow_nan=False))


def test_robust_sigma_ignores_one_outlier():
    assert robust_sigma(np.array([-1.0, 0, 1, 1e9])) == pytest.approx(1.4826)


def test_model_costs():
    kept = {"members": ["0", "2"], "parameters": 7, "training_seconds": 1.5, "ranges": {}}
    expected = {"parameters": 7, "members": 2, "training_seconds": 1.5}
    assert model_costs(kept, {b"spectra_per_second": b"8400.5"}) == expected | {"spectra_per_second": 8400.5}
    assert model_costs(kept, None) == expected | {"spectra_per_second": None}
