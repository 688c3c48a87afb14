"""Layers of a network that predicts distributions over bins, and the columns of what it gives."""

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
from keras import ops

from spectrolabe.spectra.randomness import derive_seed
from spectrolabe.train.distributions import FLOOR
from spectrolabe.train.networks import dense_layers, layer_seeds


@dataclass(frozen=True)
class Bins:
    """Bins of one label from ``start`` to ``stop``, all of one ``width``, in the label's unit."""

    start: float
    stop: float
    width: float

    @property
    def count(self) -> int:
        """How many there are."""
        return round((self.stop - self.start) / self.width)

    @property
    def edges(self) -> np.ndarray:
        """Their edges, shape (count + 1,)."""
        return np.linspace(self.start, self.stop, self.count + 1)


@dataclass(frozen=True)
class Branches:
    """The two branches of each label: one to the logits of its bins, one to its embedding.

    ``units``, ``activation`` and ``dropout`` are those of the dense layers of either branch; ``embedding`` is how many
    dimensions an embedding has, 0 for none; with ``temperature`` the logits are divided by a learnt positive number.
    """

    units: Sequence[int]
    activation: str
    dropout: float
    embedding: int
    temperature: bool

    def classify(self, features, count: int, seed: int, name: str):
        """Give the logits of ``count`` bins, shape (n, count)."""
        logits = self._dense(features, count, seed, f"logits_{name}")
        if not self.temperature:
            return logits
        # The exponential of a single weight, which starts at 0: a temperature that is above 0 whatever the steps.
        layer = keras.layers.Dense(
            1, "exponential", use_bias=False, kernel_initializer="zeros", name=f"temperature_{name}"
        )
        return logits / layer(ops.ones_like(logits[:, :1]))

    def embed(self, features, seed: int, name: str):
        """Give an embedding of unit length, shape (n, embedding)."""
        position = self._dense(features, self.embedding, seed, f"embedding_{name}")
        return keras.layers.UnitNormalization(name=f"unit_embedding_{name}")(position)

    def _dense(self, features, size, seed, name):
        # Weights that depend on the branch's own name alone, whatever other labels there are.
        seeds = layer_seeds(derive_seed(seed, "head", name), len(self.units) + 1)
        features = dense_layers(features, seeds, self.units, self.activation, self.dropout, "he_normal")
        initializer = keras.initializers.GlorotUniform(next(seeds))
        return keras.layers.Dense(size, kernel_initializer=initializer, name=name)(features)


def describe_distribution(logits: Sequence, bins: Bins) -> tuple:
    """Give mean and log variance, each of shape (n, 1), of what the arms' logits, shape (n, count) each, say together.

    Inside the network what `spectrolabe.train.distributions.conflate` and `moments` are outside, so that it can be
    differentiated.
    """
    logarithm = sum(ops.log(_raise_to_floor(ops.softmax(arm))) for arm in logits)
    probabilities = ops.softmax(logarithm)
    # From the middle of the range on, which single precision needs.
    middle = (bins.start + bins.stop) / 2
    places = ((bins.edges[1:] + bins.edges[:-1]) / 2 - middle).astype(np.float32)
    mean = ops.sum(probabilities * places, axis=1, keepdims=True)
    squares = ops.square(mean - places)
    variance = ops.sum(probabilities * squares, axis=1, keepdims=True) + bins.width**2 / 12
    return mean + middle, ops.log(variance)


def _raise_to_floor(probabilities):
    raised = ops.maximum(probabilities, FLOOR)
    return raised / ops.sum(raised, axis=1, keepdims=True)


def split_outputs(outputs, counts: Sequence[int], embedding: int) -> tuple[list[list], list[list]]:
    """Give logits and embeddings, each arm by arm, in it label by label, of an array or a tensor.

    Parameters
    ----------
    outputs : shape (n, width): mean and log variance of each label, then the logits, then the embeddings.
    counts : bins of each label.
    embedding : dimensions of each embedding; where it is 0, the list of embeddings is.

    Raises
    ------
    ValueError
        Where the width is that of no whole number of arms.
    """
    labels, width = len(counts), outputs.shape[1]
    of_arm = sum(counts) + labels * embedding
    arms, left = divmod(width - 2 * labels, of_arm)
    if left or arms < 1:
        found = f"expected {2 * labels} columns and {of_arm} for each arm, found {width}"
        raise ValueError(f"outputs of other labels, bins or embeddings: {found}")
    edges = np.cumsum([2 * labels, *[*counts] * arms, *([embedding] * labels * arms if embedding else [])]).tolist()
    parts = [outputs[:, start:stop] for start, stop in zip(edges[:-1], edges[1:], strict=True)]
    by_arm = [parts[place : place + labels] for place in range(0, len(parts), labels)]
    return by_arm[:arms], by_arm[arms:]


def softmax(logits: np.ndarray) -> np.ndarray:
    """Give the probabilities of bins, float64, shape (n, count)."""
    logits = np.asarray(logits, float)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def mean_logits(probabilities: np.ndarray) -> np.ndarray:
    """Give logits of the mean of distributions, shape (1, count), those of NaN left out."""
    return np.log(np.maximum(np.nanmean(probabilities, axis=0, keepdims=True), FLOOR)).astype(np.float32)
