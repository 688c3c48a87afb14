"""Networks: from flux to features. Each takes an input tensor and gives the features that a head reads."""

from collections.abc import Iterator, Sequence

import keras
import numpy as np

from spectrolabe.train.initialisers import fill_kernel, fill_matrix
from spectrolabe.train.residual_conv import residual_conv

#: What ``leaky_relu`` multiplies negative values by (Maas et al. 2013; A&A 672, A46, section 3.1.3).
LEAKY_SLOPE = 0.3


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
    initialiser: str = "he_normal",
):
    """Convolutions, one maximum pooling, dense layers (Fabbro et al. 2018; Bialek et al. 2020).

    Parameters
    ----------
    flux : tensor (n, n_pixels).
    seed : of the weights and of dropout.
    filters, kernel, strides : filters per convolution, their length in pixels, and the pixels from one position to the
        next.
    pool : pixels joined by the pooling.
    dense : units of the dense layers, each followed by ``dropout`` where that is above 0.
    initialiser : of all weights (see `spectrolabe.train.initialisers`).
    """
    seeds = layer_seeds(seed, len(filters) + len(dense))
    features = keras.layers.Reshape((flux.shape[1], 1))(flux)
    for count, stride in zip(filters, strides or [1] * len(filters), strict=True):
        features = _convolution(features, seeds, count, kernel, stride, activation, initialiser)
    pooled = keras.layers.MaxPooling1D(pool)(features)
    return dense_layers(keras.layers.Flatten()(pooled), seeds, dense, activation, dropout, initialiser)


def conv_pairs(
    flux,
    seed: int,
    *,
    filters: Sequence[int],
    kernel: int,
    pool: int,
    dense: Sequence[int],
    activation: str = "leaky_relu",
    strides: Sequence[int] | None = None,
    dropout: float = 0.0,
    initialiser: str = "he_normal",
):
    """Pairs of a convolution and a maximum pooling, then dense layers (A&A 672, A46, figure 5).

    Parameters
    ----------
    flux, seed, filters, kernel, strides, dense, dropout, initialiser : see `conv`.
    pool : pixels joined by the pooling after each convolution.
    """
    seeds = layer_seeds(seed, len(filters) + len(dense))
    features = keras.layers.Reshape((flux.shape[1], 1))(flux)
    for count, stride in zip(filters, strides or [1] * len(filters), strict=True):
        features = _convolution(features, seeds, count, kernel, stride, activation, initialiser)
        features = keras.layers.MaxPooling1D(pool)(features)
    return dense_layers(keras.layers.Flatten()(features), seeds, dense, activation, dropout, initialiser)


def pca_conv(
    coefficients,
    seed: int,
    *,
    filters: Sequence[int],
    kernel: int,
    dense: Sequence[int],
    activation: str = "relu",
    dropout: float = 0.0,
    initialiser: str = "he_normal",
):
    """Convolutions over principal components, without pooling, then dense layers (Open Astronomy 31, 38, table 2).

    Parameters
    ----------
    coefficients : tensor (n, n_components), in the order of the components.
    seed : of the weights and of dropout.
    filters, kernel : filters per convolution, each followed by ``dropout`` where that is above 0, and their length in
        components.
    dense : units of the dense layers, which nothing is dropped after.
    initialiser : of all weights (see `spectrolabe.train.initialisers`).
    """
    seeds = layer_seeds(seed, len(filters) + len(dense))
    features = keras.layers.Reshape((coefficients.shape[1], 1))(coefficients)
    for count in filters:
        features = _convolution(features, seeds, count, kernel, 1, activation, initialiser)
        # Drawn with or without dropout: networks that differ by it alone start from the same weights.
        seed_of_dropout = next(seeds)
        if dropout:
            features = keras.layers.Dropout(dropout, seed=seed_of_dropout)(features)
    return dense_layers(keras.layers.Flatten()(features), seeds, dense, activation, 0.0, initialiser)


def perceptron(
    flux,
    seed: int,
    *,
    units: Sequence[int],
    activation: str = "relu",
    dropout: float = 0.0,
    initialiser: str = "he_normal",
):
    """Dense layers alone: the fastest network on a processor, for spectra on a fixed grid.

    Parameters
    ----------
    flux : tensor (n, n_pixels).
    seed : of the weights and of dropout.
    units : of each layer, each followed by ``dropout`` where that is above 0.
    initialiser : of all weights (see `spectrolabe.train.initialisers`).
    """
    return dense_layers(flux, layer_seeds(seed, len(units)), units, activation, dropout, initialiser)


def residual(
    flux,
    seed: int,
    *,
    stem: int,
    blocks: Sequence[int],
    stem_dropout: float = 0.0,
    dropout: float = 0.0,
    activation: str = "gelu",
    skip: bool = True,
    layer_norm: bool = True,
    initialiser: str = "he_normal",
):
    """Dense layers with shortcuts around every two of them (He et al. 2016; arXiv:2606.13868, section 4).

    A stem of one normalised layer, then blocks of norm, dense, activation, norm, dense, dropout, whose input is added
    to their output; where the two differ in size, the input goes through a norm and a dense layer of its own first. A
    last norm gives the features. Norms are over the units of a layer (Ba et al. 2016).

    Parameters
    ----------
    flux : tensor (n, n_pixels).
    seed : of the weights and of dropout.
    stem, stem_dropout : units of the first layer, and the share of them that is dropped.
    blocks, dropout : units of the two layers of each block, and the share dropped of what a block adds.
    skip, layer_norm : without them no shortcuts are built, and no norms.
    initialiser : of all weights (see `spectrolabe.train.initialisers`).
    """

    def norm(tensor):
        return keras.layers.LayerNormalization()(tensor) if layer_norm else tensor

    def dense(tensor, size, seed):
        return keras.layers.Dense(size, kernel_initializer=fill_matrix(initialiser, seed))(tensor)

    def drop(tensor, share, seed):
        return keras.layers.Dropout(share, seed=seed)(tensor) if share else tensor

    # All are drawn, whatever is built: networks that differ in one option start from the same weights elsewhere.
    seeds = iter(np.random.default_rng(seed).integers(2**31, size=(1 + 2 * len(blocks), 2)).tolist())
    of_weights, of_dropout = next(seeds)
    features = drop(activate(norm(dense(flux, stem, of_weights)), activation), stem_dropout, of_dropout)
    for size in blocks:
        (first, second), (of_shortcut, of_dropout) = next(seeds), next(seeds)
        added = activate(dense(norm(features), size, first), activation)
        added = drop(dense(norm(added), size, second), dropout, of_dropout)
        if skip:
            shortcut = features if features.shape[1] == size else dense(norm(features), size, of_shortcut)
            added = keras.layers.Add()([added, shortcut])
        features = added
    return norm(features)


def layer_seeds(seed: int, layers: int) -> Iterator[int]:
    """Give every layer seeds of its own, so that nothing depends on a global one: one for weights, one for dropout."""
    return iter(np.random.default_rng(seed).integers(2**31, size=2 * layers).tolist())


def _activation(name: str):
    # Keras's own default slopes differ: 0.2 by this name, 0.3 as a layer.
    return keras.layers.LeakyReLU(negative_slope=LEAKY_SLOPE) if name == "leaky_relu" else name


def activate(features, name: str):
    """Apply an activation by a layer of its own."""
    activation = _activation(name)
    return keras.layers.Activation(activation)(features) if isinstance(activation, str) else activation(features)


def _convolution(
    features, seeds: Iterator[int], filters: int, kernel: int, stride: int, activation: str, initialiser: str
):
    options = {"activation": _activation(activation), "kernel_initializer": fill_kernel(initialiser, next(seeds))}
    return keras.layers.Conv1D(filters, kernel, stride, "same", **options)(features)


def dense_layers(
    features, seeds: Iterator[int], units: Sequence[int], activation: str, dropout: float, initialiser: str
):
    """Build dense layers of so many units, each followed by ``dropout`` where that is above 0."""
    for size in units:
        weights = fill_matrix(initialiser, next(seeds))
        features = keras.layers.Dense(size, _activation(activation), kernel_initializer=weights)(features)
        if dropout:
            features = keras.layers.Dropout(dropout, seed=next(seeds))(features)
    return features


NETWORKS = {
    "conv": conv,
    "conv_pairs": conv_pairs,
    "pca_conv": pca_conv,
    "perceptron": perceptron,
    "residual": residual,
    "residual_conv": residual_conv,
}
