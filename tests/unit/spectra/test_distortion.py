"""Velocities, noise, scale and lost pixels."""

import numpy as np
import pytest

from spectrolabe.spectra.distortion import (
    add_noise,
    distort_continuum,
    rest_frame,
    scale,
    shift,
    shift_by,
    zero_pixels,
)
from spectrolabe.spectra.randomness import RowGenerators
from spectrolabe.spectra.table import NOISE_FREE_IVAR
from spectrolabe.spectra.wavelength import LIGHT_SPEED, doppler

LOG_GRID = 5200 * np.exp(1 / LIGHT_SPEED * np.arange(1500))
LINEAR_GRID = np.arange(5200.0, 5226.0, 0.02)


def line(wavelength, centre=5212.0):
    return 1 - 0.6 * np.exp(-(((wavelength - centre) / 0.15) ** 2))


@pytest.mark.parametrize("grid", [LOG_GRID, LINEAR_GRID])
@pytest.mark.parametrize("velocity", [0.3, -7.7, 25.0])
def test_shift_moves_a_line_by_parts_of_pixels(make_spectra, grid, velocity):
    shifted = shift_by(make_spectra(grid, line(grid)), np.array([velocity]))
    np.testing.assert_allclose(shifted.flux[0], line(grid / doppler(velocity)), atol=2e-5)


def test_shift_differs_by_row_and_is_written_down(make_spectra):
    spectra = make_spectra(LOG_GRID, np.tile(line(LOG_GRID), (3, 1)))
    shifted = shift(spectra, RowGenerators(2, ["a", "b", "c"]), max=10)
    velocity = shifted.table["rv"].to_numpy()
    assert len(set(velocity)) == 3
    assert np.abs(velocity).max() <= 10
    np.testing.assert_allclose(shifted.flux[1], line(LOG_GRID / doppler(velocity[1])), atol=1e-6)


@pytest.mark.parametrize("grid", [LOG_GRID, np.arange(5200.0, 5226.0, 5210 / LIGHT_SPEED)])
def test_shift_loses_what_came_from_outside_or_was_bad(make_spectra, grid):
    ivar = np.ones(len(grid))
    ivar[100] = 0
    flux = np.where(ivar > 0, 1.0, 1e3)
    # Five pixels and 0.4 to the red at the first pixels, about so elsewhere.
    shifted = shift_by(make_spectra(grid, flux, ivar=ivar), np.array([5.4]))
    assert np.flatnonzero(shifted.ivar[0] == 0).tolist() == [0, 1, 2, 3, 4, 105, 106]
    np.testing.assert_allclose(shifted.flux, 1)


def test_arms_move_apart_from_each_other(make_spectra):
    grid = np.r_[np.arange(5200.0, 5210, 0.05), np.arange(5300.0, 5310, 0.05)]
    shifted = shift_by(make_spectra(grid, np.where(grid < 5250, 1.0, 9.0)), np.array([6.0]))
    np.testing.assert_allclose(shifted.flux[0], np.where(grid < 5250, 1, 9))
    assert np.flatnonzero(shifted.ivar[0] == 0).tolist() == [0, 1, 200, 201]


def test_rest_frame_divides_the_wavelength(make_spectra):
    spectra = make_spectra(LINEAR_GRID, line(LINEAR_GRID), rv=30.0)
    np.testing.assert_allclose(rest_frame(spectra, None).wavelength, LINEAR_GRID / doppler(30.0))
    for at_rest in (
        make_spectra(LINEAR_GRID, line(LINEAR_GRID), rv=np.nan),
        make_spectra(LINEAR_GRID, line(LINEAR_GRID)),
    ):
        np.testing.assert_array_equal(rest_frame(at_rest, None).wavelength, LINEAR_GRID)


def test_rest_frame_needs_one_velocity(make_spectra):
    spectra = make_spectra(LINEAR_GRID, np.ones((2, len(LINEAR_GRID))), rv=[1.0, 2.0])
    with pytest.raises(ValueError, match="expected one velocity, the table has 2"):
        rest_frame(spectra, None)


def test_noise_has_the_level_that_it_says(make_spectra):
    spectra = make_spectra(np.arange(5000.0), np.ones((2, 5000), np.float32))
    noisy = add_noise(spectra, RowGenerators(3, ["a", "b"]), snr=[30, 150])
    snr = noisy.table["snr"].to_numpy()
    assert ((snr >= 30) & (snr <= 150)).all()
    np.testing.assert_allclose(noisy.ivar, np.repeat(snr[:, None] ** 2, 5000, axis=1), rtol=1e-6)
    np.testing.assert_allclose(noisy.flux.std(axis=1) * snr, 1, atol=0.03)
    assert noisy.flux.dtype == np.float32


def test_noise_as_a_share_of_the_continuum(make_spectra):
    noisy = add_noise(make_spectra(np.arange(5000.0), np.ones(5000)), RowGenerators(3, ["a"]), max=0.07)
    assert 0 < noisy.flux.std() < 0.07
    none = add_noise(make_spectra(np.arange(50.0), np.ones(50)), RowGenerators(3, ["a"]), max=0.0)
    np.testing.assert_array_equal(none.flux, 1)
    np.testing.assert_array_equal(none.ivar, NOISE_FREE_IVAR)


def test_noise_adds_to_noise(make_spectra):
    ivar = np.array([[4.0, 0.0, 1.0]])
    spectra = make_spectra(np.arange(3.0), np.array([[1.0, 5, 1]]), ivar=ivar)
    noisy = add_noise(spectra, RowGenerators(3, ["a"]), snr=[2, 2])
    # Variances 1/4 + 1/4 and 1 + 1/4.
    np.testing.assert_allclose(noisy.ivar, [[2, 0, 0.8]])
    assert noisy.flux[0, 1] == 5
    assert noisy.table["snr"].iloc[0] == pytest.approx(np.sqrt(1.4))


@pytest.mark.parametrize(("law", "mean"), [("uniform", 50.5), ("log", 99 / np.log(100))])
def test_signal_to_noise_follows_the_law(make_spectra, law, mean):
    names = [f"star-{number}" for number in range(2000)]
    spectra = make_spectra(np.arange(3.0), np.ones((2000, 3)))
    snr = add_noise(spectra, RowGenerators(3, names), snr=[1, 100], law=law).table["snr"]
    assert snr.between(1, 100).all()
    # Means of the two laws; that of 2000 draws is good to about 0.6.
    assert snr.mean() == pytest.approx(mean, abs=2)


def test_an_unknown_law_is_named(make_spectra):
    spectra = make_spectra(np.arange(3.0), np.ones(3))
    with pytest.raises(ValueError, match="unknown law 'flat' of add_noise: expected log or uniform"):
        add_noise(spectra, RowGenerators(3, ["a"]), snr=[5, 300], law="flat")


@pytest.mark.parametrize("options", [{}, {"max": 0.1, "snr": [30, 150]}])
def test_noise_is_described_once(make_spectra, options):
    with pytest.raises(ValueError, match="one of max, snr, spread: found (none|max and snr)"):
        add_noise(make_spectra(np.arange(3.0), np.ones(3)), RowGenerators(3, ["a"]), **options)


def test_scale(make_spectra):
    scaled = scale(make_spectra(np.arange(3.0), np.ones((1, 3)), ivar=8.0), RowGenerators(3, ["a"]), min=2, max=2)
    np.testing.assert_allclose(scaled.flux, 2)
    np.testing.assert_allclose(scaled.ivar, 2)


def test_a_continuum_is_distorted_by_a_parabola_of_its_own(make_spectra):
    names = [f"star-{number}" for number in range(300)]
    # Two arms: the parabola spans both.
    wavelength = np.r_[np.arange(4450.0, 4600), np.arange(4900.0, 5001)]
    flux = np.full((300, len(wavelength)), 0.5, np.float32)
    distorted = distort_continuum(make_spectra(wavelength, flux, ivar=8.0), RowGenerators(3, names), min=0.95, max=1.05)
    factor = distorted.flux / 0.5
    assert distorted.flux.dtype == np.float32
    assert factor.min() >= 0.95 - 1e-6
    assert factor.max() <= 1.05 + 1e-6
    np.testing.assert_allclose(distorted.ivar, 8 / factor**2, rtol=1e-6)
    curvature, slope, _ = np.polyfit((wavelength - 4725) / 275, factor.T, 2)
    fitted = np.polynomial.polynomial.polyvander((wavelength - 4725) / 275, 2)
    assert np.abs(np.linalg.lstsq(fitted, factor.T, rcond=None)[0].T @ fitted.T - factor).max() < 1e-6
    vertex = 4725 - 275 * slope / (2 * curvature)
    assert (curvature < 0).all()
    assert (vertex > 4450 - 0.1).all()
    assert (vertex < 5000 + 0.1).all()
    # Uniform over the spectrum, between the arms as well; lowest at the farther end.
    assert np.quantile(vertex, [0.25, 0.5, 0.75]) == pytest.approx([4587.5, 4725, 4862.5], abs=40)
    np.testing.assert_array_equal(factor.argmin(axis=1) == 0, vertex > 4725)


def test_zero_pixels(make_spectra):
    spectra = make_spectra(np.arange(1000.0), np.ones((2, 1000)))
    lost = zero_pixels(spectra, RowGenerators(3, ["a", "b"]), max=0.1)
    missing = (lost.flux == 0).sum(axis=1)
    assert ((missing > 0) & (missing <= 100)).all()
    np.testing.assert_array_equal(lost.flux == 0, lost.ivar == 0)
    assert spectra.flux.all()


def test_noise_as_a_share_of_a_spectrum_s_own_spread(make_spectra):
    flux = np.tile([1.0, 3.0], (3, 5000)) * np.array([[1.0], [100], [1]])
    ivar = np.full(flux.shape, 1e4) / np.array([[1.0], [100], [1]]) ** 2
    ivar[2] = 0
    spectra = make_spectra(np.arange(10000.0), flux, ivar=ivar, snr=[200.0, 200.0, 200.0])
    noisy = add_noise(spectra, RowGenerators(3, ["a", "b", "c"]), spread=[0.01, 0.05])
    # Spreads of 1 and 100, about means of 2 and 200.
    level = (noisy.flux - flux).std(axis=1)[:2] / [1, 100]
    assert ((level > 0.01 * 0.95) & (level < 0.05 * 1.05)).all()
    np.testing.assert_array_equal(noisy.flux[2], flux[2])
    # The error of 0.01 (1 in 200) grows by the noise, whatever the unit, and S/N falls by as much.
    np.testing.assert_allclose(noisy.table["snr"][:2], 2 / np.hypot(0.01, level), rtol=0.03)
    assert np.isnan(noisy.table["snr"][2])
    np.testing.assert_allclose(noisy.ivar[:2, 0] * [1, 1e4], 1 / np.hypot(0.01, level) ** 2, rtol=0.05)
    without = make_spectra(np.arange(3.0), np.arange(3.0))
    assert "snr" not in add_noise(without, RowGenerators(3, ["a"]), spread=[0.1, 0.2]).table


def test_shares_of_the_spread_are_uniform(make_spectra):
    names = [f"star-{number}" for number in range(2000)]
    spectra = make_spectra(np.arange(3.0), np.tile([-1.0, 0, 1], (2000, 1)))
    noise = 1 / np.sqrt(add_noise(spectra, RowGenerators(3, names), spread=[0.01, 0.05]).ivar[:, 0] * 2 / 3)
    assert noise.min() >= 0.01
    assert noise.max() <= 0.05
    assert np.quantile(noise, [0.25, 0.5, 0.75]) == pytest.approx([0.02, 0.03, 0.04], abs=0.002)
