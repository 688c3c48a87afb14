"""Heads: what a network's last layers mean. Each builds them, owns the loss and decodes to a distribution."""

from collections.abc import Callable, Mapping, Sequence

import keras
import numpy as np
import pandas as pd
from keras import ops

from spectrolabe.spectra.randomness import derive_seed
from spectrolabe.train.binned import BinnedHead
from spectrolabe.train.losses import FROM_ONE, LOSSES, gaussian_negative_log_likelihood
from spectrolabe.train.networks import dense_layers, layer_seeds
from spectrolabe.train.outputs import FEATURES_LAYER, LABELS_LAYER, Prediction
from spectrolabe.train.scaling import LabelScaling, read_targets

#: Bounds of the predicted log variance, in scaled labels, so that no spectrum's loss or error turns infinite.
LOG_VARIANCE_RANGE = (-14.0, 6.0)
#: What a network may give per label, in this order.
OUTPUTS = ("mean", "log_variance")
#: What each label's part of a point loss is multiplied by.
LABEL_WEIGHTS: dict[str, Callable] = {
    "equal": lambda scaling: 1.0,
    "inverse_variance": lambda scaling: 1 / np.asarray(scaling.variance),
}


class Head:
    """What all heads share: a scaling of the labels, and layers of each label's own before its output.

    Parameters
    ----------
    hidden : label -> units of its own layers, from the features on; a label without reads the features themselves.
        Labels that a network does not predict are left alone.
    hidden_activation : of these layers (see `spectrolabe.train.networks`).
    hidden_dropout : share of units dropped after each of them.
    scaling : of the labels, one of `spectrolabe.train.scaling.SCALINGS`.
    """

    #: Numbers per label that a network gives.
    outputs = 1

    def __init__(
        self,
        hidden: Mapping[str, Sequence[int]] | None = None,
        hidden_activation: str = "gelu",
        hidden_dropout: float = 0.0,
        scaling: str = "standard",
    ):
        self._hidden, self._scaling = dict(hidden or {}), scaling
        self._options = {"activation": hidden_activation, "dropout": hidden_dropout, "initialiser": "he_normal"}

    def targets(self, table: pd.DataFrame, labels: Sequence[str]) -> np.ndarray:
        """Give what the loss gets of each spectrum, float32: first its labels, shape (n_spectra, n_labels).

        See `spectrolabe.train.scaling.read_targets`.
        """
        return read_targets(table, labels)

    def constant_outputs(self, scaling: LabelScaling, targets: np.ndarray):
        """Give what a network says that tells no spectrum from another, shape (1, outputs): scaled labels of 0."""
        return self.unscale(ops.zeros((1, self.outputs * len(scaling.offset))), scaling)

    def learn_scaling(self, labels: np.ndarray, names: Sequence[str]) -> LabelScaling:
        """Learn the scaling of training labels (see `LabelScaling.fit`)."""
        return LabelScaling.fit(labels, names, self._scaling)

    def layer(self, features, scaling: LabelScaling, seed: int):
        """Give the output tensor, shape (n, n_labels * outputs), in physical units."""
        return self.unscale(self._scaled_labels(features, scaling, seed), scaling)

    def _scaled_labels(self, features, scaling, seed):
        if not {*self._hidden} & {*scaling.names}:
            initializer = keras.initializers.GlorotUniform(seed)
            size = self.outputs * len(scaling.offset)
            return keras.layers.Dense(size, kernel_initializer=initializer, name=LABELS_LAYER)(features)
        features = keras.layers.Identity(name=FEATURES_LAYER)(features)
        columns = [self._of_label(features, name, seed) for name in scaling.names]
        return keras.layers.Concatenate(name=LABELS_LAYER)(
            [column for kind in zip(*columns, strict=True) for column in kind]
        )

    def _of_label(self, features, name, seed):
        """Give the outputs of one label, each of shape (n, 1); their weights depend on no other label."""
        units = self._hidden.get(name, [])
        seeds = layer_seeds(derive_seed(seed, "head", name), len(units) + 1)
        features = dense_layers(features, seeds, units, **self._options)
        initializers = [keras.initializers.GlorotUniform(next(seeds)) for _ in range(self.outputs)]
        return [
            keras.layers.Dense(1, kernel_initializer=initializer, name=f"{kind}_{name}")(features)
            for kind, initializer in zip(OUTPUTS, initializers, strict=False)
        ]


class PointHead(Head):
    """One number per label.

    Parameters
    ----------
    loss : one of `LOSSES`, over scaled labels; they lie around 0, or start at 1 for those `FROM_ONE`.
    weights : of the labels in the loss: ``equal``, or ``inverse_variance`` of the training labels as scaled.
    options : see `Head`.
    """

    def __init__(self, loss: str = "mse", weights: str = "equal", **options):
        super().__init__(**options)
        self._loss, self._from_one, self._weights = LOSSES[loss], loss in FROM_ONE, LABEL_WEIGHTS[weights]

    def unscale(self, scaled, scaling: LabelScaling):
        """Give outputs in physical units, shape (n, n_labels), from those of scaled labels."""
        return _physical(scaled, scaling.offset, scaling.scale)

    def loss(self, scaling: LabelScaling):
        """Give the loss of physical labels (NaN where unknown) and outputs."""
        encode = scaling.encode_from_one if self._from_one else scaling.encode
        weights = self._weights(scaling)

        def value(targets, outputs):
            return self._loss(encode(targets), encode(outputs), weights)

        return value

    def decode(self, outputs: np.ndarray, labels: Sequence[str]) -> Prediction:
        """Give the predicted distribution of raw outputs, whatever the labels are."""
        return Prediction(outputs, np.full_like(outputs, np.nan))


class GaussianHead(Head):
    """A mean and a log variance per label, trained by the negative log-likelihood; for its options see `Head`."""

    outputs = 2

    def unscale(self, scaled, scaling: LabelScaling):
        """Give outputs in physical units, shape (n, 2 n_labels): means, then log variances."""
        size = len(scaling.offset)
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

    def decode(self, outputs: np.ndarray, labels: Sequence[str]) -> Prediction:
        """Give the predicted distribution of raw outputs, whatever the labels are."""
        mean, log_variance = np.split(outputs, 2, axis=1)
        return Prediction(mean, np.exp(log_variance))


HEADS = {"point": PointHead, "gaussian": GaussianHead, "binned": BinnedHead}


def _physical(scaled, offset: np.ndarray, scale: np.ndarray):
    """Undo the scaling inside the model, by a layer of Keras itself: a saved member opens without this library."""
    layer = keras.layers.Normalization(mean=offset, variance=scale**2, invert=True, name="labels")
    return layer(ops.cast(scaled, "float32"))
