"""Losses by hand; a missing label adds nothing to the value or the gradient."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from spectrolabe.train.losses import LOSSES, gaussian_negative_log_likelihood, msle

NAN = np.nan
# Known residuals 1, 2 and 0.
TARGETS = np.array([[1, NAN], [3, 2]], np.float32)
PREDICTED = np.array([[0, 5], [1, 2]], np.float32)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mse", (1 + 4 + 0) / 3),
        ("mae", (1 + 2 + 0) / 3),
        ("huber", (0.5 + 1.5 + 0) / 3),  # 2 lies beyond one unit: 2 - 0.5
        ("msle", (np.log(2) ** 2 + np.log(2) ** 2 + 0) / 3),  # log(2 / 1) and log(4 / 2)
    ],
)
def test_point_losses(name, value):
    assert float(LOSSES[name](TARGETS, PREDICTED)) == pytest.approx(value)


@pytest.mark.parametrize("name", LOSSES)
def test_weights_multiply_the_parts_of_labels(name):
    # The first label has both residuals that are not 0.
    plain = float(LOSSES[name](TARGETS, PREDICTED))
    assert float(LOSSES[name](TARGETS, PREDICTED, np.array([3.0, 7.0]))) == pytest.approx(3 * plain)


@pytest.mark.parametrize("name", LOSSES)
def test_no_known_label_costs_nothing(name):
    assert float(LOSSES[name](np.full((2, 2), NAN, np.float32), PREDICTED)) == 0


@pytest.mark.parametrize(
    ("name", "gradient"),
    [
        ("mse", [[-2 / 3, 0], [-4 / 3, 0]]),
        ("huber", [[-1 / 3, 0], [-1 / 3, 0]]),
        # -2/3 log(2) over 1 + 0 and 1 + 1.
        ("msle", [[-2 / 3 * np.log(2), 0], [-1 / 3 * np.log(2), 0]]),
    ],
)
def test_gradient_of_a_missing_label_is_zero(name, gradient):
    predicted = tf.Variable(PREDICTED)
    with tf.GradientTape() as tape:
        loss = LOSSES[name](TARGETS, predicted)
    np.testing.assert_allclose(keras.ops.convert_to_numpy(tape.gradient(loss, predicted)), gradient, atol=1e-6)


def test_the_logarithm_goes_on_in_a_straight_line_below_zero():
    targets, predicted = np.array([[1.0], [NAN]], np.float32), tf.Variable([[-3.0], [-3.0]])
    with tf.GradientTape() as tape:
        loss = msle(targets, predicted)
    assert float(loss) == pytest.approx((np.log(2) + 3) ** 2)
    np.testing.assert_allclose(tape.gradient(loss, predicted), [[-2 * (np.log(2) + 3)], [0]], rtol=1e-6)
    # Neither the value nor the slope jumps at 0.
    assert float(msle(targets, np.float32([[-1e-6], [0]]))) == pytest.approx(np.log(2) ** 2, rel=1e-5)


def likelihood(targets, mean, log_variance):
    return float(
        gaussian_negative_log_likelihood(*(np.array([[x]], np.float32) for x in (targets, mean, log_variance)))
    )


def test_gaussian_likelihood():
    # Residual 2 and variance 4: ln(4)/2 + 4 / (2 * 4).
    assert likelihood(3.0, 1.0, np.log(4)) == pytest.approx(np.log(2) + 0.5)
    assert likelihood(1.0, 0.0, 0.0) == pytest.approx(0.5)
    assert likelihood(NAN, 1.0, 1.0) == 0


def test_gaussian_gradient_of_a_missing_label_is_zero():
    mean, log_variance = tf.Variable(PREDICTED), tf.Variable(np.zeros((2, 2), np.float32))
    with tf.GradientTape() as tape:
        loss = gaussian_negative_log_likelihood(TARGETS, mean, log_variance)
    of_mean, of_variance = map(np.asarray, tape.gradient(loss, [mean, log_variance]))
    # d/dm = -r / 3, d/ds = (1 - r^2) / 2 / 3, for the residuals 1, 2, 0.
    np.testing.assert_allclose(of_mean, [[-1 / 3, 0], [-2 / 3, 0]], atol=1e-6)
    np.testing.assert_allclose(of_variance, [[0, 0], [-0.5, 1 / 6]], atol=1e-6)
