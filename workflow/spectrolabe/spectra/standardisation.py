"""Standardised spectra: each without its mean, in units of its own standard deviation."""

from dataclasses import replace

import numpy as np

from spectrolabe.spectra.randomness import RowGenerators
from spectrolabe.spectra.table import Spectra

#: A standard deviation below this share of the largest flux is rounding alone.
LEAST_SPREAD = 1e-6


def standardise(spectra: Spectra, rng: RowGenerators) -> Spectra:
    """Subtract each spectrum's mean and divide by its standard deviation, all arms together; ivar follows.

    Flux x becomes (x - mean) / s with s the root mean square of x - mean, both over the pixels with information
    (arXiv:2606.13868, section 3). What is left is the shape, lines and slope of the continuum, without how bright a
    star looks. Pixels without information become 0, the mean; a spectrum of them alone stays without.

    Raises
    ------
    ValueError
        Where a spectrum has the same flux in all its pixels; the message names it.
    """
    mean, spread = measure_spread(spectra.flux, spectra.ivar)
    known = spectra.ivar > 0
    largest = np.abs(np.where(known, spectra.flux, 0)).max(axis=1, initial=0)
    flat = np.flatnonzero(known.any(axis=1) & (spread <= LEAST_SPREAD * largest))
    if flat.size:
        name = spectra.table["spectrum_id"].iloc[flat[0]] if "spectrum_id" in spectra.table else f"in row {flat[0]}"
        found = f"{mean[flat[0]]:g} in all {known[flat[0]].sum()} known pixels"
        raise ValueError(f"standardise expects flux that differs between pixels; spectrum {name} has {found}")
    unit = np.where(spread > 0, spread, 1)[:, None]
    flux = np.where(known, (spectra.flux - mean[:, None]) / unit, 0)
    return replace(
        spectra, flux=flux.astype(spectra.flux.dtype), ivar=(spectra.ivar * unit**2).astype(spectra.ivar.dtype)
    )


def measure_spread(flux: np.ndarray, ivar: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give each spectrum's mean and (population) standard deviation over its pixels with information.

    Parameters
    ----------
    flux, ivar : shape (n_spectra, n_pixels).

    Returns
    -------
    Two arrays of float64, shape (n_spectra,), in the unit of the flux; 0 for a spectrum without information.
    """
    known = ivar > 0
    count = np.maximum(known.sum(axis=1), 1)
    mean = np.where(known, flux, 0).sum(axis=1, dtype=float) / count
    apart = np.where(known, flux - mean[:, None], 0)
    return mean, np.sqrt((apart**2).sum(axis=1) / count)
