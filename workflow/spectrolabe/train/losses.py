"""Losses over scaled labels; a label that is missing (NaN) adds nothing, whatever the others are.

Point losses take ``weights``, shape (n_labels,), that each label's part is multiplied by.
"""

import math
from collections.abc import Callable

import numpy as np
from keras import ops

HUBER_DELTA = 1.0
#: Least of 1 - q in the focal loss, and of a squared distance in the triplet loss.
LEAST_LEFT, LEAST_SQUARE = 1e-7, 1e-12
#: A squared distance above all of those between embeddings, which reach 4.
BEYOND = 10.0


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


def spread_labels(values, errors, edges):
    """Give the shares of normal distributions in each bin, shape (n, bins): labels with errors for a classifier.

    Inside a loss what `spectrolabe.train.distributions.integrate_normal` is outside.

    Parameters
    ----------
    values, errors : means and standard deviations (above 0), shape (n,); an unknown value gives some distribution.
    edges : shape (bins + 1,); what lies beyond them is in the edge bins.
    """
    known = ops.where(ops.isnan(values), float(np.mean(edges)), values)[:, None]
    inner = 0.5 * (1 + ops.erf((np.asarray(edges[1:-1], np.float32) - known) / (errors[:, None] * math.sqrt(2))))
    ends = ops.zeros_like(known)
    shares = ops.concatenate([ends, inner, 1 + ends], axis=1)
    return shares[:, 1:] - shares[:, :-1]


def focal(targets, logits, focusing: float):
    """Focal loss of distributions (Lin et al. 2017): -sum p (1 - q)^focusing log q, shape (n,).

    Parameters
    ----------
    targets, logits : p, and the logarithm of q but for a constant, shape (n, bins).
    focusing : how much less what is predicted well counts; 0 is the cross-entropy.
    """
    logarithm = ops.log_softmax(logits, axis=1)
    left = ops.maximum(1 - ops.exp(logarithm), LEAST_LEFT)  # whose power has a gradient
    return -ops.sum(targets * left**focusing * logarithm, axis=1)


def triplet(embeddings, classes, known, margin: float, mining: str):
    """Triplet loss (Schroff et al. 2015): mean over anchors a of [D(a, p) - D(a, n) + margin]+, a number.

    The positive p of an anchor is the farthest spectrum of its class in the batch (Hermans et al. 2017), D the
    Euclidean distance. Anchors without another of their class, or without one of another class, add nothing.

    Parameters
    ----------
    embeddings : of unit length, shape (n, dimensions).
    classes : shape (n,), whole numbers.
    known : shape (n,), whether a spectrum has a class and an embedding; others add nothing.
    margin : how much farther the negative n is to be than the positive.
    mining : how the negative n is chosen, one of `MINING`.
    """
    fixed = ops.stop_gradient(embeddings)
    far = ops.maximum(2 - 2 * ops.matmul(fixed, ops.transpose(fixed)), 0.0)
    number = ops.cumsum(ops.ones_like(classes))
    pairs = ops.logical_and(known[:, None], known[None, :])
    alike = ops.equal(classes[:, None], classes[None, :])
    others = ops.not_equal(number[:, None], number[None, :])
    positive = ops.logical_and(pairs, ops.logical_and(alike, others))
    negative = ops.logical_and(pairs, ops.logical_not(alike))
    farthest = ops.argmax(ops.where(positive, far, -1.0), axis=1)
    nearest = ops.argmin(MINING[mining](far, positive, negative), axis=1)
    # Distances anew, of the chosen pairs alone: their gradients are exact where spectra are close to each other.
    gaps = [_distance(embeddings, ops.take(embeddings, chosen, axis=0)) for chosen in (farthest, nearest)]
    counted = ops.cast(ops.logical_and(ops.any(positive, axis=1), ops.any(negative, axis=1)), embeddings.dtype)
    return ops.sum(counted * ops.relu(gaps[0] - gaps[1] + margin)) / ops.maximum(ops.sum(counted), 1.0)


def _hard(far, positive, negative):
    return ops.where(negative, far, BEYOND)


def _semi_hard(far, positive, negative):
    beyond = far > ops.max(ops.where(positive, far, -1.0), axis=1, keepdims=True)
    # Behind all of those, the others: the nearest of them where there is no other.
    return ops.where(negative, far + ops.where(beyond, 0.0, BEYOND), 2 * BEYOND)


#: How the triplet loss chooses negatives, by the lowest of what is given here: the nearest of another class, or, where
#: there are any, the nearest of those farther than the positive (Schroff et al. 2015).
MINING: dict[str, Callable] = {"hard": _hard, "semi_hard": _semi_hard}


def _distance(one, other):
    # The root of 0 has no gradient.
    return ops.sqrt(ops.maximum(ops.sum(ops.square(one - other), axis=1), LEAST_SQUARE))
