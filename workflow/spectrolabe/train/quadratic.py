"""The Cannon (Ness et al. 2015): flux is quadratic in the labels, and the labels are those that fit a spectrum best."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras
import numpy as np
from keras import ops

from spectrolabe.train.linear import Part, blocks
from spectrolabe.train.scaling import LabelScaling

#: Least scatter of a pixel, as a share of how much flux varies over the training spectra: none counts for everything.
LEAST_SCATTER = 1e-4
#: How far labels may leave the training labels, as a share of their range.
MARGIN = 0.1
#: Share of singular values that are taken for zero, where terms are not told apart by the training labels.
CUTOFF = 1e-10
#: Damping of the first step (Levenberg-Marquardt), and what it is multiplied by after a step that helped, or did not.
DAMPING, EASED, RAISED = 1e-2, 0.1, 10.0
#: Added to a curvature of about 1, so that a spectrum without a pixel keeps the labels that it starts from.
LEAST_CURVATURE = 1e-6


@dataclass(frozen=True)
class PixelModel:
    """Flux of each pixel: coefficients of 1, every label, and every product of two, shape (n_pixels, n_terms).

    ``weights`` (n_pixels,) are inverse variances of the training spectra about the model, 0 where it is unknown.
    """

    coefficients: np.ndarray
    weights: np.ndarray


def solve_quadratic(
    training: Part,
    validation: Part,
    scaling: LabelScaling,
    names: Sequence[str],
    loss: Callable,
    report: Callable[[str], None],
    *,
    iterations: int,
):
    """Fit every pixel's flux by a quadratic polynomial in the labels; a network then inverts it by least squares.

    Training spectra without all labels are left out, as are missing pixels (0), there and in the spectra labelled. The
    squared residuals of a spectrum, each over the variance that its pixel has in training, noise included, are
    minimised by as many damped Gauss-Newton steps as ``iterations`` says, from a regression of the labels on the
    spectrum's projections on the terms. Labels stay within the training labels, widened by a tenth of their range.

    Parameters and what is returned are those of `spectrolabe.train.linear.solve_linear`; nothing is noted, and
    ``validation``, ``names`` and ``loss`` are not looked at.

    Raises
    ------
    ValueError
        Where fewer training spectra have all labels than the polynomial has terms.
    """
    labels = (training[1].astype(float) - scaling.offset) / scaling.scale
    rows = ~np.isnan(labels).any(axis=1)
    flux, labels = training[0] if rows.all() else training[0][rows], labels[rows]
    terms = expand(labels)
    if len(labels) < terms.shape[1]:
        expected = f"{terms.shape[1]}, the terms of a quadratic polynomial in {labels.shape[1]} labels"
        raise ValueError(f"{len(labels)} training spectra have all labels: expected at least {expected}")
    pixels = fit_pixels(flux, terms)
    used = pixels.weights > 0
    report(f"{used.sum()} of {len(used)} pixels fitted, median scatter {np.median(pixels.weights[used] ** -0.5):.5f}")
    low, high = labels.min(axis=0), labels.max(axis=0)
    margin = MARGIN * (high - low)
    step = build_step(labels.shape[1], low - margin, high + margin)
    return *_build(pixels, step, flux, labels, iterations), {}


def expand(labels: np.ndarray) -> np.ndarray:
    """Give 1, the labels, and the products of two, shape (n, n_terms), for labels of shape (n, n_labels)."""
    first, second = np.triu_indices(labels.shape[1])
    return np.hstack([np.ones((len(labels), 1)), labels, labels[:, first] * labels[:, second]])


def fit_pixels(flux: np.ndarray, terms: np.ndarray) -> PixelModel:
    """Fit flux (n_spectra, n_pixels) on terms (n_spectra, n_terms), pixel by pixel, over the spectra that have it.

    All spectra count alike within a pixel, so that its scatter does not change its fit: one pass is enough.
    """
    size, pixels = terms.shape[1], flux.shape[1]
    first, second = np.triu_indices(size)
    packed, product = np.zeros((pixels, len(first))), np.zeros((pixels, size))
    squares = np.zeros(pixels)
    for block, some in zip(blocks(flux), blocks(terms), strict=True):
        values = block.astype(float)
        packed += (values != 0).T.astype(float) @ (some[:, first] * some[:, second])
        product += values.T @ some
        squares += (values**2).sum(axis=0)
    gram = packed[:, symmetric_places(size)]
    coefficients = (np.linalg.pinv(gram, rcond=CUTOFF, hermitian=True) @ product[:, :, None])[:, :, 0]
    count = np.maximum(gram[:, 0, 0], 1)
    variance = squares / count - (coefficients * product).sum(axis=1) / count
    spread = np.median(squares / count - (product[:, 0] / count) ** 2)
    enough = gram[:, 0, 0] >= size
    floor = max(LEAST_SCATTER**2 * spread, np.finfo(float).tiny)
    return PixelModel(np.where(enough[:, None], coefficients, 0), enough / np.maximum(variance, floor))


def symmetric_places(size: int) -> np.ndarray:
    """Say where the entries of a symmetric matrix stand in its upper triangle, row after row: (size, size)."""
    places = np.zeros((size, size), int)
    first, second = np.triu_indices(size)
    places[first, second] = places[second, first] = np.arange(len(first))
    return places


def build_step(count: int, low: np.ndarray, high: np.ndarray) -> keras.Model:
    """Build one damped Gauss-Newton step, kept only where it lowers the squared residuals.

    Takes labels (n, count), their damping (n, 1), projections b (n, n_terms - 1) and curvature M (n, n_terms - 1,
    n_terms - 1), with squared residuals A'MA - 2 b'A of the terms A; gives the next labels and damping.
    """
    first, second = (places.tolist() for places in np.triu_indices(count))
    size = count + len(first)
    labels, damping = keras.Input((count,), name="labels_before"), keras.Input((1,), name="damping_before")
    projections, curvature = keras.Input((size,), name="projections"), keras.Input((size, size), name="curvature")

    def misfit(values):
        """Give b - M A, and the squared residuals."""
        terms = ops.concatenate([values, ops.take(values, first, axis=1) * ops.take(values, second, axis=1)], axis=1)
        left = projections - ops.squeeze(ops.matmul(curvature, ops.expand_dims(terms, 2)), 2)
        return left, -ops.sum(terms * (projections + left), axis=1, keepdims=True)

    left, residuals = misfit(labels)
    slopes = _slopes(labels, first, second)
    across = ops.swapaxes(slopes, 1, 2)
    gradient = ops.matmul(across, ops.expand_dims(left, 2))
    square = ops.matmul(ops.matmul(across, curvature), slopes)
    identity = np.eye(count, dtype=np.float32)
    damped = square * (1.0 + ops.expand_dims(damping, 2) * identity) + LEAST_CURVATURE * identity
    tried = labels + ops.squeeze(ops.solve(damped, gradient), 2)
    tried = ops.minimum(ops.maximum(tried, low.astype(np.float32)), high.astype(np.float32))
    better = misfit(tried)[1] <= residuals
    outputs = [ops.where(better, tried, labels), damping * ops.where(better, EASED, RAISED)]
    return keras.Model([labels, damping, projections, curvature], outputs, name="gauss_newton_step")


def _slopes(labels, first, second):
    """Give the derivatives of all terms but the constant by the labels, (n, n_terms - 1, n_labels)."""
    count, size = labels.shape[1], labels.shape[1] + len(first)
    constant, kernel = np.zeros((size, count)), np.zeros((count, size, count))
    constant[range(count), range(count)] = 1
    for place, (one, other) in enumerate(zip(first, second, strict=True), start=count):
        kernel[other, place, one] += 1
        kernel[one, place, other] += 1
    layer = keras.layers.Dense(size * count, trainable=False, name="slopes")
    slopes = layer(labels)
    layer.set_weights([kernel.reshape(count, -1), constant.ravel()])
    return ops.reshape(slopes, (-1, size, count))


def _build(pixels: PixelModel, step: keras.Model, flux, labels, iterations):
    """Give the input and the scaled labels: three dense layers read the spectrum, what follows is small."""
    constant, slopes = pixels.coefficients[:, 0].astype(np.float32), pixels.coefficients[:, 1:]
    size, count = slopes.shape[1], labels.shape[1]
    curvature = np.einsum("pi,pj->pij", pixels.weights[:, None] * slopes, slopes)
    unit = max(np.trace(curvature.sum(axis=0)[:count, :count]) / count, np.finfo(float).tiny)
    inputs = keras.Input((len(constant),), name="flux")
    less = keras.layers.Normalization(mean=constant, variance=np.ones_like(constant), name="flux_scaling")(inputs)
    known = ops.cast(ops.not_equal(inputs, 0.0), "float32")
    projections = _dense(less * known, pixels.weights[:, None] * slopes / unit, "projections")
    upper = curvature[:, *np.triu_indices(size)] / unit
    packed = _dense(known, upper, "curvature", trainable=False)
    square = ops.reshape(ops.take(packed, symmetric_places(size).ravel().tolist(), axis=1), (-1, size, size))
    start = keras.layers.Dense(count, trainable=False, name="start")
    scaled = start(projections)
    start.set_weights(_regress(keras.Model(inputs, projections), flux, labels))
    damping = ops.full_like(scaled[:, :1], DAMPING)
    for _ in range(iterations):
        scaled, damping = step([scaled, damping, projections, square])
    return inputs, scaled


def _dense(inputs, kernel, name, *, trainable=True):
    layer = keras.layers.Dense(kernel.shape[1], use_bias=False, trainable=trainable, name=name)
    outputs = layer(inputs)
    layer.set_weights([kernel])
    return outputs


def _regress(model, flux, labels):
    """Regress labels on what a model makes of flux; give a kernel and a bias."""
    found = np.concatenate([np.asarray(model(block)) for block in blocks(flux)]).astype(float)
    middle, centre = found.mean(axis=0), labels.mean(axis=0)
    kernel = np.linalg.lstsq(found - middle, labels - centre, rcond=CUTOFF)[0]
    return [kernel, centre - middle @ kernel]
