"""Calibration: conformal quantiles by hand, and coverage on residuals whose spread was quoted wrongly."""

import numpy as np
import pandas as pd
import pytest
from mapie.conformity_scores import ResidualNormalisedScore
from mapie.regression import SplitConformalRegressor
from sklearn.base import BaseEstimator, RegressorMixin

from spectrolabe.predict.calibration import LEVELS, MIN_STARS, calibrate, intervals, predicted_sigma

SHARES = {level: share for level, (share, _) in LEVELS.items()}


def predictions_of(residuals, aleatoric=1.0, epistemic=0.0, truth=5000.0, snr=50.0):
    residuals = np.asarray(residuals, float)
    columns = {"source_id": [f"s{star}" for star in range(len(residuals))], "snr": snr}
    columns |= {"teff": truth + residuals, "teff_true": truth}
    return pd.DataFrame(columns | {"teff_aleatoric": aleatoric, "teff_epistemic": epistemic})


def only_bin(predictions):
    (limits,) = calibrate(predictions, ["teff"])["teff"]["bins"]
    return limits


def stretches_of(predictions):
    return tuple(only_bin(predictions)[f"stretch{level}"] for level in ("68", "95"))


def coverage_of(fresh, calibration, truth="teff_true"):
    columns = intervals(fresh, "teff", calibration["teff"])
    return {
        level: fresh[truth].between(columns[f"teff_lo{level}"], columns[f"teff_hi{level}"]).mean() for level in LEVELS
    }


def test_both_uncertainties_add_in_quadrature():
    np.testing.assert_array_equal(predicted_sigma(predictions_of([1, 2], 3.0, 4.0), "teff"), [5, 5])


def test_point_heads_are_calibrated_in_the_spread_of_their_members():
    spread = np.tile([0.5, 2.0], 11)[:21]
    predictions = predictions_of(spread * np.arange(1, 22), aleatoric=np.nan, epistemic=spread)
    np.testing.assert_array_equal(predicted_sigma(predictions, "teff"), spread)
    # Ranks ceil(22 * 0.6827) = 16 and ceil(22 * 0.9545) = 21.
    assert stretches_of(predictions) == (16, 21)


def test_a_single_point_head_is_calibrated_in_the_unit_of_the_label():
    predictions = predictions_of(np.arange(1, 22), aleatoric=np.nan, epistemic=0.0)
    np.testing.assert_array_equal(predicted_sigma(predictions, "teff"), np.ones(21))
    assert stretches_of(predictions) == (16, 21)


def test_quantiles_of_normalised_residuals():
    residuals = 2 * np.random.default_rng(1).permutation([*range(-10, 0), *range(11, 22)])
    # Ranks ceil(22 * share): 11, 16, 20, 21.
    assert calibrate(predictions_of(residuals, aleatoric=2.0), ["teff"]) == {
        "teff": {
            "reference": "true",
            "reference_errors": False,
            "bins": [
                {
                    "snr": [0.0, None], "stars": 21, "spectra": 21, "fallback": "",
                    "stretch50": 11, "stretch68": 16, "stretch90": 20, "stretch95": 21,
                }
            ],
        }
    }  # fmt: skip


class Given(RegressorMixin, BaseEstimator):
    """A regressor that has been fitted elsewhere: it gives one column of what it is asked."""

    def __init__(self, column=0):
        self.column = column

    def fit(self, X, y):  # noqa: N803
        self.fitted_ = True
        return self

    def predict(self, X):  # noqa: N803
        return np.asarray(X)[:, self.column]


def test_intervals_are_those_of_another_implementation():
    rng = np.random.default_rng(3)
    sigma = rng.uniform(20, 200, 300)
    predictions = predictions_of(rng.standard_t(4, 300) * sigma, aleatoric=sigma)
    features = np.column_stack([predictions["teff"], predictions["teff_aleatoric"]])
    score = ResidualNormalisedScore(residual_estimator=Given(1).fit(None, None), prefit=True)
    oracle = SplitConformalRegressor(
        Given(0).fit(None, None), confidence_level=list(SHARES.values()), conformity_score=score, prefit=True
    ).conformalize(features[:200], predictions["teff_true"].to_numpy()[:200])
    _, bounds = oracle.predict_interval(features[200:])
    columns = intervals(predictions[200:], "teff", calibrate(predictions[:200], ["teff"])["teff"])
    for index, level in enumerate(LEVELS):
        ours = columns[[f"teff_lo{level}", f"teff_hi{level}"]]
        np.testing.assert_allclose(ours, bounds[:, :, index], rtol=1e-9)


def test_a_spectrum_that_members_agree_on_by_chance_counts_as_beyond_any_stretch():
    predictions = predictions_of([1, 2, 3], aleatoric=np.nan, epistemic=[1.0, 1.0, 0.0])
    assert stretches_of(predictions) == (np.inf, np.inf)


def test_labels_of_a_survey_count_and_not_the_truth_that_nobody_knows():
    predictions = predictions_of([1, 5, 3]).assign(teff_survey=5000.0, teff_true=np.nan)
    assert stretches_of(predictions) == (5, 10)
    assert calibrate(predictions, ["teff"])["teff"]["reference"] == "survey"


def test_a_set_of_its_own_to_calibrate_on_counts_by_its_true_labels():
    predictions = predictions_of([1, 5, 3]).assign(teff_survey=4000.0, teff_survey_err=100.0)
    calibration = calibrate(predictions, ["teff"], by_truth=True)["teff"]
    assert (calibration["reference"], calibration["reference_errors"]) == ("true", False)
    assert calibration["bins"][0]["stretch68"] == 5
    unknown = calibrate(predictions.assign(teff_true=np.nan), ["teff"], by_truth=True)["teff"]
    assert (unknown["reference"], unknown["reference_errors"]) == ("survey", True)


def test_the_spectra_of_a_star_count_as_one():
    predictions = predictions_of([1, 1, 1, 1, 1, 1, 2, 3, 4])
    predictions["source_id"] = ["a"] * 6 + ["b", "c", "d"]
    limits = only_bin(predictions)
    assert (limits["stars"], limits["spectra"]) == (4, 9)
    # Of five with the star to come, half is 2.5: beyond star a and b; 68 % is 3.4: beyond c; of 90 % there are too few.
    assert (limits["stretch50"], limits["stretch68"]) == pytest.approx((3, 4))
    assert limits["stretch90"] == pytest.approx(4 * 1.6449)
    assert limits["fallback"] == "too few stars for 90, 95 %: the narrower level's, scaled as of a normal distribution"


@pytest.mark.parametrize("members", [1, 2, 8])
def test_coverage_of_point_heads_is_right(members):
    # Members share an error, such as the labels' own, beside one of each: their spread alone is too small.
    rng = np.random.default_rng(4)
    scale = rng.uniform(10, 60, 8000)
    means = rng.normal(0, scale, (members, 8000)) + rng.normal(0, 2 * scale, 8000)
    predictions = predictions_of(means.mean(axis=0), aleatoric=np.nan, epistemic=means.std(axis=0))
    fitted, fresh = predictions[:4000], predictions[4000:]
    assert coverage_of(fresh, calibrate(fitted, ["teff"])) == pytest.approx(SHARES, abs=0.025)


@pytest.mark.parametrize(
    ("residuals", "stars", "expected"),
    [
        ([], 0, (1, 2)),
        ([5, 5], 2, (5 / 0.6745, 10 / 0.6745)),  # ranks 2 and 3 of 2: from the half
        ([1, 5, 3], 3, (5, 10)),  # rank 3 of 3; the wider level from the narrower
        (range(1, 10), 9, (7, 9 / 1.6449 * 2)),  # ranks 7, 9 (of 90 %) and 10 of 9
        (range(1, 21), 20, (15, 19 / 1.6449 * 2)),  # ranks 15, 19 and 21 of 20
    ],
)
def test_few_stars_fall_back_to_the_normal_distribution(residuals, stars, expected):
    predictions = predictions_of(list(residuals))
    assert only_bin(predictions)["stars"] == stars
    assert stretches_of(predictions) == pytest.approx(expected)
    assert only_bin(predictions)["fallback"].startswith("too few stars for ")


def test_spectra_without_truth_or_prediction_count_for_nothing():
    predictions = predictions_of([1, 2, 3, 4, 5])
    predictions.loc[3, "teff_true"] = np.nan
    predictions.loc[4, "teff"] = np.nan
    assert stretches_of(predictions) == (3, 6)
    assert only_bin(predictions)["spectra"] == 3


@pytest.mark.parametrize("quoted", [0.5, 1.0, 3.0])
def test_coverage_is_right_where_the_quoted_spread_is_wrong(quoted):
    rng = np.random.default_rng(8)
    sigma = rng.uniform(20, 200, 8000)
    predictions = predictions_of(rng.normal(0, sigma), aleatoric=quoted * sigma)
    fitted, fresh = predictions[:4000], predictions[4000:]
    assert stretches_of(fitted) == pytest.approx((1 / quoted, 2 / quoted), rel=0.05)
    # Three standard errors of a share among 4000 are 0.022 and 0.010, and the quantile's own are as large.
    assert coverage_of(fresh, calibrate(fitted, ["teff"])) == pytest.approx(SHARES, abs=0.025)


def test_bins_of_snr_follow_the_number_of_stars():
    count = 2 * MIN_STARS
    snr = np.tile([20.0, 80.0], MIN_STARS)
    residuals = np.random.default_rng(2).normal(0, np.where(snr < 50, 3.0, 1.0))
    low, high = calibrate(predictions_of(residuals, snr=snr), ["teff"])["teff"]["bins"]
    assert (low["snr"], high["snr"], low["stars"], high["stars"]) == ([0.0, 50.0], [50.0, None], MIN_STARS, MIN_STARS)
    assert (low["stretch68"], high["stretch68"]) == pytest.approx((3, 1), rel=0.1)
    assert len(calibrate(predictions_of(residuals[1:], snr=snr[1:]), ["teff"])["teff"]["bins"]) == 1
    assert calibrate(predictions_of(residuals, snr=np.nan), ["teff"])["teff"]["bins"][0]["stars"] == count


@pytest.mark.parametrize("labels_error", [30.0, 100.0])
def test_errors_of_the_labels_are_taken_out(labels_error):
    rng = np.random.default_rng(5)
    sigma = rng.uniform(30, 90, 12000)
    predictions = predictions_of(rng.normal(0, 2 * sigma), aleatoric=sigma)
    given = 5000 + rng.normal(0, labels_error, 12000)
    fitted = predictions.assign(teff_survey=given, teff_survey_err=labels_error)[:6000]
    calibration = calibrate(fitted, ["teff"])
    assert calibration["teff"]["reference_errors"]
    assert coverage_of(predictions[6000:], calibration) == pytest.approx(SHARES, abs=0.03)


def test_labels_that_are_exact_are_calibrated_alike_with_and_without_their_errors():
    predictions = predictions_of(np.random.default_rng(6).normal(0, 40, 100), aleatoric=20.0)
    assert stretches_of(predictions.assign(teff_true_err=0.0)) == stretches_of(predictions)
    assert stretches_of(predictions.assign(teff_true_err=np.nan)) == stretches_of(predictions)


def hidden(count=200, **columns):
    """Predictions with a tenth of the error that their reference labels have."""
    rng = np.random.default_rng(9)
    predictions = predictions_of(rng.normal(0, 10, count), aleatoric=10.0).assign(**columns)
    return predictions.assign(teff_true=predictions["teff"] + rng.normal(0, 100, count), teff_true_err=100.0)


def test_where_errors_of_labels_hide_the_models_its_own_uncertainty_is_the_least():
    limits = only_bin(hidden())
    assert limits["fallback"] == "the labels' errors hide the model's: at least the networks' own uncertainty"
    assert all(limits[f"stretch{level}"] >= width for level, (_, width) in LEVELS.items())


def test_where_errors_of_labels_hide_the_models_other_labels_say_what_is_the_least():
    rng = np.random.default_rng(9)
    predictions = hidden(logg=rng.normal(4, 0.3, 200), logg_true=4.0, logg_aleatoric=0.1, logg_epistemic=0.0)
    calibration = calibrate(predictions, ["teff", "logg"])
    (teff,), (logg,) = (calibration[label]["bins"] for label in ("teff", "logg"))
    assert logg["fallback"] == ""
    assert teff["fallback"] == "the labels' errors hide the model's: at least the median stretch of logg"
    assert all(teff[f"stretch{level}"] >= logg[f"stretch{level}"] for level in LEVELS)


def test_a_label_that_needs_more_than_the_others_gets_it_at_all_levels():
    # Five times the quoted error, and still hidden among the labels' own; log g needs no stretch.
    rng = np.random.default_rng(10)
    predictions = hidden(logg=rng.normal(4, 0.1, 200), logg_true=4.0, logg_aleatoric=0.1, logg_epistemic=0.0)
    predictions["teff_true"] = predictions["teff"] + rng.normal(0, np.hypot(50, 100), 200)
    calibration = calibrate(predictions, ["teff", "logg"])
    (teff,), (logg,) = (calibration[label]["bins"] for label in ("teff", "logg"))
    assert teff["fallback"].startswith("the labels' errors hide the model's")
    wider = [teff[f"stretch{level}"] / max(logg[f"stretch{level}"], width) for level, (_, width) in LEVELS.items()]
    assert wider == pytest.approx([wider[0]] * 4)
    assert 2 < wider[0] < 7


def test_a_single_point_head_keeps_the_errors_of_labels_that_hide_its_own():
    predictions = hidden(teff_aleatoric=np.nan)
    limits = only_bin(predictions)
    assert limits["fallback"] == "the labels' errors hide the model's: they are part of the stretch"
    assert limits["stretch68"] == pytest.approx(100, rel=0.15)


def test_intervals():
    predictions = predictions_of([10, 10, 10], aleatoric=3.0, epistemic=4.0, snr=[20.0, 60.0, np.nan])
    narrow = {"stretch50": 1.0, "stretch68": 2.0, "stretch90": 2.5, "stretch95": 3.0}
    wide = {name: 2 * stretch for name, stretch in narrow.items()}
    calibration = {"bins": [wide | {"snr": [0.0, 50.0]}, narrow | {"snr": [50.0, None]}]}
    columns = intervals(predictions, "teff", calibration)
    assert columns.iloc[1].to_dict() == {
        "teff_err": 10, "teff_lo50": 5005, "teff_hi50": 5015, "teff_lo68": 5000, "teff_hi68": 5020,
        "teff_lo90": 4997.5, "teff_hi90": 5022.5, "teff_lo95": 4995, "teff_hi95": 5025,
    }  # fmt: skip
    # Of unknown signal-to-noise, the widest.
    assert columns["teff_err"].tolist() == [20, 10, 20]


def test_an_error_between_grids_adds_in_quadrature_at_every_level():
    predictions = predictions_of([0], aleatoric=1.0)
    limits = {"snr": [0.0, None], "stretch50": 3.0, "stretch68": 3.0, "stretch90": 3.0, "stretch95": 6.0}
    columns = intervals(predictions, "teff", {"bins": [limits]}, grid=np.array([4.0]))
    assert columns["teff_err"].tolist() == [5]
    assert columns["teff_hi95"].tolist() == [5010]
    assert columns["teff_hi50"].iloc[0] == pytest.approx(5000 + np.hypot(3, 4 * 0.6745))


def test_nothing_is_quoted_without_stars_for_a_head_that_gives_no_uncertainty():
    predictions = predictions_of([1, 2]).assign(teff_true=np.nan, teff_aleatoric=np.nan)
    limits = only_bin(predictions)
    assert limits["stars"] == 0
    assert np.isnan([limits[f"stretch{level}"] for level in LEVELS]).all()
    assert limits["fallback"] == "too few stars for 50, 68, 90, 95 %: nothing is known"
