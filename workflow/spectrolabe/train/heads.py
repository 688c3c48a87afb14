"""Heads: what a network's last layer means. Each builds that layer, owns the loss and decodes to a distribution."""

from dataclasses import dataclass

import keras
import numpy as np
from keras import ops

from spectrolabe.train.losses import FROM_ONE, LOSSES, gaussian_negative_log_likelihood
from spectrolabe.train.scaling import LabelScaling

#: Bounds of the predicted log variance, in scaled labels, so that no spectrum's loss or error turns infinite.
LOG_VARIANCE_RANGE = (-14.0, 6.0)


@dataclass(frozen=True)
class Prediction:
    """Predicted labels of many spectra, in physical units; each array has shape (n_spectra, n_labels).

    ``variance`` is the aleatoric variance, NaN where the head gives none.
    """

    mean: np.ndarray
    variance: np.ndarray


class PointHead:
    """One number per label.

    Parameters
    ----------
    loss : one of `LOSSES`, over labels scaled to unit spread; they lie around 0, or start at 1 for those `FROM_ONE`.
    """

    def __init__(self, loss: str = "mse"):
        self._loss, self._from_one = LOSSES[loss], loss in FROM_ONE

    def layer(self, features, scaling: LabelScaling, seed: int):
        """Give the output tensor, shape (n, n_labels), in physical units."""
        size, initializer = len(scaling.offset), keras.initializers.GlorotUniform(seed)
        scaled = keras.layers.Dense(size, kernel_initializer=initializer, name="scaled_labels")(features)
        return _physical(scaled, scaling.offset, scaling.scale)

    def loss(self, scaling: LabelScaling):
        """Give the loss of physical labels (NaN where unknown) and outputs."""
        encode = scaling.encode_from_one if self._from_one else scaling.encode

        def value(targets, outputs):
            return self._loss(encode(targets), encode(outputs))

        return value

    def decode(self, outputs: np.ndarray) -> Prediction:
        """Give the predicted distribution of raw outputs."""
        return Prediction(outputs, np.full_like(outputs, np.nan))


class GaussianHead:
    """A mean and a log variance per label, trained by the negative log-likelihood."""

    def layer(self, features, scaling: LabelScaling, seed: int):
        """Give the output tensor, shape (n, 2 n_labels): means, then log variances, in physical units."""
        size = len(scaling.offset)
        initializer = keras.initializers.GlorotUniform(seed)
        scaled = keras.layers.Dense(2 * size, kernel_initializer=initializer, name="scaled_labels")(features)
        scaled = ops.concatenate([scaled[:, :size], ops.clip(scaled[:, size:], *LOG_VARIANCE_RANGE)], axis=1)
        offset = np.concatenate([scaling.offset, 2 * np.log(scaling.scale)])
        return _physical(scaled, offset, np.concatenate([scaling.scale, np.ones(size)]))

    def loss(self, scaling: LabelScaling):
        """Give the loss of physical labels (NaN where unknown) and outputs."""
        size, log_scale = len(scaling.offset), 2 * np.log(scaling.scale).astype(np.float32)

        def value(targets, outputs):
            mean, log_variance = scaling.encode(outputs[:, :size]), outputs[:, size:] - log_scale
            return gaussian_negative_log_likelihood(scaling.encode(targets), mean, log_variance)

        return value

    def decode(self, outputs: np.ndarray) -> Prediction:
        """Give the predicted distribution of raw outputs."""
        mean, log_variance = np.split(outputs, 2, axis=1)
        return Prediction(mean, np.exp(log_variance))


HEADS = {"point": PointHead, "gaussian": GaussianHead}


def _physical(scaled, offset: np.ndarray, scale: np.ndarray):
    """Undo the scaling inside the model, by a layer of Keras itself: a saved member opens without this library."""
    layer = keras.layers.Normalization(mean=offset, variance=scale**2, invert=True, name="labels")
    return layer(ops.cast(scaled, "float32"))
