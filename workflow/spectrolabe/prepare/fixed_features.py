"""Features that stay where they are in a survey's spectra, whatever the stars' velocities: the spectrograph's own."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.ndimage import median_filter

from spectrolabe.acquire.arms import read_arms
from spectrolabe.acquire.readers import ReadError
from spectrolabe.prepare.masks import Mask, merge_ranges
from spectrolabe.spectra.cleaning import GAUSSIAN_MAD, bridge
from spectrolabe.spectra.table import Spectrum
from spectrolabe.spectra.wavelength import convert_medium, pixel_edges, split_arms

#: Pixels of the running median, several times as many as a feature has, and of the running scatter about it.
LEVEL_WINDOW, SCATTER_WINDOW = 41, 201
#: What this share of the spectra exceed at a pixel, where it is above the running median, is taken for the stars' own.
COMMON = 0.8
#: A common grid has no more pixels than this (a survey whose native steps are that small is not meant).
MOST_PIXELS = 2_000_000


def read_sample(chosen: pd.DataFrame, *, root: Path, reader: str, join: Sequence[str] = ()) -> list[Spectrum]:
    """Read native spectra of a survey; those that fail are left out.

    Parameters
    ----------
    chosen : rows of its manifest, see `spectrolabe.prepare.raw_spectra.sample_manifest`.
    root, reader, join : see `spectrolabe.prepare.preparation.prepare_spectra`.
    """
    sample = []
    for row in chosen.to_dict("records"):
        try:
            spectra, _ = read_arms(row["path"], Path(root), reader, join)
        except ReadError:
            continue
        if row["row"] < len(spectra):
            sample.append(spectra[row["row"]])
    return sample


def find_fixed_features(sample: Sequence[Spectrum], *, sigma: float, share: float, medium: str) -> Mask:
    """Give the ranges in which too many spectra of a survey stand out, in the observed frame.

    A star's own features move with its velocity, those of the spectrograph do not. In each arm of each spectrum, pixels
    are compared with the running median of 41 pixels, in units of the robust scatter about it, in which the star's
    lines have their part: that of the arm, or of the 201 pixels around where it is larger. What four fifths of the
    spectra exceed at a pixel is taken off first: between strong lines all stars stand above the median. So a feature
    that shines alike in more of them than that is not found.

    Parameters
    ----------
    sample : native spectra (angstrom, vacuum), not shifted to rest.
    sigma : how far a pixel stands out (robust standard deviations).
    share : a pixel is masked where more than this share of the spectra that know it stand out.
    medium : "air" or "vacuum", what the ranges are to be in.

    Returns
    -------
    Mask whose summary holds ``sigma``, ``share``, ``spectra`` (their number), ``masked_share`` (of all pixels) and
    ``features``: of each its ``start``, ``stop`` (angstrom) and highest ``share``.

    Raises
    ------
    ValueError
        Where no spectrum could be read, or every pixel stands out.
    """
    if not sample:
        raise ValueError("expected native spectra to find fixed features in, found none that can be read")
    grid = _common_grid(sample)
    excess = np.full((len(sample), len(grid)), np.nan, np.float32)
    for row, spectrum in zip(excess, sample, strict=True):
        nearest, inside = _place(grid, spectrum.wavelength)
        row[inside] = _measure_excess(spectrum)[nearest[inside]]
    seen = np.isfinite(excess).sum(axis=0)
    rank = ((1 - COMMON) * np.maximum(seen - 1, 0)).astype(int)
    common = np.take_along_axis(np.sort(excess, axis=0), rank[None], axis=0)[0]
    shares = (excess - np.fmax(common, 0) > sigma).sum(axis=0) / np.maximum(seen, 1)
    masked = shares > share
    if masked.all():
        raise ValueError(f"more than a share of {share:g} stands out by {sigma:g} sigma in every pixel")
    ranges = merge_ranges(convert_medium(grid, "vacuum", medium), masked)
    first = np.flatnonzero(np.diff(np.r_[0, masked.astype(int)]) == 1)
    highest = np.maximum.reduceat(np.where(masked, shares, 0), first) if first.size else []
    features = [row | {"share": float(top)} for row, top in zip(ranges.to_dict("records"), highest, strict=True)]
    summary = {"sigma": sigma, "share": share, "spectra": len(sample), "masked_share": float(masked.mean())}
    return Mask(ranges, summary | {"features": features})


def _common_grid(sample: Sequence[Spectrum]) -> np.ndarray:
    """Give the sample's own wavelengths where all have the same, else an even grid in log wavelength over all."""
    first = sample[0].wavelength
    if all(np.array_equal(spectrum.wavelength, first) for spectrum in sample):
        return first
    low = min(spectrum.wavelength[0] for spectrum in sample)
    high = max(spectrum.wavelength[-1] for spectrum in sample)
    step = min(np.median(np.diff(np.log(spectrum.wavelength))) for spectrum in sample)
    return low * np.exp(np.linspace(0, np.log(high / low), min(int(np.log(high / low) / step) + 2, MOST_PIXELS)))


def _place(grid: np.ndarray, wavelength: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give for each pixel of a grid the nearest of a spectrum's, and whether it lies within that."""
    nearest = np.clip(np.searchsorted(wavelength, grid), 1, len(wavelength) - 1)
    nearest = nearest - (grid - wavelength[nearest - 1] < wavelength[nearest] - grid)
    lower, upper = pixel_edges(wavelength)
    return nearest, (grid >= lower[nearest]) & (grid <= upper[nearest])


def _measure_excess(spectrum: Spectrum) -> np.ndarray:
    """Give how far pixels stand above their surroundings (robust standard deviations); NaN without information."""
    known = (spectrum.ivar > 0) & ~spectrum.bad & np.isfinite(spectrum.flux)
    excess = np.full(len(known), np.nan)
    for arm in split_arms(spectrum.wavelength):
        used = known[arm]
        if not used.any():
            continue
        flux = bridge(np.asarray(spectrum.flux[arm], float)[None], ~used[None])[0]
        above = flux - median_filter(flux, LEVEL_WINDOW, mode="nearest")
        local = median_filter(np.abs(above), SCATTER_WINDOW, mode="nearest")
        scatter = GAUSSIAN_MAD * np.maximum(local, np.median(np.abs(above[used])))
        excess[arm][used & (scatter > 0)] = (above / np.where(scatter > 0, scatter, 1))[used & (scatter > 0)]
    return excess
