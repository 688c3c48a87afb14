"""Initialisers: what a layer's weights are filled with before training; biases start at 0.

All of Open Astronomy 31, 38 (section 4.1.2), with Keras's own settings: by these, "variance_scaling" is "lecun_normal".
"""

from collections.abc import Callable

import keras

_FIXED = {
    "zeros": keras.initializers.Zeros,
    "ones": keras.initializers.Ones,
    "identity": keras.initializers.Identity,
}
_DRAWN = {
    "random_normal": keras.initializers.RandomNormal,
    "random_uniform": keras.initializers.RandomUniform,
    "truncated_normal": keras.initializers.TruncatedNormal,
    "variance_scaling": keras.initializers.VarianceScaling,
    "orthogonal": keras.initializers.Orthogonal,
    "glorot_normal": keras.initializers.GlorotNormal,
    "glorot_uniform": keras.initializers.GlorotUniform,
    "he_normal": keras.initializers.HeNormal,
    "he_uniform": keras.initializers.HeUniform,
    "lecun_normal": keras.initializers.LecunNormal,
    "lecun_uniform": keras.initializers.LecunUniform,
}
INITIALISERS: dict[str, Callable[..., keras.initializers.Initializer]] = _FIXED | _DRAWN
#: Fills convolutions where the others are filled with the identity matrix, which has two axes and their kernels three:
#: what Keras takes where nothing is said.
IN_PLACE_OF_IDENTITY = "glorot_uniform"


def fill_matrix(name: str, seed: int) -> keras.initializers.Initializer:
    """Give the initialiser of a dense layer; ``seed`` is the layer's own, and those that draw nothing leave it."""
    return INITIALISERS[name]() if name in _FIXED else INITIALISERS[name](seed=seed)


def fill_kernel(name: str, seed: int) -> keras.initializers.Initializer:
    """Give the initialiser of a convolution, with `IN_PLACE_OF_IDENTITY` for the one that cannot fill it."""
    return fill_matrix(IN_PLACE_OF_IDENTITY if name == "identity" else name, seed)
