"""Rotation and the instrument's profile."""

import numpy as np
import pytest

from spectrolabe.spectra.broadening import (
    FWHM,
    LIGHT_SPEED,
    broaden,
    broaden_to_resolution,
    filter_rows,
    rotate,
    rotate_randomly,
    velocity_step,
)
from spectrolabe.spectra.randomness import RowGenerators
from spectrolabe.spectra.wavelength import is_log_uniform

GRID = 5200 * np.exp(1 / LIGHT_SPEED * np.arange(2000))  # 1 km/s a pixel
ARMS = [{"start": 5200, "stop": 5240, "resolution": 20000}]


def gaussian_line(wavelength, fwhm, centre=5217.0):
    """Give a line of the given FWHM (km/s) and the area of 10 km/s."""
    velocity, sigma = LIGHT_SPEED * np.log(wavelength / centre), fwhm / FWHM
    return 1 - 10 / (sigma * np.sqrt(2 * np.pi)) * np.exp(-0.5 * (velocity / sigma) ** 2)


def test_velocity_step():
    assert velocity_step(GRID) == pytest.approx(1.0)
    with pytest.raises(ValueError, match="uniform in log wavelength"):
        velocity_step(np.linspace(5000, 6000, 100))


def test_every_arm_is_broadened_by_itself():
    arms = [GRID, 1.5 * GRID]
    lines = [gaussian_line(arm, 4.0, centre)[None] for arm, centre in zip(arms, (5233.0, 1.5 * 5217.0), strict=True)]
    both = rotate(np.concatenate(lines, axis=1), np.concatenate(arms), np.array([20.0]))
    alone = [rotate(flux, arm, np.array([20.0])) for flux, arm in zip(lines, arms, strict=True)]
    np.testing.assert_array_equal(both, np.concatenate(alone, axis=1))


@pytest.mark.parametrize("before", [40000.0, np.array([40000.0, 80000.0])])
def test_resolutions_add_in_quadrature(before):
    start = np.atleast_1d(before)
    lines = np.array([gaussian_line(GRID, LIGHT_SPEED / r) for r in start])
    expected = gaussian_line(GRID, LIGHT_SPEED / 20000)
    broadened = broaden_to_resolution(lines, GRID, 20000, before)
    np.testing.assert_allclose(broadened, np.broadcast_to(expected, lines.shape), atol=1e-6)


def test_resolution_is_never_raised():
    with pytest.raises(ValueError, match="cannot broaden to R = 50000: the spectra have only R = 40000"):
        broaden_to_resolution(np.ones((1, 2000)), GRID, 50000, 40000)


def test_rotation_agrees_with_pyastronomy():
    pyasl = pytest.importorskip("PyAstronomy.pyasl")
    linear = np.arange(5212.0, 5222.0, 0.01)
    expected = pyasl.rotBroad(linear, gaussian_line(linear, 8.0), 0.6, 15.0)
    fine = 5205 * np.exp(0.5 / LIGHT_SPEED * np.arange(8000))
    rotated = rotate(gaussian_line(fine, 8.0)[None], fine, np.array([15.0]))[0]
    np.testing.assert_allclose(np.interp(linear, fine, rotated), expected, atol=2e-3)


def test_rotation_differs_by_row_and_keeps_area_and_rest():
    line = np.tile(gaussian_line(GRID, 15.0), (3, 1))
    rotated = rotate(line, GRID, np.array([0.0, 10.0, 40.0]))
    np.testing.assert_allclose(rotated[0], line[0], atol=1e-9)
    np.testing.assert_allclose((1 - rotated).sum(axis=1), 10, rtol=1e-6)
    assert rotated[0].min() < rotated[1].min() < rotated[2].min()


def test_nothing_wraps_around():
    slope = np.linspace(1.0, 3.0, 500)[None]
    smoothed = filter_rows(slope, 1.0, lambda k, dv: np.exp(-2 * np.pi**2 * k**2 * 25))
    np.testing.assert_allclose(smoothed[0, 30:-30], slope[0, 30:-30], atol=1e-6)
    np.testing.assert_allclose(smoothed[0, [0, -1]], [1, 3], atol=0.02)


def test_rotation_step_writes_its_label(make_spectra):
    spectra = make_spectra(GRID, np.tile(gaussian_line(GRID, 15.0), (2, 1)))
    rotated = rotate_randomly(spectra, RowGenerators(1, ["a", "b"]), min=5, max=10, label="vbroad")
    vsini = rotated.table["vbroad"].to_numpy()
    assert ((vsini >= 5) & (vsini <= 10)).all()
    np.testing.assert_allclose(rotated.flux, rotate(spectra.flux, GRID, vsini))
    np.testing.assert_array_equal(rotated.ivar, spectra.ivar)


def test_instrument_step_starts_from_each_row(make_spectra):
    lines = [gaussian_line(GRID, LIGHT_SPEED / r) for r in (40000, 20000, 10000)]
    spectra = make_spectra(GRID, lines, resolution=[40000.0, 20000.0, 10000.0])
    broadened = broaden(spectra, None, arms=ARMS)
    np.testing.assert_allclose(broadened.flux[0], lines[1], atol=1e-6)
    np.testing.assert_array_equal(broadened.flux[1:], spectra.flux[1:])
    assert broadened.table["resolution"].tolist() == [20000, 20000, 10000]


def test_instrument_step_takes_unknown_resolution_as_infinite(make_spectra):
    spectra = make_spectra(GRID, gaussian_line(GRID, 10.0), resolution=[np.nan])
    known = make_spectra(GRID, gaussian_line(GRID, 10.0), resolution=[np.inf])
    np.testing.assert_array_equal(broaden(spectra, None, arms=ARMS).flux, broaden(known, None, arms=ARMS).flux)


def test_each_arm_has_its_resolution(make_spectra):
    lines = gaussian_line(GRID, 5.0, 5208.0) + gaussian_line(GRID, 5.0, 5225.0) - 1
    arms = [{"start": 5200, "stop": 5215, "resolution": 20000}, {"start": 5217, "stop": 5240, "resolution": 10000}]
    broadened = broaden(make_spectra(GRID, lines), None, arms=arms).flux
    first, second = (broaden_to_resolution(lines[None], GRID, arm["resolution"]) for arm in arms)
    np.testing.assert_array_equal(broadened, np.where(GRID < 5216, first, second))


def test_linear_spectra_go_to_a_log_grid(make_spectra):
    linear = np.arange(5205.0, 5230.0, 0.01)
    spectra = make_spectra(linear, gaussian_line(linear, LIGHT_SPEED / 47000), resolution=47000.0)
    broadened = broaden(spectra, None, arms=ARMS)
    assert is_log_uniform(broadened.wavelength)
    np.testing.assert_allclose(broadened.flux[0], gaussian_line(broadened.wavelength, LIGHT_SPEED / 20000), atol=1e-5)


def test_bad_pixels_are_bridged_and_spread(make_spectra):
    flux, ivar = np.ones(2000), np.ones(2000)
    flux[995:1005], ivar[995:1005] = 1e6, 0
    broadened = broaden(make_spectra(GRID, flux, ivar=ivar), None, arms=ARMS)
    np.testing.assert_allclose(broadened.flux, 1)
    lost = np.flatnonzero(broadened.ivar[0] == 0)
    # FWHM 15 km/s, sigma 6.37 pixels: a tenth of the profile's area lies beyond 1.28 sigma = 8.2 pixels; the gap is
    # finite.
    assert (lost[0], lost[-1]) == (987, 1012)


def test_information_is_kept_by_smoothing(make_spectra):
    ivar = 100 * (1.5 + np.sin(np.arange(2000) / 200))
    broadened = broaden(make_spectra(GRID, np.ones(2000), ivar=ivar), None, arms=ARMS)
    np.testing.assert_allclose(broadened.ivar[0], ivar, rtol=0.02)


def test_arm_without_resolution_is_named(make_spectra):
    spectra = make_spectra(GRID, np.ones(2000))
    with pytest.raises(ValueError, match="resolution of the arm 5200-5240: it has none"):
        broaden(spectra, None, arms=[{"start": 5200, "stop": 5240}])


def test_a_resolution_of_its_own_takes_the_place_of_those_of_the_arms(make_spectra):
    spectra = make_spectra(GRID, gaussian_line(GRID, 4.0)[None])
    own = broaden(spectra, RowGenerators(1, ["a"]), resolution=20000)
    arms = broaden(spectra, RowGenerators(1, ["a"]), arms=ARMS)
    np.testing.assert_array_equal(own.flux, arms.flux)
    np.testing.assert_array_equal(own.table["resolution"], 20000)
