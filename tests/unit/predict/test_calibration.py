"""Calibration: conformal quantiles by hand, and coverage on residuals whose spread was quoted wrongly."""

import numpy as np
import pandas as pd
import pytest

from spectrolabe.predict.calibration import calibrate, intervals, predicted_sigma


def predictions_of(residuals, aleatoric=1.0, epistemic=0.0, truth=5000.0):
    columns = {"teff": truth + np.asarray(residuals, float), "teff_true": truth}
    return pd.DataFrame(columns | {"teff_aleatoric": aleatoric, "teff_epistemic": epistemic})


def test_both_uncertainties_add_in_quadrature():
    np.testing.assert_array_equal(predicted_sigma(predictions_of([1, 2], 3.0, 4.0), "teff"), [5, 5])


def test_point_heads_are_calibrated_in_the_spread_of_their_members():
    spread = np.tile([0.5, 2.0], 11)[:21]
    predictions = predictions_of(spread * np.arange(1, 22), aleatoric=np.nan, epistemic=spread)
    np.testing.assert_array_equal(predicted_sigma(predictions, "teff"), spread)
    # Rank ceil(22 * 0.6827) = 16 and ceil(22 * 0.9545) = 21.
    assert calibrate(predictions, ["teff"]) == {"teff": {"n": 21, "stretch68": 16, "stretch95": 21}}


def test_a_single_point_head_is_calibrated_in_the_unit_of_the_label():
    predictions = predictions_of(np.arange(1, 22), aleatoric=np.nan, epistemic=0.0)
    np.testing.assert_array_equal(predicted_sigma(predictions, "teff"), np.ones(21))
    # Rank ceil(22 * 0.6827) = 16 and ceil(22 * 0.9545) = 21.
    assert calibrate(predictions, ["teff"]) == {"teff": {"n": 21, "stretch68": 16, "stretch95": 21}}


def test_quantiles_of_normalised_residuals():
    residuals = 2 * np.random.default_rng(1).permutation([*range(-10, 0), *range(11, 22)])
    stretches = calibrate(predictions_of(residuals, aleatoric=2.0), ["teff"])["teff"]
    assert stretches == {"n": 21, "stretch68": 16, "stretch95": 21}


def test_a_spectrum_that_members_agree_on_by_chance_counts_as_beyond_any_stretch():
    predictions = predictions_of([1, 2, 3], aleatoric=np.nan, epistemic=[1.0, 1.0, 0.0])
    assert calibrate(predictions, ["teff"])["teff"] == {"n": 3, "stretch68": np.inf, "stretch95": np.inf}


def test_labels_of_a_survey_count_and_not_the_truth_that_nobody_knows():
    predictions = predictions_of([1, 5, 3]).assign(teff_survey=5000.0, teff_true=np.nan)
    assert calibrate(predictions, ["teff"])["teff"] == {"n": 3, "stretch68": 5, "stretch95": 10}


@pytest.mark.parametrize("members", [1, 2, 8])
def test_coverage_of_point_heads_is_right(members):
    # Members share an error, such as the labels' own, beside one of each: their spread alone is too small.
    rng = np.random.default_rng(4)
    scale = rng.uniform(10, 60, 8000)
    means = rng.normal(0, scale, (members, 8000)) + rng.normal(0, 2 * scale, 8000)
    predictions = predictions_of(means.mean(axis=0), aleatoric=np.nan, epistemic=means.std(axis=0))
    fitted, fresh = predictions[:4000], predictions[4000:]
    columns = intervals(fresh, "teff", calibrate(fitted, ["teff"])["teff"])
    for level, share in (("68", 0.6827), ("95", 0.9545)):
        inside = fresh["teff_true"].between(columns[f"teff_lo{level}"], columns[f"teff_hi{level}"])
        assert inside.mean() == pytest.approx(share, abs=0.025)


@pytest.mark.parametrize(
    ("residuals", "expected"),
    [
        ([], (0, 1, 2)),
        ([5, 5], (2, 1, 2)),  # rank ceil(3 * 0.6827) = 3 of 2
        ([1, 5, 3], (3, 5, 10)),  # rank 3 of 3; the wider level from the narrower
        (range(1, 10), (9, 7, 14)),  # ranks 7 and 10 of 9
        (range(1, 21), (20, 15, 30)),  # ranks 15 and 21 of 20
    ],
)
def test_few_stars_fall_back_to_the_normal_distribution(residuals, expected):
    stretches = calibrate(predictions_of(list(residuals)), ["teff"])["teff"]
    assert tuple(stretches.values()) == expected


def test_spectra_without_truth_or_prediction_count_for_nothing():
    predictions = predictions_of([1, 2, 3, 4, 5])
    predictions.loc[3, "teff_true"] = np.nan
    predictions.loc[4, "teff"] = np.nan
    assert calibrate(predictions, ["teff"])["teff"] == {"n": 3, "stretch68": 3, "stretch95": 6}


@pytest.mark.parametrize("quoted", [0.5, 1.0, 3.0])
def test_coverage_is_right_where_the_quoted_spread_is_wrong(quoted):
    rng = np.random.default_rng(8)
    sigma = rng.uniform(20, 200, 8000)
    predictions = predictions_of(rng.normal(0, sigma), aleatoric=quoted * sigma)
    fitted, fresh = predictions[:4000], predictions[4000:]
    stretches = calibrate(fitted, ["teff"])["teff"]
    assert stretches["stretch68"] == pytest.approx(1 / quoted, rel=0.05)
    assert stretches["stretch95"] == pytest.approx(2 / quoted, rel=0.05)
    columns = intervals(fresh, "teff", stretches)
    for level, share in (("68", 0.6827), ("95", 0.9545)):
        inside = (fresh["teff_true"] >= columns[f"teff_lo{level}"]) & (fresh["teff_true"] <= columns[f"teff_hi{level}"])
        # Three standard errors of a share among 4000 are 0.022 and 0.010, and the quantile's own are as large.
        assert inside.mean() == pytest.approx(share, abs=0.025)


def test_intervals():
    predictions = predictions_of([10], aleatoric=3.0, epistemic=4.0)
    columns = intervals(predictions, "teff", {"stretch68": 2.0, "stretch95": 3.0})
    assert columns.iloc[0].to_dict() == {
        "teff_err": 10, "teff_lo68": 5000, "teff_hi68": 5020, "teff_lo95": 4995, "teff_hi95": 5025,
    }  # fmt: skip


def test_nothing_is_quoted_without_stars_for_a_head_that_gives_no_uncertainty():
    predictions = predictions_of([1, 2]).assign(teff_true=np.nan, teff_aleatoric=np.nan)
    stretches = calibrate(predictions, ["teff"])["teff"]
    assert stretches["n"] == 0
    assert np.isnan([stretches["stretch68"], stretches["stretch95"]]).all()
