"""A convolutional network of residual modules, which ends in the mean and the highest value of every filter."""

from collections.abc import Sequence

import keras
import numpy as np

from spectrolabe.train.initialisers import fill_kernel

#: Share of a batch-norm layer's running statistics that each batch leaves: Keras's 0.99 needs hundreds of batches.
MOMENTUM = 0.9


def residual_conv(
    flux,
    seed: int,
    *,
    filters: Sequence[int],
    kernel: int = 5,
    stride: int = 2,
    stem_filters: int = 16,
    stem_kernel: int = 15,
    stem_stride: int = 8,
    dropout: float = 0.1,
    activation: str = "mish",
    initialiser: str = "he_normal",
    prefix: str = "",
):
    """Residual modules of convolutions, then global pooling (He et al. 2016; Lin et al. 2013; Misra 2019).

    A stem of convolution, batch normalisation (Ioffe & Szegedy 2015) and activation; then modules of convolution,
    norm, activation, dropout, convolution and norm, whose input is added before a last activation. Where the filters
    change, the first convolution and a projection of the input, of length 1, have a stride. Mean and maximum over the
    pixels that are left stand side by side. The names of layers tell their depth: ``stem_...``, ``module1_...``.

    Parameters
    ----------
    flux : tensor (n, n_pixels).
    seed : of the weights and of dropout.
    filters : of both convolutions of each module.
    kernel, stride : length of the modules' filters, and the stride where their number changes (pixels).
    stem_filters, stem_kernel, stem_stride : number, length and stride of the stem's filters (pixels).
    dropout : share of its filters whose output the first half of a module drops, for a whole spectrum at once: numbers
        of neighbouring pixels are alike, and to draw so many took a third of a training's time (Tompson et al. 2015).
    initialiser : of all weights (see `spectrolabe.train.initialisers`).
    prefix : begins the names of all layers.

    Returns
    -------
    Tensor (n, 2 * filters[-1]).
    """
    # All are drawn, whatever is built: networks that differ in one option start from the same weights elsewhere.
    seeds = np.random.default_rng(seed).integers(2**31, size=(1 + len(filters), 4)).tolist()
    layers = _Layers(activation, initialiser)
    features = keras.layers.Reshape((flux.shape[1], 1), name=f"{prefix}stem_pixels")(flux)
    features = layers.convolve(features, seeds[0][0], stem_filters, stem_kernel, stem_stride, f"{prefix}stem_conv")
    features = layers.activate(features, f"{prefix}stem_activation")
    for number, count in enumerate(filters, start=1):
        name, changes = f"{prefix}module{number}", count != features.shape[2]
        first, second, of_shortcut, of_dropout = seeds[number]
        step = stride if changes else 1
        inner = layers.activate(layers.convolve(features, first, count, kernel, step, f"{name}_conv1"), f"{name}_inner")
        if dropout:
            inner = keras.layers.SpatialDropout1D(dropout, seed=of_dropout, name=f"{name}_dropout")(inner)
        inner = layers.convolve(inner, second, count, kernel, 1, f"{name}_conv2")
        if changes:
            features = layers.project(features, of_shortcut, count, step, f"{name}_shortcut")
        features = layers.activate(keras.layers.Add(name=f"{name}_sum")([inner, features]), f"{name}_activation")
    mean = keras.layers.GlobalAveragePooling1D(name=f"{prefix}mean")(features)
    highest = keras.layers.GlobalMaxPooling1D(name=f"{prefix}highest")(features)
    return keras.layers.Concatenate(name=f"{prefix}features")([mean, highest])


class _Layers:
    """Builds the layers that all modules have, with one activation and one initialiser."""

    def __init__(self, activation, initialiser):
        self._activation, self._initialiser = activation, initialiser

    def project(self, features, seed, filters, stride, name):
        weights = fill_kernel(self._initialiser, seed)
        return keras.layers.Conv1D(filters, 1, stride, "same", kernel_initializer=weights, name=name)(features)

    def convolve(self, features, seed, filters, kernel, stride, name):
        # Without a bias, which the norm would take off again.
        options = {"use_bias": False, "kernel_initializer": fill_kernel(self._initialiser, seed), "name": name}
        features = keras.layers.Conv1D(filters, kernel, stride, "same", **options)(features)
        return keras.layers.BatchNormalization(momentum=MOMENTUM, name=f"{name}_norm")(features)

    def activate(self, features, name):
        return keras.layers.Activation(self._activation, name=name)(features)
