"""Principal components of the training flux, in frozen first layers: fewer inputs, or spectra with less noise."""

import keras
import numpy as np
from sklearn.utils.extmath import randomized_svd

from spectrolabe.spectra.components import Components

#: Networks that take the components themselves; others take the spectra that are rebuilt from them.
PROJECTED = ("perceptron", "pca_conv")
#: The frozen layer that gives the components.
LAYER = "principal_components"
#: Spectra that the components are found on: more hardly change them.
MOST_SPECTRA = 10_000


def project(
    scaled, flux: np.ndarray, mean: np.ndarray, variance: np.ndarray, count: int, seed: int, *, common: bool = False
):
    """Project scaled flux on the leading principal components of the training spectra, brought to unit spread.

    Parameters
    ----------
    scaled : tensor (n, n_pixels), flux less ``mean`` over the root of ``variance``, 0 where a pixel is missing.
    flux : training spectra, shape (n_spectra, n_pixels).
    mean, variance : of each pixel, shape (n_pixels,).
    count : number of components.
    seed : of the choice of spectra and of the randomised decomposition (Halko et al. 2011).
    common : whether all components are scaled alike, so that the weak ones, which hold more noise, stay weak; else each
        is brought to unit spread.

    Returns
    -------
    Tensor (n, count), from a layer that training leaves as it is.

    Raises
    ------
    ValueError
        Where there are fewer spectra or pixels than components.
    """
    return project_on(scaled, principal_axes(flux, mean, variance, count, seed, common=common))


def project_on(scaled, axes: np.ndarray):
    """Project scaled flux, shape (n, n_pixels), on axes, shape (n_pixels, count), that training leaves as they are."""
    layer = keras.layers.Dense(axes.shape[1], use_bias=False, trainable=False, name=LAYER)
    projected = layer(scaled)
    layer.set_weights([axes])
    return projected


def trained_part(member: keras.Model, components: Components | None) -> keras.Model:
    """Give what is trained of a network: all of it, or the part from coefficients to labels, which shares its layers.

    Parameters
    ----------
    member : a network from flux to labels, just built or opened.
    components : what the training spectra were compressed by; None where they hold flux.

    Raises
    ------
    ValueError
        Where the network projects flux on other components.
    """
    if components is None:
        return member
    layer = next((layer for layer in member.layers if layer.name == LAYER), None)
    axes = components.axes.T
    if layer is None or layer.kernel.shape != axes.shape or not np.array_equal(layer.kernel, axes):
        kind = "no components" if layer is None else "other components"
        raise ValueError(f"expected a network on the components of the training set, found one on {kind}")
    return keras.Model(layer.output, member.output)


def rebuild(scaled, flux: np.ndarray, mean: np.ndarray, variance: np.ndarray, count: int, seed: int):
    """Rebuild scaled flux from the leading principal components of the training spectra: most noise stays behind.

    Parameters
    ----------
    scaled, flux, mean, variance, count, seed : and errors, see `project`.

    Returns
    -------
    Tensor (n, n_pixels), from two layers that training leaves as they are.
    """
    axes = principal_axes(flux, mean, variance, count, seed)
    axes /= np.linalg.norm(axes, axis=0)
    first = keras.layers.Dense(count, use_bias=False, trainable=False, name=LAYER)
    second = keras.layers.Dense(flux.shape[1], use_bias=False, trainable=False, name="rebuilt_flux")
    rebuilt = second(first(scaled))
    first.set_weights([axes])
    second.set_weights([axes.T])
    return rebuilt


def principal_axes(
    flux: np.ndarray, mean: np.ndarray, variance: np.ndarray, count: int, seed: int, *, common: bool = False
) -> np.ndarray:
    """Give the axes of the leading components over their standard deviations, shape (n_pixels, count), float32.

    With ``common``, over the root mean square of these.
    """
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
    if common:
        deviation = np.sqrt(np.mean(deviation**2))
    return (axes.T / deviation).astype(np.float32)
