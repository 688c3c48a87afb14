"""Planted trouble: of the kind, place and strength that its columns say."""

import numpy as np
import pytest

from spectrolabe.acquire.trouble import (
    FLUX_RATIOS,
    STRENGTHS,
    add_emission,
    add_spikes,
    blank_pixels,
    distort_continuum,
    draw_trouble,
)
from spectrolabe.spectra.randomness import RowGenerators
from spectrolabe.spectra.wavelength import doppler

WAVELENGTH = np.concatenate([np.arange(5350, 5600, 0.05), np.arange(8480, 8930, 0.05)])
ARMS = [slice(0, 5000), slice(5000, 14000)]
FLAT = np.ones(len(WAVELENGTH))


def test_shares_strengths_and_ratios_are_as_stated():
    shares = {"emission": 0.2, "double_lined": 0.5, "outside_range": 0.1}
    drawn = draw_trouble(RowGenerators(1, [str(star) for star in range(2000)]), shares)
    found = drawn["trouble"].value_counts(normalize=True)
    assert set(found.index) == {*shares, ""}
    for kind, share in shares.items():
        assert found[kind] == pytest.approx(share, abs=0.04)
    double = drawn[drawn["trouble"] == "double_lined"]
    assert double["trouble_strength"].between(*STRENGTHS["double_lined"]).all()
    assert double["trouble_strength"].max() > 140
    assert double["flux_ratio"].between(*FLUX_RATIOS).all()
    assert drawn.loc[drawn["trouble"] != "double_lined", "flux_ratio"].isna().all()
    assert drawn.loc[drawn["trouble"].isin(["", "outside_range"]), "trouble_strength"].isna().all()


def test_emission_has_its_height_in_lines_at_the_star_s_velocity():
    for seed in range(6):
        flux = add_emission(FLAT, WAVELENGTH, ARMS, 0.3, 100.0, np.random.default_rng(seed))
        assert flux.max() == pytest.approx(1.3, abs=2e-3)
        assert flux.min() == 1
        peak = WAVELENGTH[flux.argmax()] / doppler(100.0)
        lines = (8498.02, 8542.09, 8662.14, 5371.49, 5397.13, 5405.77, 5429.70, 5434.52, 5446.92, 5455.61, 5528.41)
        assert np.abs(peak - np.array([*lines, 8688.62, 8806.76, 8824.22])).min() < 0.05


def test_emission_needs_lines_within_the_arms():
    with pytest.raises(ValueError, match="expected an arm that covers lines of Ca II or Fe I and Mg I, found none"):
        add_emission(FLAT[:100], np.linspace(6500, 6600, 100), [slice(0, 100)], 0.3, 0.0, np.random.default_rng(1))


def test_one_arm_s_continuum_is_wrong_by_the_strength():
    for seed in range(8):
        flux = distort_continuum(FLAT, WAVELENGTH, ARMS, 0.15, 0.0, np.random.default_rng(seed))
        assert np.abs(flux - 1).max() == pytest.approx(0.15, abs=1e-3)
        assert sum((flux[arm] != 1).any() for arm in ARMS) == 1


def test_the_highest_spike_has_the_strength_and_few_pixels_are_hit():
    spiked = add_spikes(FLAT, WAVELENGTH, ARMS, 4.0, 0.0, np.random.default_rng(3))
    assert spiked.max() == pytest.approx(5.0)
    assert 2 <= np.count_nonzero(spiked > 1) <= 16


def test_a_share_of_the_pixels_is_zero():
    blank = blank_pixels(FLAT, WAVELENGTH, ARMS, 0.01, 0.0, np.random.default_rng(3))
    # Runs may overlap.
    assert 100 <= np.count_nonzero(blank == 0) <= 140
    assert np.count_nonzero(np.diff((blank == 0).astype(int)) == 1) <= 3
