"""Division by the continuum: one of several ways to find it, and that by clipping in segments."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
from scipy.interpolate import BSpline, make_interp_spline
from scipy.sparse import csr_array

from spectrolabe.spectra.cleaning import within
from spectrolabe.spectra.lowered_bins import lowered_bins
from spectrolabe.spectra.randomness import RowGenerators
from spectrolabe.spectra.table import Spectra
from spectrolabe.spectra.wavelength import split_arms

MOST_CLIPS = 10
#: A segment counts where it has this many usable pixels, and this share of those that the grid has there.
LEAST_PIXELS, LEAST_SHARE = 3, 0.2


def normalise(spectra: Spectra, rng: RowGenerators, **method: Mapping) -> Spectra:
    """Divide spectra by their continuum.

    Parameters
    ----------
    method : one name of `CONTINUA` with its options, as ``asymmetric_clip={"segment": 10, "low": 0.5, "high": 2.0}``.

    Returns
    -------
    Flux over continuum; ivar times its square. Arms in which a spectrum has too few pixels for a continuum, and pixels
    where it is not positive, are without information. Rows whose status says that they cannot be used stay as they are.

    Raises
    ------
    ValueError
        Where a spectrum has no usable pixel, or its continuum is positive in none.
    """
    ((name, options),) = method.items()
    if name not in CONTINUA:
        raise ValueError(f"unknown continuum {name!r}: expected one of {', '.join(CONTINUA)}")
    used = (spectra.table["status"] == "").to_numpy() if "status" in spectra.table else np.ones(len(spectra), bool)
    rows = np.flatnonzero(used)
    continuum = CONTINUA[name](spectra.select(rows), rng.select(rows) if rng else None, **options)
    usable = (spectra.ivar[used] > 0) & ~np.isnan(continuum)
    known = usable & (continuum > 0)
    _check(usable, known, spectra.table[used])
    level = np.where(known, continuum, 1)
    flux, ivar = spectra.flux.copy(), spectra.ivar.copy()
    flux[used] = np.where(known | (ivar[used] <= 0), flux[used] / level, 0)
    ivar[used] = np.where(known, ivar[used] * level**2, 0)
    return replace(spectra, flux=flux, ivar=ivar)


def _check(usable, positive, table):
    faults = {
        "it has no usable pixels": ~usable.any(axis=1),
        "its continuum is not positive": ~positive.any(axis=1),
    }
    for reason, rows in faults.items():
        if rows.any():
            name = table["spectrum_id"].iloc[np.argmax(rows)] if "spectrum_id" in table else np.argmax(rows)
            raise ValueError(f"the spectrum {name} cannot be normalised: {reason}")


def asymmetric_clip(
    spectra: Spectra,
    rng: RowGenerators | None = None,
    *,
    segment: float,
    low: float = 0.5,
    high: float = 2.0,
    mask: Sequence = (),
    medium: str | None = None,
) -> np.ndarray:
    """Find the continuum by clipping absorption lines harder than noise peaks (Bialek et al. 2020, appendix A).

    In each segment pixels further than ``low`` standard deviations below and ``high`` above the median are rejected
    until none is left to reject; a cubic spline goes through the medians that remain. This is done twice, the second
    time on the flux over the first continuum, so that a slope within a segment neither widens the clip nor moves the
    median. Beyond the centres of the outermost segments the continuum is constant. Arms with a gap between them have a
    continuum each.

    Parameters
    ----------
    rng : not used: nothing here works by chance.
    segment : width (angstrom).
    low, high : limits in standard deviations.
    mask : wavelength ranges (angstrom) of strong lines, left out.
    medium : what ``mask`` is in, "air" or "vacuum"; the spectra's own where not given.

    Returns
    -------
    Continuum, shape (n_spectra, n_pixels); NaN where an arm has no segment with enough pixels.
    """
    masked = within(spectra.wavelength, mask, medium or spectra.medium, spectra.medium)
    usable = (spectra.ivar > 0) & np.isfinite(spectra.flux) & ~masked
    continuum = np.empty(spectra.flux.shape)
    for arm in split_arms(spectra.wavelength):
        wavelength, flux, used = spectra.wavelength[arm], spectra.flux[:, arm], usable[:, arm]
        count = max(1, round((wavelength[-1] - wavelength[0]) / segment))
        edges = np.linspace(wavelength[0], wavelength[-1], count + 1)
        first = _continuum(flux, used, wavelength, edges, low, high)
        positive = first > 0
        flat = np.divide(flux, first, out=np.zeros(flux.shape), where=positive)
        second = _continuum(flat, used & positive, wavelength, edges, low, high)
        continuum[:, arm] = np.where(positive, first * second, first)
    return continuum


#: name -> function (spectra, rng, **options) -> continuum
CONTINUA = {"asymmetric_clip": asymmetric_clip, "lowered_bins": lowered_bins}


def _continuum(flux, usable, wavelength, edges, low, high):
    """Clip each segment and draw a spline through their levels, rows that lack the same segments together."""
    levels = _segment_levels(flux, usable, np.searchsorted(wavelength, edges[1:-1]), low, high)
    centres = (edges[1:] + edges[:-1]) / 2
    continuum = np.full(flux.shape, np.nan)
    known = ~np.isnan(levels)
    for pattern in np.unique(known, axis=0):
        if pattern.any():
            rows = (known == pattern).all(axis=1)
            coefficients, basis = _spline(centres.tobytes(), pattern.tobytes(), wavelength.tobytes())
            # Not by BLAS, whose sums depend on how many rows there are: a spectrum's continuum must not depend on its
            # neighbours.
            points = np.einsum("ij,nj->in", coefficients, levels[np.ix_(rows, pattern)])
            continuum[rows] = (basis @ points).T
    return continuum


@lru_cache(maxsize=16)
def _spline(centres: bytes, known: bytes, wavelength: bytes) -> tuple[np.ndarray, csr_array]:
    """Give the matrix from levels at the known centres to spline coefficients, and that from coefficients to pixels.

    The spline is led straight through segments without a level: over a wide gap it would swing below zero.
    """
    x, pixels = np.frombuffer(centres), np.frombuffer(wavelength)
    levelled = x[np.frombuffer(known, bool)]
    x = x[(x >= levelled[0]) & (x <= levelled[-1])]
    if len(x) == 1:
        return np.ones((1, 1)), csr_array(np.ones((len(pixels), 1)))
    bridged = np.transpose([np.interp(x, levelled, unit) for unit in np.eye(len(levelled))])
    spline = make_interp_spline(x, bridged, k=min(3, len(x) - 1))
    return spline.c, csr_array(BSpline.design_matrix(np.clip(pixels, x[0], x[-1]), spline.t, spline.k))


def _segment_levels(flux, usable, inner_edges, low, high):
    """Give the median of each segment's kept pixels, shape (n_spectra, n_segments); NaN where there are too few."""
    parts = np.split(np.arange(flux.shape[1]), inner_edges)
    size = np.array([len(part) for part in parts])
    pixels = np.array([np.pad(part, (0, size.max() - len(part)), constant_values=-1) for part in parts])
    values = np.where(usable, flux, np.inf)
    values = np.where(pixels < 0, np.inf, values[:, pixels])
    values.sort(axis=-1)
    count = np.isfinite(values).sum(axis=-1)
    levels = _clip(values, count, low, high)
    return np.where(count >= np.maximum(LEAST_PIXELS, LEAST_SHARE * size), levels, np.nan)


def _clip(values, count, low, high):
    """Clip sorted values: what is kept is always one interval, so that medians and sums follow from its two ends."""
    centre = np.where(count > 0, _median(values, np.zeros_like(count), count), 0)
    # Relative to the centre, so that no digits are lost in the squares.
    offsets = np.where(np.isfinite(values), values - centre[..., None], 0)
    sums, squares = (np.pad(np.cumsum(x, axis=-1), [(0, 0)] * (x.ndim - 1) + [(1, 0)]) for x in (offsets, offsets**2))
    first, last = np.zeros_like(count), count
    for _ in range(MOST_CLIPS):
        size = np.maximum(last - first, 1)
        mean, square = ((_at(x, last) - _at(x, first)) / size for x in (sums, squares))
        deviation = np.sqrt(np.maximum(square - mean**2, 0))
        median = _median(values, first, last)
        lower = np.maximum(first, (values < (median - low * deviation)[..., None]).sum(axis=-1))
        upper = np.minimum(last, (values <= (median + high * deviation)[..., None]).sum(axis=-1))
        kept = upper > lower
        lower, upper = np.where(kept, lower, first), np.where(kept, upper, last)
        if np.array_equal(lower, first) and np.array_equal(upper, last):
            break
        first, last = lower, upper
    return _median(values, first, last)


def _median(values, first, last):
    middle = first + last
    return (
        _at(values, np.maximum(middle - 1, 0) // 2) + _at(values, np.minimum(middle // 2, values.shape[-1] - 1))
    ) / 2


def _at(values, index):
    return np.take_along_axis(values, index[..., None], axis=-1)[..., 0]
