"""Distributions over bins by hand: integrals, quantiles, moments, products, temperatures and likelihoods."""

import numpy as np
import pytest
from scipy.stats import norm

from spectrolabe.train.distributions import (
    conflate,
    entropy,
    integrate_normal,
    log_likelihood,
    moments,
    quantiles,
    temper,
)

EDGES = np.array([0.0, 1.0, 2.0, 4.0])
FINE = np.linspace(-5, 5, 1001)


def test_a_normal_label_is_integrated_over_bins_and_its_tails_go_to_the_ends():
    shares = integrate_normal(np.array([1.0, 9.0, np.nan]), np.array([0.5, 0.5, 0.5]), EDGES)
    # One half below the mean, all of that in the first bin; two sigma above it begins the last.
    np.testing.assert_allclose(shares[0], [0.5, norm.cdf(2) - 0.5, norm.sf(2)])
    np.testing.assert_allclose(shares[1], [0, 0, 1], atol=1e-12)
    assert np.isnan(shares[2]).all()
    np.testing.assert_allclose(shares[:2].sum(axis=1), 1)


def test_a_label_without_error_is_in_one_bin_or_half_on_either_side_of_an_edge():
    shares = integrate_normal(np.array([1.5, 2.0]), 0.0, EDGES)
    np.testing.assert_array_equal(shares, [[0, 1, 0], [0, 0.5, 0.5]])


def test_quantiles_are_linear_within_a_bin_of_any_width():
    probabilities = np.array([[0.2, 0.3, 0.5], [0.5, 0.0, 0.5], [0.0, 1.0, 0.0]])
    found = quantiles(probabilities, EDGES, [0.1, 0.5, 0.75])
    # Of the first: half of bin 0; the end of bin 1; half of the last, which is two wide.
    np.testing.assert_allclose(found[0], [0.5, 2.0, 3.0])
    np.testing.assert_allclose(found[1], [0.2, 1.0, 3.0])
    np.testing.assert_allclose(found[2], [1.1, 1.5, 1.75])
    np.testing.assert_allclose(quantiles(probabilities, EDGES, [0, 1])[0], [0, 4])
    assert np.isnan(quantiles(np.full((1, 3), np.nan), EDGES, [0.5])).all()


def test_moments_count_the_width_of_bins():
    mean, variance = moments(np.array([[0.0, 1.0, 0.0], [0.5, 0.0, 0.5]]), EDGES)
    np.testing.assert_allclose(mean, [1.5, 1.75])
    np.testing.assert_allclose(variance, [1 / 12, 1.25**2 + 0.5 / 12 + 0.5 * 4 / 12])


def test_entropy_is_0_of_one_bin_and_greatest_of_all_alike():
    np.testing.assert_allclose(entropy(np.array([[1, 0, 0, 0], [0.25] * 4])), [0, np.log(4)])
    assert np.isnan(entropy(np.array([[np.nan, np.nan]]))).all()


def test_two_normals_conflate_to_their_mean_weighted_by_precision():
    arms = [integrate_normal(np.array([mean]), sigma, FINE) for mean, sigma in ((0.0, 0.5), (1.0, 1.0))]
    mean, variance = moments(conflate(arms), FINE)
    # Weights 4 and 1.
    np.testing.assert_allclose([mean[0], variance[0]], [0.2, 0.2], rtol=1e-3)
    # Whatever the order; and one that is uniform changes nothing.
    np.testing.assert_allclose(conflate(arms[::-1]), conflate(arms))
    np.testing.assert_allclose(conflate([arms[0], np.full((1, 1000), 1e-3)]), conflate(arms[:1]))


def test_no_arm_forbids_a_bin():
    one, other = np.array([[1.0, 0.0, 0.0]]), np.array([[0.0, 0.0, 1.0]])
    np.testing.assert_allclose(conflate([one, other]), [[0.5, 0, 0.5]], atol=1e-8)
    # By hand, floored at 0.1 and normalised: (10, 1, 1) / 12 and (1, 1, 10) / 12.
    np.testing.assert_allclose(conflate([one, other], floor=0.1), np.array([[10, 1, 10]]) / 21)


def test_what_both_arms_leave_open_stays_open():
    two_peaks = np.array([[0.45, 0.05, 0.45, 0.05]])
    np.testing.assert_allclose(conflate([two_peaks, two_peaks]), np.array([[81, 1, 81, 1]]) / 164)


def test_a_temperature_narrows_or_widens():
    probabilities = np.array([[0.2, 0.0, 0.8]])
    np.testing.assert_array_equal(temper(probabilities, 1), probabilities)
    np.testing.assert_allclose(temper(probabilities, 0.5), np.array([[1, 0, 16]]) / 17)
    np.testing.assert_allclose(temper(probabilities, 2), np.array([[1, 0, 2]]) / 3)
    np.testing.assert_allclose(temper(probabilities, 1e-4), [[0, 0, 1]])
    with pytest.raises(ValueError, match="a temperature must be above 0: found 0"):
        temper(probabilities, 0)


def test_the_likelihood_is_that_of_the_density_convolved_with_the_error():
    probabilities = np.array([[0.2, 0.3, 0.5]] * 2)
    # Without an error the density itself: of the last bin 0.5 / 2.
    np.testing.assert_allclose(np.exp(log_likelihood(probabilities, EDGES, np.array([1.5, 3.0]), 0.0)), [0.3, 0.25])
    shares = norm.cdf([1, 2], 1.5, 0.5)
    expected = 0.2 * shares[0] + 0.3 * (shares[1] - shares[0]) + 0.25 * (1 - shares[1])
    found = log_likelihood(probabilities[:1], EDGES, np.array([1.5]), np.array([0.5]))
    np.testing.assert_allclose(np.exp(found), expected)


def test_likelihoods_of_what_cannot_be_are_finite_and_unknown_ones_nan():
    probabilities = np.array([[0.0, 0.5, 0.5]] * 3)
    found = log_likelihood(probabilities, EDGES, np.array([0.5, 7.0, np.nan]), 0.0)
    assert np.isfinite(found[0])
    assert found[0] < -700
    # Beyond the bins, the last of them judges.
    assert found[1] == pytest.approx(np.log(0.25))
    assert np.isnan(found[2])
