"""Principal components of the training flux, as a frozen first layer: fewer inputs, and all of one scale."""

import keras
import numpy as np
from sklearn.utils.extmath import randomized_svd

#: Spectra that the components are found on: more hardly change them.
MOST_SPECTRA = 10_000


def project(scaled, flux: np.ndarray, mean: np.ndarray, variance: np.ndarray, count: int, seed: int):
    """Project scaled flux on the leading principal components of the training spectra, each brought to unit spread.

    Parameters
    ----------
    scaled : tensor (n, n_pixels), flux less ``mean`` over the root of ``variance``, 0 where a pixel is missing.
    flux : training spectra, shape (n_spectra, n_pixels).
    mean, variance : of each pixel, shape (n_pixels,).
    count : number of components.
    seed : of the choice of spectra and of the randomised decomposition (Halko et al. 2011).

    Returns
    -------
    Tensor (n, count), from a layer that training leaves as it is.

    Raises
    ------
    ValueError
        Where there are fewer spectra or pixels than components.
    """
    layer = keras.layers.Dense(count, use_bias=False, trainable=False, name="principal_components")
    projected = layer(scaled)
    layer.set_weights([principal_axes(flux, mean, variance, count, seed)])
    return projected


def principal_axes(flux: np.ndarray, mean: np.ndarray, variance: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Give the axes of the leading components over their standard deviations, shape (n_pixels, count), float32."""
    if count > min(flux.shape):
        found = f"{flux.shape[0]} training spectra of {flux.shape[1]} pixels"
        raise ValueError(
            f"expected at most as many components as training spectra and pixels, found {count} for {found}"
        )
    rng = np.random.default_rng(seed)
    rows = np.sort(rng.permutation(len(flux))[:MOST_SPECTRA])
    scaled = (flux[rows] - mean) / np.sqrt(variance)
    scaled[flux[rows] == 0] = 0
    _, lengths, axes = randomized_svd(scaled, count, n_iter=4, random_state=int(rng.integers(2**31)))
    deviation = np.maximum(lengths / np.sqrt(len(rows)), np.finfo(np.float32).eps)
    return (axes.T / deviation).astype(np.float32)
