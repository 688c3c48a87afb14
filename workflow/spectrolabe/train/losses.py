"""Losses over scaled labels; a label that is missing (NaN) adds nothing, whatever the others are.

Point losses take ``weights``, shape (n_labels,), that each label's part is multiplied by.
"""

from collections.abc import Callable

from keras import ops

HUBER_DELTA = 1.0


def mean_over_known(values, targets, weights=1.0):
    """Average ``values`` (n, n_labels) times ``weights`` over the labels that are known; 0 where none is."""
    known = ops.cast(ops.logical_not(ops.isnan(targets)), values.dtype)
    values = values * ops.cast(weights, values.dtype)
    return ops.sum(ops.where(known > 0, values, 0.0)) / ops.maximum(ops.sum(known), 1.0)


def _known_residuals(targets, predicted):
    # Filled before the arithmetic: a NaN that is masked afterwards still poisons the gradient.
    return ops.where(ops.isnan(targets), 0.0, targets - predicted)


def mse(targets, predicted, weights=1.0):
    """Mean squared error."""
    return mean_over_known(ops.square(_known_residuals(targets, predicted)), targets, weights)


def mae(targets, predicted, weights=1.0):
    """Mean absolute error."""
    return mean_over_known(ops.abs(_known_residuals(targets, predicted)), targets, weights)


def huber(targets, predicted, weights=1.0):
    """Huber's loss: squared within one scaled unit, absolute beyond."""
    size = ops.abs(_known_residuals(targets, predicted))
    value = ops.where(size <= HUBER_DELTA, 0.5 * size**2, HUBER_DELTA * (size - 0.5 * HUBER_DELTA))
    return mean_over_known(value, targets, weights)


def msle(targets, predicted, weights=1.0):
    """Mean squared error of log(1 + y), for labels y that are hardly ever below 0.

    Below 0 the logarithm goes on along its tangent there, as y itself. Where such predictions count as 0 instead, as in
    Keras, nothing pulls them back.
    """
    squares = ops.square(_known_residuals(_logarithm(targets), _logarithm(predicted)))
    return mean_over_known(squares, targets, weights)


def _logarithm(labels):
    # Cut off within the logarithm too: an infinity that is masked afterwards still poisons the gradient.
    return ops.where(labels < 0, labels, ops.log1p(ops.maximum(labels, 0.0)))


def gaussian_negative_log_likelihood(targets, mean, log_variance):
    """Negative log-likelihood of a normal distribution (Lakshminarayanan et al. 2017, equation 1, no constant)."""
    value = 0.5 * log_variance + 0.5 * _known_residuals(targets, mean) ** 2 * ops.exp(-log_variance)
    return mean_over_known(value, targets)


#: Losses that a point head can take: of targets, predictions and the weights of labels.
LOSSES: dict[str, Callable] = {"mse": mse, "mae": mae, "huber": huber, "msle": msle}
#: Those of them over labels that start at 1, in place of labels around 0.
FROM_ONE = {"msle"}
