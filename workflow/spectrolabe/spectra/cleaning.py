"""Cleaning of observed spectra: spikes, zeros, masked ranges, gaps, and a noise estimate where a file has none."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from spectrolabe.spectra.randomness import RowGenerators
from spectrolabe.spectra.table import Spectra
from spectrolabe.spectra.wavelength import convert_medium, split_arms

#: Standard deviation of a Gaussian over its median absolute deviation.
GAUSSIAN_MAD = 1.482602


def estimate_noise(flux: np.ndarray) -> float:
    """Estimate a spectrum's noise (1 sigma) from its pixels alone: DER_SNR (Stoehr et al. 2008, ASP Conf. 394, 505).

    The estimate is of the noise between pixels two apart; where neighbours share their noise (a spectrum sampled finer
    than its resolution and smoothed) the true noise is larger. Zeros and non-finite pixels are ignored.

    Parameters
    ----------
    flux : shape (n_pixels,).

    Returns
    -------
    The noise in the unit of the flux; NaN where fewer than five pixels are left.
    """
    used = flux[np.isfinite(flux) & (flux != 0)]
    if len(used) < 5:
        return float("nan")
    return float(GAUSSIAN_MAD / np.sqrt(6) * np.median(np.abs(2 * used[2:-2] - used[:-4] - used[4:])))


def clean_spikes(spectra: Spectra, rng: RowGenerators, *, sigma: float = 5) -> Spectra:
    """Set pixels far above a spectrum's median, as cosmic rays leave them, to the median.

    Each arm has a median of its own, since two settings of a spectrograph do not count alike.

    Parameters
    ----------
    sigma : how far, in robust standard deviations (1.4826 times the median absolute deviation).
    """
    flux = spectra.flux.copy()
    for arm in split_arms(spectra.wavelength):
        for row, known in zip(flux[:, arm], spectra.ivar[:, arm] > 0, strict=True):
            if not known.any():
                continue
            median = np.median(row[known])
            deviation = GAUSSIAN_MAD * np.median(np.abs(row[known] - median))
            # A spectrum that is mostly one value has no scale to measure spikes by.
            if deviation > 0:
                row[known & (row > median + sigma * deviation)] = median
    return replace(spectra, flux=flux)


def clean_zeros(spectra: Spectra, rng: RowGenerators) -> Spectra:
    """Take the information from pixels whose flux is exactly zero or not finite: nothing was measured there."""
    empty = (spectra.flux == 0) | ~np.isfinite(spectra.flux)
    return without_information(spectra, empty)


def mask_pixels(
    spectra: Spectra, rng: RowGenerators, *, ranges: Sequence[Sequence[float]], medium: str | None = None
) -> Spectra:
    """Take flux and information from wavelength ranges, as those of telluric or badly modelled lines.

    ``masked_share`` in the table becomes the share of the pixels that went on purpose, which no flag counts as lost.
    A later ``resample`` forgets it: on another grid the share would be another.

    Parameters
    ----------
    ranges : pairs of lowest and highest wavelength (angstrom).
    medium : "air" or "vacuum", what the ranges are in; the spectra's own where not given.
    """
    inside = within(spectra.wavelength, ranges, medium or spectra.medium, spectra.medium)
    masked = without_information(spectra, np.broadcast_to(inside, spectra.flux.shape))
    earlier = spectra.table.get("masked_share", 0.0)
    return replace(masked, table=spectra.table.assign(masked_share=earlier + inside.mean()))


def within(wavelength: np.ndarray, ranges: Sequence[Sequence[float]], source: str, target: str) -> np.ndarray:
    """Tell which pixels of a grid in medium ``target`` lie within ranges (angstrom, in medium ``source``)."""
    inside = np.zeros(len(wavelength), bool)
    for low, high in ranges:
        low, high = convert_medium(np.array([low, high], float), source, target)
        inside |= (wavelength >= low) & (wavelength <= high)
    return inside


def without_information(spectra: Spectra, pixels: np.ndarray) -> Spectra:
    """Give spectra with flux 0 and ivar 0 where ``pixels`` (shape (n_spectra, n_pixels)) is True."""
    flux, ivar = spectra.flux.copy(), spectra.ivar.copy()
    flux[pixels] = 0
    ivar[pixels] = 0
    return replace(spectra, flux=flux, ivar=ivar)


def bridge(values: np.ndarray, bad: np.ndarray) -> np.ndarray:
    """Replace bad values by straight lines between the good ones beside them (constant at the ends).

    Both have shape (n_spectra, n_pixels); a row without any good value becomes 0.
    """
    bridged = np.array(values)
    pixels = np.arange(values.shape[1])
    for row in np.flatnonzero(bad.any(axis=1)):
        good = ~bad[row]
        bridged[row, ~good] = np.interp(pixels[~good], pixels[good], values[row, good]) if good.any() else 0
    return bridged
