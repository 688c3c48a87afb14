"""Linear regression of labels on flux: weights solved from the normal equations, for one penalty or many."""

from collections.abc import Callable, Iterator, Sequence

import keras
import numpy as np
from scipy.linalg import eigh

from spectrolabe.train.scaling import LabelScaling

#: Spectra that are taken to double precision at a time.
BLOCK = 2048

Part = tuple[np.ndarray, np.ndarray]


def solve_linear(
    training: Part,
    validation: Part,
    scaling: LabelScaling,
    names: Sequence[str],
    loss: Callable,
    report: Callable[[str], None],
    *,
    penalties: Sequence[float],
):
    """Regress labels on flux: ordinary least squares (penalty 0), or ridge regression (Hoerl & Kennard 1970).

    A missing pixel (0) counts as the mean of those that have it; spectra without a label are left out for that label.

    Parameters
    ----------
    training, validation : flux (n_spectra, n_pixels) and labels (n_spectra, n_labels), NaN where unknown.
    scaling : of the labels.
    names : of the labels.
    loss : of physical labels and outputs, which the penalty of each label is chosen by on the validation spectra.
    report : called with lines that say how every penalty fared.
    penalties : on the sum of squared weights, in units of squared flux summed over the training spectra; the intercept
        is free. Where 0 leaves weights undetermined, they are the smallest ones (pseudo-inverse).

    Returns
    -------
    The input tensor, the tensor of scaled labels (n, n_labels), and what to note of it: ``penalty_<label>``.
    """
    flux, labels = training[0], (training[1].astype(float) - scaling.offset) / scaling.scale
    mean = known_mean(flux)
    weights = np.zeros((len(penalties), flux.shape[1] + 1, len(names)))
    known = ~np.isnan(labels)
    # Labels known of the same spectra share their normal equations.
    for pattern in np.unique(known, axis=1).T:
        columns = (known == pattern[:, None]).all(axis=0)
        weights[:, :, columns] = ridge_weights(flux, mean, labels[:, columns], penalties)
    losses = _validation_losses(weights, mean, validation, scaling, loss)
    chosen = losses.argmin(axis=0)
    for penalty, row in zip(penalties, losses, strict=True):
        text = ", ".join(f"{name} {value:.5f}" for name, value in zip(names, row, strict=True))
        report(f"penalty {penalty:g}: validation loss of {text}")
    kept = {name: float(penalties[place]) for name, place in zip(names, chosen, strict=True)}
    report("penalty kept: " + ", ".join(f"{name} {penalty:g}" for name, penalty in kept.items()))
    best = np.stack([weights[place, :, column] for column, place in enumerate(chosen)], axis=1)
    return *_build(mean, best), {f"penalty_{name}": penalty for name, penalty in kept.items()}


def known_mean(flux: np.ndarray) -> np.ndarray:
    """Give the mean of each pixel over the spectra that have it (not 0), shape (n_pixels,), as a layer rounds it."""
    count = np.zeros(flux.shape[1])
    for block in blocks(flux):
        count += (block != 0).sum(axis=0)
    return (flux.sum(axis=0, dtype=float) / np.maximum(count, 1)).astype(np.float32).astype(float)


def blocks(flux: np.ndarray) -> Iterator[np.ndarray]:
    """Give the rows of flux some at a time."""
    for start in range(0, len(flux), BLOCK):
        yield flux[start : start + BLOCK]


def ridge_weights(flux: np.ndarray, mean: np.ndarray, labels: np.ndarray, penalties: Sequence[float]) -> np.ndarray:
    """Solve (X'X + penalty) w = X'y over the spectra whose labels are known, X and y less their means.

    One decomposition of X'X in eigenvectors, in double precision, serves all labels and penalties.

    Parameters
    ----------
    flux : shape (n_spectra, n_pixels); 0 is replaced by ``mean``, shape (n_pixels,).
    labels : shape (n_spectra, n_labels); all NaN or none, row by row.
    penalties : each 0 or above.

    Returns
    -------
    Shape (n_penalties, n_pixels + 1, n_labels), for flux less ``mean``; the intercept is the last row.
    """
    pixels, known = len(mean), ~np.isnan(labels[:, 0])
    gram, product = np.zeros((pixels, pixels)), np.zeros((pixels, labels.shape[1]))
    total, count = np.zeros(pixels), int(known.sum())
    middle = labels[known].mean(axis=0)
    for block, rows, values in zip(blocks(flux), blocks(known), blocks(labels), strict=True):
        centred = _centred(block[rows], mean)
        gram += centred.T @ centred
        product += centred.T @ (values[rows] - middle)
        total += centred.sum(axis=0)
    # The labels are centred already, so that the product needs no such term.
    gram -= np.outer(total, total / count)
    values, vectors = eigh(gram, overwrite_a=True, check_finite=False, driver="evd")
    values = np.where(values > values.max() * pixels * np.finfo(float).eps, values, 0)
    rotated = vectors.T @ product
    weights = []
    for penalty in penalties:
        shrunk = values + penalty
        inverse = np.divide(1, shrunk, out=np.zeros_like(shrunk), where=shrunk > 0)
        slopes = vectors @ (inverse[:, None] * rotated)
        weights.append(np.vstack([slopes, middle - total / count @ slopes]))
    return np.stack(weights)


def _centred(flux, mean):
    return np.where(flux != 0, flux - mean, 0)


def _validation_losses(weights, mean, validation, scaling, loss):
    """Give the loss of each label alone, shape (n_penalties, n_labels)."""
    flux, targets = validation
    slopes = np.concatenate(list(weights[:, :-1]), axis=1)
    scaled = np.concatenate([_centred(block, mean) @ slopes for block in blocks(flux)])
    scaled = scaled.reshape(len(flux), len(weights), -1).swapaxes(0, 1) + weights[:, -1:]
    outputs = (scaled * scaling.scale + scaling.offset).astype(np.float32)
    labels = range(targets.shape[1])
    alone = [np.where(np.arange(targets.shape[1]) == label, targets, np.nan).astype(np.float32) for label in labels]
    return np.array([[float(loss(of_label, output)) for of_label in alone] for output in outputs])


def _build(mean, weights):
    """Give the input and the scaled labels, by one dense layer of flux less its mean."""
    inputs = keras.Input((len(mean),), name="flux")
    centred = keras.layers.Normalization(mean=mean, variance=np.ones_like(mean), name="flux_scaling")(inputs)
    # A missing pixel (0) becomes the mean one.
    centred *= keras.ops.cast(keras.ops.not_equal(inputs, 0.0), "float32")
    layer = keras.layers.Dense(weights.shape[1], name="regression")
    scaled = layer(centred)
    layer.set_weights([weights[:-1], weights[-1]])
    return inputs, scaled
