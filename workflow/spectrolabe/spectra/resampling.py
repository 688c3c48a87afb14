"""Resampling to another wavelength grid: flux-conserving by one sparse matrix product, or by a cubic spline."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
from scipy.interpolate import make_interp_spline
from scipy.sparse import csr_array

from spectrolabe.spectra.cleaning import bridge
from spectrolabe.spectra.randomness import RowGenerators
from spectrolabe.spectra.table import Spectra
from spectrolabe.spectra.wavelength import build_grid, convert_medium, pixel_edges

#: An output pixel needs good input pixels under at least this share of its width.
LEAST_COVERAGE = 0.5


def resample(
    spectra: Spectra,
    rng: RowGenerators,
    *,
    arms: Sequence[Mapping],
    medium: str,
    method: str = "conserve",
    ends: str = "missing",
) -> Spectra:
    """Put spectra on a recipe's wavelength grid.

    Parameters
    ----------
    arms : see `spectrolabe.spectra.wavelength.build_grid`.
    medium : "air" or "vacuum", what the arms are in.
    method : "conserve" (mean flux over each new pixel) or "cubic" (spline through the old pixels).
    ends : "missing", or "nearest" (with "cubic"): new pixels before a spectrum's first good pixel or behind its last
        have its flux and ivar (arXiv:2606.13868, section 3), and count as known from then on.

    Returns
    -------
    Spectra on the new grid; flux 0 and ivar 0 where a new pixel lies mostly outside the old grid or on bad pixels.

    Raises
    ------
    ValueError
        For an unknown method or treatment of the ends, or one that does not go with the method.
    """
    if method not in METHODS:
        raise ValueError(f"unknown resampling method {method!r}: expected one of {', '.join(METHODS)}")
    if ends not in ENDS[method]:
        raise ValueError(f"resampling by {method} has no ends {ends!r}: expected one of {', '.join(ENDS[method])}")
    grid = build_grid(arms)
    wavelength = convert_medium(spectra.wavelength, spectra.medium, medium)
    flux, ivar = METHODS[method](spectra.flux, spectra.ivar, wavelength, grid)
    if ends == "nearest":
        clamp_ends(flux, ivar, spectra)
    dtype, table = spectra.flux.dtype, spectra.table
    if "masked_share" in table:  # a share of the old pixels
        table = table.drop(columns="masked_share")
    return replace(
        spectra,
        wavelength=grid,
        medium=medium,
        flux=flux.astype(dtype, order="C"),
        ivar=ivar.astype(spectra.ivar.dtype, order="C"),
        table=table,
    )


def conserve(
    flux: np.ndarray, ivar: np.ndarray, wavelength: np.ndarray, grid: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Average spectra over new pixels, weighted by overlap (Carnall 2017, arXiv:1705.05165, equations 3 and 4).

    Parameters
    ----------
    flux, ivar : shape (n_spectra, n_pixels); pixels of ivar 0 have no weight.
    wavelength, grid : old and new grid, in one unit and medium.

    Returns
    -------
    Flux and ivar (neighbours of the old grid taken as independent), shape (n_spectra, len(grid)).
    """
    overlap, squared, width = _overlaps(wavelength.tobytes(), grid.tobytes())
    good = ivar > 0
    if good.all():
        covered = np.broadcast_to(overlap.sum(axis=1), (len(flux), len(grid)))
        total, variance = flux @ overlap.T, (1 / ivar) @ squared.T
    else:
        covered = good.astype(float) @ overlap.T
        total = np.where(good, flux, 0) @ overlap.T
        variance = np.divide(1, ivar, out=np.zeros(ivar.shape), where=good) @ squared.T
    known = covered >= LEAST_COVERAGE * width
    covered = np.where(known, covered, 1)
    new_ivar = np.divide(covered**2, variance, out=np.zeros(total.shape), where=known)
    return np.where(known, total / covered, 0), new_ivar


def cubic(
    flux: np.ndarray, ivar: np.ndarray, wavelength: np.ndarray, grid: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Interpolate spectra by cubic splines, bad pixels bridged; ivar is the mean of the good pixels under a new one.

    Parameters and result as of `conserve`.
    """
    overlap, _, width = _overlaps(wavelength.tobytes(), grid.tobytes())
    good = ivar > 0
    spline = make_interp_spline(wavelength, bridge(flux, ~good), k=3, axis=1)
    new_flux = spline(np.clip(grid, wavelength[0], wavelength[-1]))
    covered = good.astype(float) @ overlap.T
    known = covered >= LEAST_COVERAGE * width
    new_ivar = np.divide(ivar @ overlap.T, covered, out=np.zeros(new_flux.shape), where=known)
    return np.where(known, new_flux, 0), new_ivar


def clamp_ends(flux: np.ndarray, ivar: np.ndarray, source: Spectra) -> None:
    """Fill resampled spectra, shape (n_spectra, n_pixels), to both ends with their source's first and last good pixel.

    Spectra without any known pixel stay as they are: nothing of them lies on the new grid.
    """
    for row in np.flatnonzero((ivar > 0).any(axis=1)):
        known, good = np.flatnonzero(ivar[row] > 0), np.flatnonzero(source.ivar[row] > 0)
        for beyond, pixel in ((slice(0, known[0]), good[0]), (slice(known[-1] + 1, None), good[-1])):
            flux[row, beyond], ivar[row, beyond] = source.flux[row, pixel], source.ivar[row, pixel]


METHODS = {"conserve": conserve, "cubic": cubic}
#: Method -> what it can do beyond the ends of a spectrum.
ENDS = {"conserve": ("missing",), "cubic": ("missing", "nearest")}


@lru_cache(maxsize=8)
def _overlaps(wavelength: bytes, grid: bytes) -> tuple[csr_array, csr_array, np.ndarray]:
    """Give the overlap (angstrom) of each new pixel with each old one, its square, and the new pixels' widths.

    The grids come as bytes so that equal grids, shard after shard, find the matrix made for the first.
    """
    lower, upper = pixel_edges(np.frombuffer(wavelength))
    new_lower, new_upper = pixel_edges(np.frombuffer(grid))
    first = np.searchsorted(upper, new_lower, side="right")
    count = np.maximum(np.searchsorted(lower, new_upper, side="left") - first, 0)
    start = np.r_[0, np.cumsum(count)]
    row = np.repeat(np.arange(len(count)), count)
    column = np.arange(start[-1]) - start[row] + first[row]
    shared = np.minimum(upper[column], new_upper[row]) - np.maximum(lower[column], new_lower[row])
    shape = (len(new_lower), len(lower))
    overlap = csr_array((shared, column, start), shape=shape)
    return overlap, csr_array((shared**2, column, start), shape=shape), new_upper - new_lower


def to_log_grid(spectra: Spectra) -> Spectra:
    """Put spectra on a grid uniform in log wavelength, of the same range and median step, as velocity profiles need.

    Flux is interpolated by cubic splines; ivar follows the pixels' width, so that the information per angstrom stays.
    """
    step = np.median(np.diff(np.log(spectra.wavelength)))
    count = int(np.log(spectra.wavelength[-1] / spectra.wavelength[0]) / step + 1e-6) + 1
    grid = spectra.wavelength[0] * np.exp(step * np.arange(count))
    flux, ivar = cubic(spectra.flux, spectra.ivar, spectra.wavelength, grid)
    ivar *= grid * step / np.interp(grid, spectra.wavelength, np.gradient(spectra.wavelength))
    dtype = spectra.flux.dtype
    return replace(
        spectra, wavelength=grid, flux=flux.astype(dtype, order="C"), ivar=ivar.astype(spectra.ivar.dtype, order="C")
    )
