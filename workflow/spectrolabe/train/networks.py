"""Networks: from flux to features. Each takes an input tensor and gives the features that a head reads."""

from collections.abc import Sequence

import keras
import numpy as np


def conv(
    flux,
    seed: int,
    *,
    filters: Sequence[int],
    kernel: int,
    pool: int,
    dense: Sequence[int],
    activation: str = "relu",
    strides: Sequence[int] | None = None,
    dropout: float = 0.0,
):
    """Convolutions, one maximum pooling, dense layers (Fabbro et al. 2018; Bialek et al. 2020).

    Parameters
    ----------
    flux : tensor (n, n_pixels).
    seed : of the weights and of dropout.
    filters, kernel, strides : filters per convolution, their length in pixels, and the pixels from one position to the next.
    pool : pixels joined by the pooling.
    dense : units of the dense layers, each followed by ``dropout`` where that is above 0.
    """
    # Every layer has a seed of its own, so that nothing depends on a global one.
    seeds = iter(np.random.default_rng(seed).integers(2**31, size=2 * (len(filters) + len(dense))).tolist())

    def initializer():
        return keras.initializers.HeNormal(next(seeds))

    layers = keras.layers
    features = layers.Reshape((flux.shape[1], 1))(flux)
    for count, stride in zip(filters, strides or [1] * len(filters), strict=True):
        convolution = layers.Conv1D(count, kernel, stride, "same", activation=activation, kernel_initializer=initializer())
        features = convolution(features)
    features = layers.Flatten()(layers.MaxPooling1D(pool)(features))
    for units in dense:
        features = layers.Dense(units, activation=activation, kernel_initializer=initializer())(features)
        if dropout:
            features = layers.Dropout(dropout, seed=next(seeds))(features)
    return features


NETWORKS = {"conv": conv}
