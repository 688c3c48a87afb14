import numpy as np
import pytest

from spectrolabe.train.heads import HEADS
from spectrolabe.train.projection import principal_axes
from spectrolabe.train.scaling import LabelScaling
from spectrolabe.train.training import build_model


@pytest.fixture
def flux():
    """Two patterns of very different strength, at right angles, and hardly any noise; shape (300, 4)."""
    rng = np.random.default_rng(5)
    strong, weak = rng.normal(0, 0.5, 300), rng.normal(0, 0.05, 300)
    spectra = 1 + np.outer(strong, [0.5, 0.5, 0.5, 0.5]) + np.outer(weak, [0.5, -0.5, 0.5, -0.5])
    return spectra.astype(np.float32)


def test_components_have_unit_spread_and_are_uncorrelated(flux):
    mean, variance = flux.mean(axis=0), np.ones(4, np.float32)
    projected = (flux - mean) @ principal_axes(flux, mean, variance, 2, seed=1)
    assert np.allclose(projected.T @ projected / len(flux), np.eye(2), atol=1e-3)


def test_axes_point_along_the_patterns(flux):
    mean, variance = flux.mean(axis=0), np.ones(4, np.float32)
    first, second = principal_axes(flux, mean, variance, 2, seed=1).T
    assert np.allclose(np.abs(first) / np.abs(first).max(), 1, atol=1e-2)
    assert np.allclose(second[[0, 2]], -second[[1, 3]], rtol=1e-2)


def test_missing_pixels_do_not_bend_the_axes(flux):
    mean, variance = flux.mean(axis=0), np.ones(4, np.float32)
    whole = principal_axes(flux, mean, variance, 1, seed=1)[:, 0]
    flux[7, 2] = 0
    assert np.allclose(np.abs(principal_axes(flux, mean, variance, 1, seed=1)[:, 0]), np.abs(whole), rtol=0.02)


def test_more_components_than_spectra_are_refused(flux):
    with pytest.raises(ValueError, match="found 5 for 300 training spectra of 4 pixels"):
        principal_axes(flux, flux.mean(axis=0), np.ones(4), 5, seed=1)


def test_a_network_on_components_trains_all_but_them(flux):
    labels = np.linspace([4000, 1], [6000, 4], len(flux)).astype(np.float32)
    network = {"perceptron": {"components": 2, "units": [3]}}
    model = build_model(flux, network, HEADS["gaussian"](), LabelScaling.fit(labels, ["teff", "logg"]), seed=3)
    assert model.get_layer("principal_components").get_weights()[0].shape == (4, 2)
    assert sum(int(np.prod(weight.shape)) for weight in model.trainable_weights) == 2 * 3 + 3 + 3 * 4 + 4
