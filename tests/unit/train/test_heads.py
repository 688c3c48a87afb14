"""Heads speak physical units, and their losses are those of scaled labels."""

import keras
import numpy as np
import pytest

from spectrolabe.train.heads import HEADS, GaussianHead, PointHead
from spectrolabe.train.losses import gaussian_negative_log_likelihood, mse
from spectrolabe.train.scaling import LabelScaling

SCALING = LabelScaling(*(np.array(pair, np.float32) for pair in ([5000, 3], [500, 2], [4000, 1])))
TARGETS = np.array([[5500, 4], [np.nan, 1]], np.float32)


def model_of(head, bias):
    """A head on features without influence: its scaled outputs are ``bias``."""
    features = keras.Input((3,))
    model = keras.Model(features, head.layer(features, SCALING, 1))
    model.get_layer("scaled_labels").set_weights([np.zeros((3, len(bias))), np.array(bias)])
    return np.asarray(model(np.ones((2, 3), np.float32)))


def test_point_output_is_physical():
    output = model_of(PointHead(), [2.0, -1.0])
    np.testing.assert_allclose(output, [[5000 + 2 * 500, 3 - 2]] * 2, rtol=1e-6)
    prediction = PointHead().decode(output)
    np.testing.assert_array_equal(prediction.mean, output)
    assert np.isnan(prediction.variance).all()
    assert prediction.variance.shape == output.shape


def test_point_loss_is_that_of_scaled_labels():
    # Scaled targets (1, 0.5) and (missing, -1); outputs 0: (1 + 0.25 + 1) / 3.
    outputs = np.array([[5000, 3], [5000, 3]], np.float32)
    assert float(PointHead("mse").loss(SCALING)(TARGETS, outputs)) == pytest.approx(0.75)
    assert float(PointHead("mae").loss(SCALING)(TARGETS, outputs)) == pytest.approx(2.5 / 3)
    scaled = SCALING.encode(TARGETS), SCALING.encode(outputs)
    assert float(PointHead("mse").loss(SCALING)(TARGETS, outputs)) == pytest.approx(float(mse(*scaled)))


def test_the_logarithmic_loss_counts_from_the_lowest_training_label():
    # (5500 - 4000) / 500 + 1 = 4 and (4 - 1) / 2 + 1 = 2.5; of the second spectrum (missing) and 1.
    outputs = np.array([[5000, 3], [5000, 3]], np.float32)
    squares = [np.log(5 / 4) ** 2, np.log(3.5 / 3) ** 2, np.log(2 / 3) ** 2]
    assert float(PointHead("msle").loss(SCALING)(TARGETS, outputs)) == pytest.approx(sum(squares) / 3, rel=1e-5)


def test_gaussian_output_is_physical():
    output = model_of(GaussianHead(), [1.0, 0.5, 0.0, np.log(4)])
    prediction = GaussianHead().decode(output)
    np.testing.assert_allclose(prediction.mean, [[5500, 4]] * 2, rtol=1e-6)
    # Scaled variances 1 and 4, times 500^2 and 2^2.
    np.testing.assert_allclose(prediction.variance, [[250000, 16]] * 2, rtol=1e-5)


def test_gaussian_variance_is_bounded():
    # The scaled log variance counts as -14 at least and 6 at most.
    variance = GaussianHead().decode(model_of(GaussianHead(), [0.0, 0.0, -1e4, 1e4])).variance
    np.testing.assert_allclose(variance, [[250000 * np.exp(-14), 4 * np.exp(6)]] * 2, rtol=1e-5)


def test_gaussian_loss_is_that_of_scaled_labels():
    outputs = model_of(GaussianHead(), [0.0, 0.0, 0.0, np.log(4)])
    # 1/2; then ln(4)/2 + 0.25 / 8 and ln(4)/2 + 1 / 8.
    expected = (0.5 + 2 * np.log(2) + 1.25 / 8) / 3
    assert float(GaussianHead().loss(SCALING)(TARGETS, outputs)) == pytest.approx(expected, rel=1e-5)
    scaled = SCALING.encode(TARGETS), np.zeros((2, 2), np.float32), np.tile(np.float32([0, np.log(4)]), (2, 1))
    assert expected == pytest.approx(float(gaussian_negative_log_likelihood(*scaled)), rel=1e-5)


@pytest.mark.parametrize("name", HEADS)
def test_weights_depend_on_the_seed_alone(name):
    def kernel(seed):
        features = keras.Input((3,))
        model = keras.Model(features, HEADS[name]().layer(features, SCALING, seed))
        return model.get_layer("scaled_labels").get_weights()[0]

    assert np.array_equal(kernel(1), kernel(1))
    assert not np.array_equal(kernel(1), kernel(2))
