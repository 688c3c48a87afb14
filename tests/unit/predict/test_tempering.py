"""Tempering: temperatures of distributions that were made too wide or too narrow, and sides by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kstest

from spectrolabe.predict.tempering import (
    LEVELS,
    MIN_STARS,
    fit_temperature,
    fit_tempering,
    temper_predictions,
    transform_references,
)
from spectrolabe.train.distributions import integrate_normal, quantiles

EDGES = np.linspace(4000, 7000, 61)


def star_names(count):
    return np.array([f"s{star}" for star in range(count)])


def normal_case(count, predicted, true, seed, error=0.0):
    """Distributions of one width about means that lie off by another, and reference labels with errors."""
    rng = np.random.default_rng(seed)
    mean = rng.uniform(4600, 6400, count)
    values = mean + rng.normal(0, true, count) + rng.normal(0, 1, count) * error
    return integrate_normal(mean, predicted, EDGES), values


@pytest.mark.parametrize(("predicted", "true"), [(200, 100), (100, 200)])
def test_the_temperature_is_the_ratio_of_variances(predicted, true):
    probabilities, values = normal_case(4000, predicted, true, 1)
    found = fit_temperature(probabilities, EDGES, values, np.zeros(4000), star_names(4000))
    assert found == pytest.approx((true / predicted) ** 2, rel=0.08)


def test_errors_of_labels_widen_nothing():
    # Predicted as wide as labels scatter, of which 150 K are the labels' own errors: 100 K are the model's.
    probabilities, values = normal_case(4000, np.hypot(100, 150), 100, 2, error=150)
    stars = star_names(4000)
    assert fit_temperature(probabilities, EDGES, values, np.full(4000, 150.0), stars) == pytest.approx(0.31, rel=0.15)
    assert fit_temperature(probabilities, EDGES, values, np.zeros(4000), stars) == pytest.approx(1, rel=0.08)


def test_each_star_counts_once_and_unknown_labels_do_not():
    probabilities, values = normal_case(200, 150, 100, 3)
    # One star that is far off has a thousand spectra; of others nothing is known, or they are beyond the bins.
    rows = [*range(200), *[0] * 999]
    stars, repeated = star_names(200)[rows], values[rows]
    repeated[[0, *range(200, 1199)]] += 450
    once = values.copy()
    once[0] += 450
    expected = fit_temperature(probabilities, EDGES, once, np.zeros(200), star_names(200))
    assert fit_temperature(probabilities[rows], EDGES, repeated, np.zeros(1199), stars) == pytest.approx(expected)
    more, names = np.concatenate([once, [np.nan, 8000]]), np.array([*star_names(200), "x", "y"])
    probabilities = np.concatenate([probabilities, probabilities[:2]])
    assert fit_temperature(probabilities, EDGES, more, np.zeros(202), names) == pytest.approx(expected)


def test_few_stars_tell_no_temperature():
    probabilities, values = normal_case(MIN_STARS, 150, 20, 4)
    errors, stars = np.zeros(MIN_STARS), star_names(MIN_STARS)
    assert fit_temperature(probabilities, EDGES, values, errors, stars) < 0.2
    assert fit_temperature(probabilities[1:], EDGES, values[1:], errors[1:], stars[1:]) == 1
    assert fit_temperature(np.empty((0, 1)), EDGES, values[:0], errors[:0], stars[:0]) == 1


def predictions_of(probabilities, **columns):
    rows = pd.DataFrame({"source_id": star_names(len(probabilities)), "snr": 50.0, "status": ""})
    rows["spectrum_id"] = rows["source_id"]
    return rows.assign(teff_distribution=list(np.float32(probabilities)), **columns)


def test_a_distribution_by_hand():
    # Two bins, 1/5 and 4/5; at T = 1/2 their squares, 1/17 and 16/17.
    calibration = {"teff": {"temperature": 0.5, "edges": [0, 10, 20]}, "logg": {"bins": []}}
    row = temper_predictions(predictions_of([[0.2, 0.8]], teff=0.0, logg=4.0), calibration).iloc[0]
    np.testing.assert_allclose(row["teff_distribution"], [1 / 17, 16 / 17], rtol=1e-6)
    median = 10 + 10 * (0.5 - 1 / 17) / (16 / 17)
    assert row["teff"] == pytest.approx(median)
    assert row["teff_mean"] == pytest.approx(5 / 17 + 15 * 16 / 17)
    assert row["teff_entropy"] == pytest.approx(np.log(17) / 17 + 16 / 17 * np.log(17 / 16))
    # 16 % and 84 % of it: 10 + (p - 1/17) 170/16.
    low, high = (10 + (0.5 + side * 0.34135 - 1 / 17) * 170 / 16 for side in (-1, 1))
    assert (row["teff_below68"], row["teff_above68"]) == pytest.approx((median - low, high - median))
    assert row["teff_above95"] == pytest.approx((10 + (0.97725 - 1 / 17) * 170 / 16 - median) / 2)
    assert row["logg"] == 4


def test_sides_of_a_normal_distribution_are_its_sigma_at_every_level():
    probabilities = integrate_normal([5500.0], 200, np.linspace(4000, 7000, 601))
    found = temper_predictions(
        predictions_of(probabilities), {"teff": {"temperature": 1.0, "edges": np.linspace(4000, 7000, 601)}}
    )
    for level in LEVELS:
        assert found[[f"teff_below{level}", f"teff_above{level}"]].to_numpy() == pytest.approx(200, rel=0.01)


def test_what_was_removed_is_added_after_tempering():
    calibration = {"teff": {"temperature": 1.0, "edges": [-10, 0, 10]}}
    found = temper_predictions(predictions_of([[0.5, 0.5]] * 2, teff_removed=[100.0, -3.0]), calibration)
    np.testing.assert_allclose(found[["teff", "teff_mean"]], [[100, 100], [-3, -3]])
    assert found["teff_below68"].to_numpy() == pytest.approx(10 * 0.6827)


def test_what_was_removed_comes_off_reference_labels():
    probabilities, values = normal_case(400, 200, 100, 6)
    away = np.random.default_rng(7).uniform(-1e4, 1e4, 400)
    at_rest = fit_tempering(predictions_of(probabilities, teff_true=values), "teff", EDGES, "teff_true", np.zeros(400))
    moved = predictions_of(probabilities, teff_true=values + away, teff_removed=away)
    found = fit_tempering(moved, "teff", EDGES, "teff_true", np.zeros(400))
    assert found["temperature"] == pytest.approx(at_rest["temperature"])
    assert found["edges"] == EDGES.tolist()
    np.testing.assert_allclose(
        transform_references(moved, "teff", EDGES),
        transform_references(predictions_of(probabilities, teff_true=values), "teff", EDGES),
    )


def test_transforms_by_hand():
    rows = predictions_of([[0.2, 0.8]] * 5, teff_true=[-1, 5, 15, 25, np.nan])
    np.testing.assert_allclose(transform_references(rows, "teff", [0, 10, 20]), [0, 0.1, 0.6, 1, np.nan])


def test_transforms_of_true_distributions_are_even():
    rng = np.random.default_rng(8)
    # Two peaks each, and labels with errors of 80 K.
    mean, upper = rng.uniform(4700, 6300, 3000), rng.random(3000) < 0.3
    peaks = [integrate_normal(mean + shift, 60, EDGES) for shift in (-300, 300)]
    true = mean + np.where(upper, 300, -300) + rng.normal(0, 60, 3000)
    rows = predictions_of(0.7 * peaks[0] + 0.3 * peaks[1], teff_true=true + rng.normal(0, 80, 3000), teff_true_err=80.0)
    assert kstest(transform_references(rows, "teff", EDGES), "uniform").pvalue > 0.01
    assert kstest(transform_references(rows.assign(teff_true_err=0.0), "teff", EDGES), "uniform").pvalue < 1e-6


def test_median_and_bounds_lie_where_the_library_says():
    probabilities, _ = normal_case(5, 150, 100, 9)
    found = temper_predictions(predictions_of(probabilities), {"teff": {"temperature": 1.0, "edges": EDGES.tolist()}})
    np.testing.assert_allclose(found["teff"], quantiles(probabilities, EDGES, [0.5])[:, 0], rtol=1e-5)
