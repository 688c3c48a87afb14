"""Principal components of spectra: a few coefficients in place of the flux of many pixels, and the way back."""

import os
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from spectrolabe.spectra.table import Spectra, replacing


@dataclass(frozen=True)
class Components:
    """The leading principal components of training spectra (Open Astronomy 31, 38, equations 1 and 2).

    ``mean`` flux of each pixel, shape (n_pixels,); ``axes``, orthonormal, shape (n_components, n_pixels); ``scale``,
    the root mean square of the training coefficients over all components, which networks divide all of them by: so the
    weak ones, which hold more noise, stay weak. Pixels are not scaled one by one, and a missing one (flux 0) counts as
    the mean.
    """

    mean: np.ndarray
    axes: np.ndarray
    scale: float

    def project(self, flux: np.ndarray) -> np.ndarray:
        """Give the coefficients of flux, shape (n_spectra, n_pixels): float32, shape (n_spectra, n_components)."""
        centred = np.where(flux != 0, flux - self.mean, 0).astype(np.float32, copy=False)
        return centred @ self.axes.T

    def rebuild(self, coefficients: np.ndarray) -> np.ndarray:
        """Give the flux that coefficients, shape (n_spectra, n_components), stand for: shape (n_spectra, n_pixels)."""
        return self.mean + coefficients @ self.axes

    def save(self, path: str | Path) -> None:
        """Write the components to a file that is either whole or absent."""
        with replacing(path) as temporary, open(temporary, "wb") as stream:
            np.savez(stream, mean=self.mean, axes=self.axes, scale=self.scale)

    @classmethod
    def load(cls, path: str | Path) -> "Components":
        """Read components that `save` wrote.

        Raises
        ------
        ValueError
            Where the file holds no components; the message names it.
        """
        try:
            with np.load(path) as saved:
                return cls(saved["mean"], saved["axes"], float(saved["scale"]))
        except (KeyError, ValueError, EOFError, OSError) as error:
            raise ValueError(f"{os.fspath(path)}: expected principal components, found none ({error})") from error


def compress_spectra(spectra: Spectra, components: Components) -> Spectra:
    """Give spectra as coefficients, which are spectra in another, orthonormal basis: white noise is as strong there.

    Returns
    -------
    The same rows, with the number of the component (1, 2, ...) for ``wavelength``, its coefficient for ``flux``, and
    for ``ivar`` 1, or 0 in a spectrum without any known pixel.

    Raises
    ------
    ValueError
        Where the spectra have another number of pixels than the components.
    """
    if spectra.flux.shape[1] != len(components.mean):
        found = f"found spectra of {spectra.flux.shape[1]}"
        raise ValueError(f"expected spectra of {len(components.mean)} pixels, as the components have, {found}")
    coefficients = components.project(spectra.flux)
    known = (spectra.flux != 0).any(axis=1, keepdims=True)
    ivar = np.broadcast_to(known.astype(np.float32), coefficients.shape)
    numbers = np.arange(1, len(components.axes) + 1, dtype=float)
    return replace(spectra, wavelength=numbers, flux=coefficients, ivar=ivar)
