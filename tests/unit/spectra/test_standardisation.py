"""Spectra without their mean, in units of their own standard deviation."""

import numpy as np
import pytest

from spectrolabe.spectra.randomness import RowGenerators
from spectrolabe.spectra.standardisation import measure_spread, standardise
from spectrolabe.spectra.steps import apply_steps


def test_flux_is_in_units_of_its_own_spread(make_spectra):
    # Means 2 and 20, standard deviations sqrt(2/3) and sqrt(200/3); the fourth pixel is bad.
    flux = np.array([[1.0, 2, 3, 99], [10, 20, 30, np.inf]])
    spectra = make_spectra(np.arange(4.0), flux, ivar=np.array([[3.0, 3, 3, 0], [0.03, 0.03, 0.03, 0]]))
    done = standardise(spectra, None)
    np.testing.assert_allclose(done.flux, np.tile(np.array([-1, 0, 1, 0]) * np.sqrt(1.5), (2, 1)))
    np.testing.assert_allclose(done.ivar, [[2, 2, 2, 0], [2, 2, 2, 0]])
    np.testing.assert_allclose(standardise(done, None).flux, done.flux)


def test_how_bright_a_star_is_does_not_matter(make_spectra):
    flux = np.random.default_rng(3).uniform(0.5, 1, (1, 200)).astype(np.float32)
    faint, bright = (standardise(make_spectra(np.arange(200.0), scale * flux), None) for scale in (1e-17, 300))
    np.testing.assert_allclose(faint.flux, bright.flux, rtol=1e-5, atol=1e-6)
    assert faint.flux.dtype == np.float32
    np.testing.assert_allclose([bright.flux.mean(), bright.flux.std()], [0, 1], atol=1e-6)


def test_a_spectrum_without_information_stays_without(make_spectra):
    done = standardise(make_spectra(np.arange(3.0), np.full((1, 3), 7.0), ivar=np.zeros((1, 3))), None)
    assert not done.flux.any()
    assert not done.ivar.any()


@pytest.mark.parametrize("dtype", [np.float32, float])
def test_a_constant_spectrum_is_named(make_spectra, dtype):
    flux = np.full((2, 500), 0.7, dtype)
    flux[0, :250] = 0.6
    message = "flux that differs between pixels; spectrum star-1 has 0.7 in all 500 known pixels"
    with pytest.raises(ValueError, match=message):
        standardise(make_spectra(np.arange(500.0), flux), None)


def test_spread_counts_pixels_with_information_alone():
    mean, spread = measure_spread(np.array([[1.0, 3, 50], [5, 5, 5]]), np.array([[1.0, 1, 0], [0, 0, 0]]))
    np.testing.assert_allclose(mean, [2, 0])
    np.testing.assert_allclose(spread, [1, 0])


def test_step_does_not_depend_on_neighbours(make_spectra):
    spectra = make_spectra(np.arange(50.0), np.random.default_rng(1).uniform(1, 9, (40, 50)))
    steps = [{"standardise": {}}, {"add_noise": {"spread": [0.01, 0.05]}}]
    names, chosen = spectra.table["spectrum_id"].tolist(), [39, 2]
    together = apply_steps(spectra, steps, RowGenerators(2, names))
    apart = apply_steps(spectra.select(chosen), steps, RowGenerators(2, [names[row] for row in chosen]))
    np.testing.assert_array_equal(apart.flux, together.flux[chosen])
