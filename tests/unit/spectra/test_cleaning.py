"""Spikes, zeros, masked ranges, gaps and the noise estimate."""

import numpy as np
import pytest

from spectrolabe.spectra.cleaning import bridge, clean_spikes, clean_zeros, estimate_noise, mask_pixels
from spectrolabe.spectra.wavelength import vacuum_to_air


def test_noise_by_hand():
    # |2 f[i] - f[i-2] - f[i+2]| of a lone 1 among zeros shifted by 5: one pixel 2, two pixels 1, the rest 0.
    flux = np.array([5.0, 5, 6, 5, 5, 5])
    assert estimate_noise(flux) == pytest.approx(1.482602 / np.sqrt(6) * 1.0)


def test_noise_of_noise():
    flux = 100 + 3 * np.random.default_rng(2).standard_normal(20000)
    assert estimate_noise(flux) == pytest.approx(3, rel=0.03)
    gaps = np.r_[flux, np.zeros(30000), np.full(10, np.nan)]
    assert estimate_noise(gaps) == pytest.approx(3, rel=0.03)


def test_noise_of_too_few_pixels_is_unknown():
    assert np.isnan(estimate_noise(np.array([1.0, 2, 3, 4, 0, np.nan])))


def test_spikes_become_the_median(make_spectra):
    flux = np.array([[1.0, 1.1, 0.9, 50, 1.0, 0.1, 1.05]])
    cleaned = clean_spikes(make_spectra(np.arange(7.0), flux), None, sigma=5)
    np.testing.assert_allclose(cleaned.flux, [[1.0, 1.1, 0.9, 1.0, 1.0, 0.1, 1.05]])
    assert flux[0, 3] == 50


def test_each_arm_has_a_median_of_its_own(make_spectra):
    flux = np.array([[1.0, 1.1, 0.9, 9, 1.0, 100, 110, 90, 100, 900, 100, 100, 105]])
    wavelength = np.r_[np.arange(5.0), 1000 + np.arange(8)]
    cleaned = clean_spikes(make_spectra(wavelength, flux), None, sigma=5)
    np.testing.assert_allclose(cleaned.flux, [[1.0, 1.1, 0.9, 1.0, 1.0, 100, 110, 90, 100, 100, 100, 100, 105]])


def test_bad_pixels_are_neither_counted_nor_cleaned(make_spectra):
    flux = np.array([[1.0, 1.1, 0.9, 50, 1.0, 90, 90], [0, 0, 0, 0, 0, 0, 9]])
    ivar = np.array([[1.0, 1, 1, 1, 1, 0, 0], [0, 0, 0, 0, 0, 0, 0]])
    cleaned = clean_spikes(make_spectra(np.arange(7.0), flux, ivar=ivar), None)
    np.testing.assert_allclose(cleaned.flux, [[1.0, 1.1, 0.9, 1.0, 1.0, 90, 90], [0, 0, 0, 0, 0, 0, 9]])


def test_zeros_lose_their_information(make_spectra):
    cleaned = clean_zeros(make_spectra(np.arange(5.0), np.array([1.0, 0, 0, np.inf, 2]), ivar=3.0), None)
    np.testing.assert_array_equal(cleaned.ivar, [[3, 0, 0, 0, 3]])
    np.testing.assert_array_equal(cleaned.flux, [[1, 0, 0, 0, 2]])


def test_masked_ranges(make_spectra):
    spectra = make_spectra(np.arange(5000.0, 5010), np.ones(10), ivar=1.0)
    masked = mask_pixels(spectra, None, ranges=[[5001, 5002.5], [5008, 6000]])
    np.testing.assert_array_equal(masked.flux[0] == 0, np.isin(np.arange(10), [1, 2, 8, 9]))
    np.testing.assert_array_equal(masked.flux, masked.ivar)


def test_masked_ranges_know_their_medium(make_spectra):
    spectra = make_spectra(np.arange(5000.0, 5010, 0.1), np.ones(100))
    masked = mask_pixels(spectra, None, ranges=[[5004.95, 5005.05]], medium="vacuum")
    lost = spectra.wavelength[masked.flux[0] == 0]
    np.testing.assert_allclose(lost, vacuum_to_air(np.array([5005.0])), atol=0.06)


def test_gaps_are_bridged_by_straight_lines():
    values = np.array([[1.0, 9, 9, 4, 9], [9, 9, 9, 9, 9]])
    bad = np.array([[0, 1, 1, 0, 1], [1, 1, 1, 1, 1]], bool)
    np.testing.assert_allclose(bridge(values, bad), [[1, 2, 3, 4, 4], [0, 0, 0, 0, 0]])
