"""Radial velocities by cross-correlation, on spectra of lines at random places."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from spectrolabe.spectra.broadening import rotate
from spectrolabe.spectra.table import NOISE_FREE_IVAR
from spectrolabe.spectra.velocities import find_velocity
from spectrolabe.spectra.wavelength import LIGHT_SPEED, doppler

ONE_ARM = np.arange(5150.0, 5250.0, 0.05)
TWO_ARMS = np.r_[np.arange(5150.0, 5190.0, 0.05), np.arange(5210.0, 5250.0, 0.05)]
LOG_ARM = 5150 * np.exp(2.5 / LIGHT_SPEED * np.arange(2300))
FINE = 5140 * np.exp(0.5 / LIGHT_SPEED * np.arange(14000))


@cache
def lines(strength):
    """Flux on the fine grid of 60 lines of 8 km/s."""
    rng = np.random.default_rng(8)
    centres, depths = rng.uniform(5142, 5258, 60), strength * rng.uniform(0.1, 0.7, 60)
    offsets = LIGHT_SPEED * np.log(FINE[:, None] / centres)
    return np.prod(1 - depths * np.exp(-((offsets / 5) ** 2)), axis=1)


def star(grid, velocity=0.0, vsini=0.0, strength=1.0):
    """Flux on a grid of a star that moves and rotates."""
    flux = rotate(lines(strength)[None], FINE, np.array([vsini]))[0]
    return np.interp(grid / doppler(velocity), FINE, flux)


@pytest.fixture
def templates(make_spectra):
    """Give a function (grid) -> three templates: weak lines, strong lines, strong lines of a rotating star."""
    kinds = [{"strength": 0.4}, {}, {"vsini": 30}]
    return lambda grid: make_spectra(grid, np.array([star(grid, **kind) for kind in kinds]))


@pytest.mark.parametrize("grid", [ONE_ARM, TWO_ARMS, LOG_ARM], ids=["one arm", "two arms", "log"])
def test_velocities_of_spectra_without_noise(make_spectra, templates, grid):
    velocities = [-199.6, -150.0, -3.3, 0.0, 0.7, 61.1, 199.6]
    spectra = make_spectra(grid, np.array([star(grid, velocity) for velocity in velocities]))
    found = find_velocity(spectra, None, templates=templates(grid))
    np.testing.assert_allclose(found.table["rv_removed"], velocities, atol=0.05)
    # At rest again, but for what came from outside and for the interpolation.
    known = found.ivar > 0
    assert known.mean(axis=1).min() > 0.9
    assert np.quantile(np.abs(found.flux - star(grid))[known], 0.99) < 0.01
    assert not known[0, 60]
    assert not known[-1, -60]


@pytest.mark.parametrize(("snr", "median", "most"), [(100, 0.15, 2.0), (30, 0.4, 4.0), (15, 0.8, 8.0)])
def test_velocities_of_noisy_rotating_stars(make_spectra, templates, snr, median, most):
    rng = np.random.default_rng(4)
    velocities, vsini = rng.uniform(-150, 150, 60), rng.uniform(0, 50, 60)
    flux = np.array([star(ONE_ARM, *both, 0.7) for both in zip(velocities, vsini, strict=True)])
    spectra = make_spectra(ONE_ARM, flux + rng.normal(0, 1 / snr, flux.shape), ivar=snr**2)
    error = np.abs(find_velocity(spectra, None, templates=templates(ONE_ARM)).table["rv_removed"] - velocities)
    assert np.median(error) < median
    assert error.max() < most


def test_the_search_ends_at_the_highest_velocity(make_spectra, templates):
    spectra = make_spectra(ONE_ARM, np.array([star(ONE_ARM, 30.0), star(ONE_ARM, -20.0), star(ONE_ARM, 21.0)]))
    found = find_velocity(spectra, None, templates=templates(ONE_ARM), max=20.5)
    assert (np.abs(found.table["rv_removed"]) <= 20.5 + 1e-9).all()
    np.testing.assert_allclose(found.table["rv_removed"][1:], [-20, 20.5], atol=0.05)


def test_missing_pixels_and_cosmic_rays_do_no_harm(make_spectra, templates):
    rng = np.random.default_rng(5)
    flux, ivar = np.tile(star(ONE_ARM, 41.0), (20, 1)), np.full((20, len(ONE_ARM)), 1e4)
    lost = rng.random(flux.shape) < 0.1
    lost[:, 700:1000] = True
    flux[lost], ivar[lost] = np.nan, 0
    flux[:, ::97] = np.where(lost[:, ::97], np.nan, 30.0)
    found = find_velocity(make_spectra(ONE_ARM, flux, ivar=ivar), None, templates=templates(ONE_ARM))
    np.testing.assert_allclose(found.table["rv_removed"], 41, atol=0.5)


def test_velocities_do_not_depend_on_neighbours(make_spectra, templates):
    rng = np.random.default_rng(6)
    flux = np.array([star(ONE_ARM, velocity) for velocity in rng.uniform(-99, 99, 12)])
    ivar = np.where(rng.random(flux.shape) < 0.05, 0, 400.0)
    spectra = make_spectra(ONE_ARM, flux + rng.normal(0, 0.05, flux.shape), ivar=ivar)
    together = find_velocity(spectra, None, templates=templates(ONE_ARM))
    for rows in (slice(3, 4), slice(0, 5), slice(5, 12), [11, 2]):
        apart = find_velocity(spectra.select(rows), None, templates=templates(ONE_ARM))
        np.testing.assert_array_equal(apart.table["rv_removed"], together.select(rows).table["rv_removed"])
        np.testing.assert_array_equal(apart.flux, together.flux[rows])
        np.testing.assert_array_equal(apart.ivar, together.ivar[rows])


def test_what_cannot_be_measured_stays_as_it_is(make_spectra, templates):
    flux = np.array([star(ONE_ARM, 10.0)] * 3)
    ivar = np.full(flux.shape, NOISE_FREE_IVAR)
    ivar[0] = 0
    spectra = make_spectra(ONE_ARM, flux, ivar=ivar, rv=[1.0, 2.0, 3.0])
    spectra = replace(spectra, table=spectra.table.assign(status=["", "b.fits: damaged", ""]))
    found = find_velocity(spectra, None, templates=templates(ONE_ARM))
    np.testing.assert_allclose(found.table["rv_removed"], [np.nan, np.nan, 10], atol=0.05)
    assert found.table["rv"].tolist() == [1, 2, 3]
    np.testing.assert_array_equal(found.flux[:2], flux[:2])
    np.testing.assert_array_equal(found.ivar[:2], ivar[:2])
    none = find_velocity(spectra.select([0]), None, templates=templates(ONE_ARM))
    assert none.table["rv_removed"].isna().tolist() == [True]


def test_velocities_add_to_what_was_removed_before(make_spectra, templates):
    spectra = make_spectra(ONE_ARM, np.array([star(ONE_ARM, 10.0)] * 3), rv_removed=[5.0, np.nan, 7.0])
    spectra.ivar[2] = 0
    found = find_velocity(spectra, None, templates=templates(ONE_ARM))
    np.testing.assert_allclose(found.table["rv_removed"], [15, 10, 7], atol=0.05)
    assert spectra.table["rv_removed"][0] == 5


def test_templates_must_fit(make_spectra, templates):
    spectra = make_spectra(ONE_ARM, star(ONE_ARM))
    with pytest.raises(ValueError, match="2000 pixels in air: they are on another, 2300 pixels in air"):
        find_velocity(spectra, None, templates=templates(LOG_ARM))
    with pytest.raises(ValueError, match="needs templates with lines: expected flux below 1, found one without"):
        find_velocity(spectra, None, templates=make_spectra(ONE_ARM, np.ones(len(ONE_ARM))))
