import keras
import numpy as np
import pytest

from spectrolabe.train.heads import HEADS
from spectrolabe.train.members import build_model
from spectrolabe.train.projection import principal_axes
from spectrolabe.train.scaling import LabelScaling


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


def test_components_of_a_common_scale_keep_their_ratio(flux):
    mean, variance = flux.mean(axis=0), np.ones(4, np.float32)
    projected = (flux - mean) @ principal_axes(flux, mean, variance, 2, seed=1, common=True)
    strong, weak = projected.std(axis=0)
    # The patterns' strengths differ by ten; their mean square is one.
    assert strong / weak == pytest.approx(10, rel=0.15)
    assert (strong**2 + weak**2) / 2 == pytest.approx(1, rel=1e-3)


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


def test_a_network_of_a_common_scale_scales_components_alike(flux):
    labels = np.linspace([4000, 1], [6000, 4], len(flux)).astype(np.float32)
    scaling = LabelScaling.fit(labels, ["teff", "logg"])
    spread = {}
    for way in ("per_pixel", "common"):
        network = {"perceptron": {"components": 2, "units": [3], "flux_scaling": way}}
        model = build_model(flux, network, HEADS["gaussian"](), scaling, seed=3)
        inner = keras.Model(model.input, model.get_layer("principal_components").output)
        spread[way] = inner.predict(flux, verbose=0).std(axis=0)
    assert np.allclose(spread["per_pixel"], 1, atol=1e-2)
    assert spread["common"][0] > 5 * spread["common"][1]


def test_convolutions_see_spectra_rebuilt_without_what_no_component_holds(flux):
    noisy = flux + np.random.default_rng(6).normal(0, 0.01, flux.shape).astype(np.float32)
    labels = np.linspace([4000, 1], [6000, 4], len(flux)).astype(np.float32)
    options = {"components": 2, "filters": [1], "kernel": 2, "pool": 2, "dense": [3], "flux_scaling": "common"}
    scaling = LabelScaling.fit(labels, ["teff", "logg"])
    model = build_model(noisy, {"conv_pairs": options}, HEADS["gaussian"](), scaling, seed=3)
    outputs = [model.get_layer(name).output for name in ("flux_scaling", "rebuilt_flux")]
    scaled, rebuilt = keras.Model(model.input, outputs).predict(noisy, verbose=0)
    # Of four directions two hold the patterns, so that half of the noise's variance is left.
    factor = scaled.std() / noisy.std()
    truth = (flux - noisy.mean(axis=0)) * factor
    assert np.var(scaled - truth) / (factor * 0.01) ** 2 == pytest.approx(1, rel=0.1)
    assert np.var(rebuilt - truth) / (factor * 0.01) ** 2 == pytest.approx(0.5, rel=0.15)
    assert sum(int(np.prod(weight.shape)) for weight in model.trainable_weights) == 2 + 1 + 2 * 3 + 3 + 3 * 4 + 4


def test_a_network_on_components_trains_all_but_them(flux):
    labels = np.linspace([4000, 1], [6000, 4], len(flux)).astype(np.float32)
    network = {"perceptron": {"components": 2, "units": [3]}}
    model = build_model(flux, network, HEADS["gaussian"](), LabelScaling.fit(labels, ["teff", "logg"]), seed=3)
    assert model.get_layer("principal_components").get_weights()[0].shape == (4, 2)
    assert sum(int(np.prod(weight.shape)) for weight in model.trainable_weights) == 2 * 3 + 3 + 3 * 4 + 4
