"""Gradients of members: those of known models are met, missing pixels count for nothing."""

import keras
import numpy as np
import pytest

from spectrolabe.predict.gradients import BATCH, measure_gradients
from spectrolabe.train.heads import GaussianHead, PointHead
from spectrolabe.train.members import build_model, save_member
from spectrolabe.train.scaling import LabelScaling

WEIGHTS = np.array([[0.0, 2.0, -3.0, 0.0], [100.0, 0.0, 0.0, 5.0]], np.float32)


def save_linear(path, weights):
    """A member whose labels are sums of flux with known weights, shape (n_labels, n_pixels)."""
    inputs = keras.Input((weights.shape[1],))
    layer = keras.layers.Dense(len(weights))
    model = keras.Model(inputs, layer(inputs))
    layer.set_weights([weights.T, np.array([7.0, -1.0], np.float32)])
    save_member(model, path)
    return path


def test_a_linear_model_gives_its_weights(tmp_path):
    # One more than a batch: rows that fill the last one up must add nothing.
    flux = np.random.default_rng(1).uniform(0.5, 1, (BATCH + 1, 4)).astype(np.float32)
    paths = [save_linear(tmp_path / f"{factor}.keras", factor * WEIGHTS) for factor in (1, 3)]
    found = measure_gradients(paths, flux, 2)
    assert found == pytest.approx(np.stack([WEIGHTS, 3 * WEIGHTS]), rel=1e-6)


def test_missing_pixels_count_in_the_spectra_that_have_them(tmp_path):
    inputs = keras.Input((3,))
    save_member(keras.Model(inputs, keras.ops.square(inputs)[:, :2] * 0.5), tmp_path / "0.keras")
    flux = np.array([[1.0, 0.0, np.nan], [3.0, 4.0, 0.0]], np.float32)
    ((first, second),) = measure_gradients([tmp_path / "0.keras"], flux, 2)
    # d (x^2 / 2) / dx = x: the mean of 1 and 3, and 4 of the one spectrum that has it; nobody has the third pixel.
    np.testing.assert_allclose(first, [2, 0, np.nan])
    np.testing.assert_allclose(second, [0, 4, np.nan])


@pytest.mark.parametrize("head", [PointHead(), GaussianHead()])
def test_gradients_are_finite_differences_in_physical_units(tmp_path, head):
    rng = np.random.default_rng(2)
    flux = rng.uniform(0.4, 1, (6, 30)).astype(np.float32)
    scaling = LabelScaling(*(np.array(pair, np.float32) for pair in ([5500, 4], [800, 0.5], [4000, 3])))
    network = {"perceptron": {"units": [8], "activation": "tanh"}}
    model = build_model(flux, network, head, scaling, seed=3)
    save_member(model, tmp_path / "0.keras")
    (found,) = measure_gradients([tmp_path / "0.keras"], flux, 2)
    step = 0.02
    for pixel in (0, 11, 29):
        move = step * np.eye(30, dtype=np.float32)[pixel]
        change = (model(flux + move) - model(flux - move)).numpy()[:, :2].mean(axis=0) / (2 * step)
        assert found[:, pixel] == pytest.approx(change, rel=0.01, abs=0.003 * np.abs(found).max(axis=1).min())
    assert np.abs(found[0]).max() > 100 * np.abs(found[1]).max()


def test_a_network_of_convolutions_has_gradients(tmp_path):
    rng = np.random.default_rng(2)
    flux = rng.uniform(0.4, 1, (5, 32)).astype(np.float32)
    scaling = LabelScaling(np.zeros(1, np.float32), np.ones(1, np.float32), np.zeros(1, np.float32))
    options = {"filters": [2], "kernel": 3, "pool": 2, "dense": [4]}
    save_member(build_model(flux, {"conv": options}, PointHead(), scaling, seed=3), tmp_path / "0.keras")
    found = measure_gradients([tmp_path / "0.keras"], flux, 1)
    assert found.shape == (1, 1, 32)
    assert np.isfinite(found).all()
    assert np.ptp(found) > 0


def test_another_number_of_pixels_is_refused(tmp_path):
    path = save_linear(tmp_path / "0.keras", WEIGHTS)
    with pytest.raises(ValueError, match="the member reads 4 pixels, the spectra have 5"):
        measure_gradients([path], np.ones((2, 5), np.float32), 2)
