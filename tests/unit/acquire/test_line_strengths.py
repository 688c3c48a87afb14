"""Line strengths: true ones are found again, and what no line explains changes none."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csc_array

from spectrolabe.acquire.line_strengths import Comparison, adjust_lines, compare, correct, fit_strengths, split_lines
from spectrolabe.spectra.broadening import rotate
from spectrolabe.spectra.distortion import shift_by
from spectrolabe.spectra.table import Spectra

WAVELENGTH = 5000 * np.exp(5e-6 * np.arange(1600))  # 40 angstrom in steps of 1.5 km/s
CENTRES = np.array([5004.0, 5008.0, 5012.0, 5012.3, 5016.0, 5020.0, 5024.0, 5032.0])
LISTED = np.full(len(CENTRES), -1.0)
#: The sixth line is too shallow to be adjusted; the others are off by what their names in the tests say.
TRUE = LISTED + [0.2, -0.3, 0.2, 0.0, 0.0, 0.3, 0.9, 0.0]
STRENGTH = np.array([5.0, 10, 6, 6, 8, 0.05, 5, 8])


def synthesize(loggf: np.ndarray) -> np.ndarray:
    """Saturating lines of Gaussian opacity, 0.06 angstrom wide."""
    profiles = np.exp(-(((WAVELENGTH - CENTRES[:, None]) / 0.06) ** 2))
    return np.exp(-(STRENGTH * 10**loggf) @ profiles)


def observe(flux: np.ndarray, broadening: float = 4.0, velocity: float = 0.7) -> Spectra:
    """A star's spectrum whose continuum falls, as networks never see it."""
    flux = rotate(flux[None], WAVELENGTH, np.array([broadening])) * np.linspace(900, 890, len(WAVELENGTH))
    spectra = Spectra(WAVELENGTH, "air", flux, np.full_like(flux, 1.0), pd.DataFrame({"status": [""]}))
    return shift_by(spectra, np.array([velocity]))


def fit(observed: Spectra):
    lines = pd.DataFrame({"wavelength": CENTRES, "loggf": LISTED})
    depths = 1 - np.exp(-STRENGTH * 10**LISTED)
    return fit_strengths(lines, depths, observed, synthesize)


@pytest.fixture(scope="module")
def fitted():
    # A line at 5028 that the list lacks.
    missing = 1 - 0.5 * np.exp(-(((WAVELENGTH - 5028) / 0.1) ** 2))
    return fit(observe(synthesize(TRUE) * missing))


def test_true_strengths_are_found_again(fitted):
    lines, _ = fitted
    np.testing.assert_allclose(lines["loggf_change"][[0, 1]], [0.2, -0.3], atol=0.02)
    np.testing.assert_allclose(lines["loggf"], LISTED + lines["loggf_change"])


def test_blended_lines_share_a_correction_by_their_part_in_it(fitted):
    lines, _ = fitted
    np.testing.assert_allclose(lines["loggf_change"][[2, 3]], [0.2, 0.0], atol=0.03)


def test_true_and_shallow_lines_stay_and_none_changes_beyond_the_bound(fitted):
    lines, _ = fitted
    assert abs(lines["loggf_change"][4]) < 0.01
    assert lines["loggf_change"][5] == 0
    assert lines["loggf_change"][6] == pytest.approx(0.5)


def test_a_line_beside_missing_absorption_stays(fitted):
    lines, _ = fitted
    assert abs(lines["loggf_change"][7]) < 0.01


def test_the_summary_says_what_was_gained(fitted):
    _, summary = fitted
    assert (summary["lines"], summary["lines_fitted"]) == (8, 7)
    assert summary["rms_after"] < 0.8 * summary["rms_before"]
    assert summary["broadening"] == pytest.approx(4, abs=0.3)
    assert summary["velocity"] == pytest.approx(0.7, abs=0.05)


def test_a_list_that_is_true_is_left_alone():
    lines, summary = fit(observe(synthesize(LISTED)))
    assert np.abs(lines["loggf_change"]).max() < 0.01
    assert summary["rms_before"] < 0.002


def test_pixels_without_information_do_not_count():
    observed = observe(synthesize(LISTED))
    observed.ivar[:, :400] = 0
    observed.flux[:, :400] = 0
    comparison = compare(observed, synthesize(LISTED))
    assert not comparison.known[:380].any()
    assert (comparison.difference[~comparison.known] == 0).all()
    assert comparison.rms < 0.002


def test_one_correction_by_hand():
    # One line, one pixel: weight 1 / (1 + (0.1 / 0.05)^2) / 0.02^2 = 500, prior 1 / 0.2^2 = 25;
    # step = 500 0.5 0.1 / (500 0.5^2 + 25) = 25 / 150.
    now = Comparison(np.array([-0.1, 7.0]), np.array([True, False]), 0.0, 0.0)
    effects = csc_array(np.array([[-0.5], [-3.0]]))
    np.testing.assert_allclose(correct(np.array([0.0]), effects, now), [1 / 6])
    # Without a difference a change made before is drawn back: weight 2500, step = -25 0.3 / (2500 0.5^2 + 25).
    still = Comparison(np.zeros(2), np.array([True, False]), 0.0, 0.0)
    np.testing.assert_allclose(correct(np.array([0.3]), effects, still), [0.3 - 7.5 / 650])


def test_neighbours_go_into_different_batches():
    batches = split_lines(np.array([1.0, 1.5, 2.1, 2.2, 3.0]))
    assert [batch.tolist() for batch in batches] == [[0, 3], [1, 4], [2]]


def test_a_spectrum_of_another_window_ends_in_one_sentence(real_data, tmp_path):
    settings = {
        "adjust": {"reader": "linear_1d", "labels": {"teff": 5771, "logg": 4.44, "feh": 0.03}, "resolution": 47000},
        "atmospheres": "marcs",
        "vmic": {"constant": 1.15, "teff": [0.35, 0.25], "logg": -0.3},
        "wavelength": {"start": 8500, "stop": 8520},
    }
    lines = tmp_path / "lines.parquet"
    pd.DataFrame({"wavelength": [8510.0], "atomic_number": [26], "loggf": [0.0]}).to_parquet(lines)
    sun = real_data / "benchmark_stars" / "ATLAS.Sun_47000.fits"
    with pytest.raises(ValueError, match="expected flux from 8500 to 8520 angstrom, found none"):
        adjust_lines(lines, sun, settings)
