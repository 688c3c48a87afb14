"""The Cannon's model: coefficients and labels of spectra that follow it are met, from far starts too."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from keras import ops

from spectrolabe.spectra.table import Spectra
from spectrolabe.train.quadratic import build_step, expand, fit_pixels, symmetric_places
from spectrolabe.train.solved import solve_member

LABELS = ["teff", "logg", "feh"]
CENTRE, SPREAD = np.array([5500, 3, -1]), np.array([600, 1, 0.5])
QUADRATIC = {"quadratic": {"iterations": 10}}


def coefficients(pixels=60):
    """Few pixels care for the products, all for temperature: the labels are far from linear in the flux."""
    values = np.random.default_rng(5).normal(size=(10, pixels)) * 0.02
    values[0] += 1
    values[1] += 0.1
    values[4] -= 0.04
    return values.T


def make_spectra(count, seed, noise=0.0):
    rng = np.random.default_rng(seed)
    labels = rng.uniform(-1.5, 1.5, (count, 3))
    flux = expand(labels) @ coefficients().T
    flux += rng.normal(0, noise, flux.shape) if noise else 0
    table = pd.DataFrame(CENTRE + SPREAD * labels, columns=LABELS)
    table.insert(0, "spectrum_id", [f"star-{number}" for number in range(count)])
    return Spectra(np.arange(5000.0, 5060.0), "air", flux.astype(np.float32), np.ones(flux.shape, np.float32), table)


def solve(training, network=None):
    settings = {"labels": LABELS, "network": network or QUADRATIC, "head": {"point": {}}}
    return solve_member(training, make_spectra(50, 2), **settings, report=lambda line: None)[0]


def errors(model, spectra):
    """Errors in units of the labels' spread."""
    return (np.asarray(model(spectra.flux)) - spectra.table[LABELS].to_numpy()) / SPREAD


def test_terms_and_their_places_by_hand():
    np.testing.assert_array_equal(expand(np.array([[2.0, 3.0]])), [[1, 2, 3, 4, 6, 9]])
    np.testing.assert_array_equal(symmetric_places(3), [[0, 1, 2], [1, 3, 4], [2, 4, 5]])


def test_coefficients_and_scatter_are_those_of_the_spectra():
    labels = np.random.default_rng(1).uniform(-1, 1, (4000, 3))
    flux = expand(labels) @ coefficients().T
    flux[:, :30] += np.random.default_rng(2).normal(0, 0.05, (4000, 30))
    flux[:, 40] = 0
    flux[::2, 41] = 0
    fitted = fit_pixels(flux.astype(np.float32), expand(labels))
    np.testing.assert_allclose(fitted.coefficients[30:40], coefficients()[30:40], atol=1e-6)
    np.testing.assert_allclose(fitted.coefficients[41], coefficients()[41], atol=1e-6)
    np.testing.assert_allclose(fitted.weights[:30] ** -0.5, 0.05, rtol=0.05)
    assert fitted.weights[40] == 0
    assert (fitted.coefficients[40] == 0).all()
    assert (fitted.weights[41:] > 1e6).all()


def test_labels_of_spectra_that_follow_the_model_are_met():
    spectra = make_spectra(300, 3)
    model = solve(make_spectra(600, 1))
    assert np.abs(errors(model, spectra)).max() < 1e-3
    # Without some of its pixels as well.
    rng = np.random.default_rng(4)
    some = replace(spectra, flux=np.where(rng.random(spectra.flux.shape) < 0.3, 0, spectra.flux))
    assert np.abs(errors(model, some)).max() < 5e-3


def test_noisy_spectra_are_labelled_as_well_as_least_squares_can():
    training, spectra = make_spectra(3000, 1, noise=0.01), make_spectra(500, 3, noise=0.01)
    found = errors(solve(training), spectra)
    # The bound of Cramer and Rao at the labels of each star, for the true coefficients.
    labels = (spectra.table[LABELS].to_numpy() - CENTRE) / SPREAD
    step = 1e-5
    slopes = [(expand(labels + step * unit) - expand(labels)) / step @ coefficients().T for unit in np.eye(3)]
    information = np.einsum("inp,jnp->nij", slopes, slopes) / 0.01**2
    bound = np.sqrt(np.diagonal(np.linalg.inv(information), axis1=1, axis2=2))
    inside = (np.abs(labels) < 1.2).all(axis=1) & (bound < 0.2).all(axis=1)
    assert inside.sum() > 100
    assert np.sqrt(np.mean((found[inside] / bound[inside]) ** 2, axis=0)) == pytest.approx([1, 1, 1], abs=0.15)


def test_starts_beyond_the_range_converge():
    labels = np.random.default_rng(6).uniform(-1.5, 1.5, (200, 3))
    # Products that count for less than the labels themselves, so that there is one minimum.
    slopes = coefficients()[:, 1:] * np.repeat([1, 0.25], [3, 6])
    curvature = (slopes.T @ slopes).astype(np.float32)
    # In units of a curvature of about 1, as a member has it.
    curvature /= np.trace(curvature[:3, :3]) / 3
    projections = (expand(labels)[:, 1:] @ curvature).astype(np.float32)
    step = build_step(3, np.full(3, -1.8), np.full(3, 1.8))
    found, damping = np.random.default_rng(7).choice([-1.8, 1.8], (200, 3)).astype(np.float32), np.full((200, 1), 0.01)
    curvature = np.repeat(curvature[None], 200, axis=0)
    for _ in range(10):
        found, damping = step(
            [ops.convert_to_tensor(part, "float32") for part in (found, damping, projections, curvature)]
        )
    # From corners of the range widened by a fifth.
    assert np.abs(np.asarray(found) - labels).max() < 1e-3


def test_labels_stay_within_the_training_labels_and_a_tenth_of_their_range():
    model = solve(make_spectra(600, 1))
    noise = np.random.default_rng(8).normal(1, 5, (100, 60)).astype(np.float32)
    found = (np.asarray(model(noise)) - CENTRE) / SPREAD
    assert np.isfinite(found).all()
    assert np.abs(found).max() < 1.5 + 0.1 * 3 + 0.02


def test_spectra_without_all_labels_teach_nothing():
    training = make_spectra(600, 1)
    wrong = np.arange(0, 600, 4)
    training.flux[wrong] = 7
    training.table.loc[wrong, "feh"] = np.nan
    assert np.abs(errors(solve(training), make_spectra(300, 3))).max() < 1e-3
    with pytest.raises(ValueError, match="^9 training spectra have all labels: expected at least 10, the terms"):
        solve(make_spectra(9, 1))
