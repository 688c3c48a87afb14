"""The continuum as a curve that is lowered onto a spectrum, bin by bin, with more and more bins."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.polynomial.polynomial import polyvander
from scipy.ndimage import gaussian_filter1d

from spectrolabe.spectra.cleaning import bridge
from spectrolabe.spectra.randomness import RowGenerators
from spectrolabe.spectra.table import Spectra
from spectrolabe.spectra.wavelength import split_arms

#: What a step lowers the centre of a bin by.
STEP = 0.999
#: Share of a bin's pixels that may lie above the continuum: this over the signal-to-noise ratio, and the most.
ABOVE, MOST_ABOVE = 10.0, 0.5
#: Where the continuum starts and where every centre rests at the latest, over the highest flux.
START, DEEPEST = 1.1, 1e-6
#: Polynomials go through fewer bins than this, straight lines from centre to centre through more.
FIRST_LINES = 5
LAST_DEGREE = 6
#: An arm, or a bin, of which less is known has no continuum, or is held by the bridge over its missing pixels.
LEAST_SHARE = 0.2
LEAST_PIXELS = 3


class _Bins(NamedTuple):
    """Bins of an arm: first pixels, centres, each bin's pixels, and curves through the centres.

    Behind the arm stands one pixel that never counts, which fills up the shorter bins and what every bin has to spare.
    ``basis`` (n_bins, n_pixels + 1) leads from the centres' values to a curve. ``lowest`` leads to what no state of the
    sweep that follows is below: what each centre's next step takes off counts, not what it adds elsewhere.
    """

    first: np.ndarray
    centres: np.ndarray
    pixels: np.ndarray
    basis: np.ndarray
    lowest: np.ndarray


def lowered_bins(
    spectra: Spectra, rng: RowGenerators, *, snr: float = 200, most_bins: int = 11, smooth: float = 150
) -> np.ndarray:
    """Find the continuum by lowering a curve until too many pixels stand out of it (arXiv:2510.09362, algorithm 1).

    Each arm has a curve of its own, which starts flat, at 1.1 times the highest flux (whatever its unit). It goes
    through the centres of 2, 3, ... bins of equal width: a polynomial below five bins, straight lines from five on, and
    straight on beyond the outermost centres. Turn by turn, in an order that is drawn once for each number of bins, each
    centre is lowered by a thousandth. A step that leaves a bin with too many pixels above the curve is undone, and its
    centre then rests for this number of bins, as does one that has come down to a millionth of the highest flux; once
    all rest, the next number of bins begins from the curve. Too many are more than 10 / ``snr`` of the bin's pixels, at
    most half of them: the noisier, the more of them are above the true continuum. A bin that begins with too many keeps
    them: its centre rests, and its neighbours add none. Last come a polynomial of degree 6 through the centres and a
    Gaussian; beyond the ends of the arm the curve is mirrored through its last point, so that a slope stays a slope.
    (As printed the loop's condition contradicts its comment, and centres below their own pixels never move again.)

    Missing pixels do not count, but in bins of which less than a fifth is known: there the line over them does.

    Parameters
    ----------
    snr : signal-to-noise ratio per pixel, assumed of all spectra.
    most_bins : number of bins at the end; fewer where an arm has not three pixels for each.
    smooth : standard deviation of the Gaussian (pixels); 0 for none.

    Returns
    -------
    Continuum, shape (n_spectra, n_pixels); NaN in arms of which less than a fifth is known.
    """
    continuum = np.full(spectra.flux.shape, np.nan)
    for arm in split_arms(spectra.wavelength):
        flux = spectra.flux[:, arm].astype(float)
        known = (spectra.ivar[:, arm] > 0) & np.isfinite(flux)
        most = min(most_bins, flux.shape[1] // LEAST_PIXELS)
        drawn = rng.normal(sum(range(2, most + 1)))
        rows = np.flatnonzero(known.mean(axis=1) >= LEAST_SHARE)
        if rows.size and most >= 2:
            curves = _lower(flux[rows], known[rows], drawn[rows], most, min(MOST_ABOVE, ABOVE / snr))
            # Not by BLAS, whose sums depend on how many rows there are.
            continuum[rows, arm] = np.einsum("rb,bp->rp", curves, _last_basis(flux.shape[1], most, smooth))
    return continuum


def _lower(flux, known, drawn, most, share):
    """Give the curve's values at the centres of the last bins, shape (n_rows, most)."""
    flux = bridge(flux, ~known)
    top = np.where(known, flux, -np.inf).max(axis=1, keepdims=True)
    size = flux.shape[1]
    curve, values = np.ones((1, size)), START * top
    for count in range(2, most + 1):
        bins = _divide(size, count)
        values = np.einsum("rb,bp->rp", values, curve[:, bins.centres])
        order, drawn = np.argsort(drawn[:, :count], axis=1), drawn[:, count:]
        widths = np.diff(np.r_[bins.first, size])
        sparse = np.add.reduceat(known, bins.first, axis=1, dtype=int) < LEAST_SHARE * widths
        counted = known | np.repeat(sparse, widths, axis=1)
        standing = np.pad(np.where(counted, flux, -np.inf), ((0, 0), (0, 1)), constant_values=-np.inf)
        values = _settle(values, order, standing, DEEPEST * top, share, bins)
        curve = bins.basis
    return values


def _settle(values, order, flux, floor, share, bins):
    """Lower the centres of all rows until each rests; pixels of flux -inf do not count."""
    counted = np.add.reduceat(np.isfinite(flux), bins.first, axis=1, dtype=int)
    allowed = np.floor(share * counted + 1e-9).astype(int)
    above = np.matmul(values[:, None], bins.basis)[:, 0] < flux
    above = np.add.reduceat(above, bins.first, axis=1, dtype=int)
    resting = (above > allowed) | (values * STEP < floor)
    allowed = np.maximum(allowed, above)
    order = np.take_along_axis(order, np.argsort(np.take_along_axis(resting, order, 1), axis=1, kind="stable"), 1)
    left = (~resting).sum(axis=1)
    while (left > 0).any():
        rows = np.flatnonzero(left > 0)
        state = values[rows], order[rows], left[rows]
        values[rows], order[rows], left[rows] = _advance(*state, flux[rows], allowed[rows], floor[rows], bins)
    return values


def _advance(values, order, left, flux, allowed, floor, bins):
    """Go on to the sweep in which a step may have to be undone, and through it as far as the first that has.

    Parameters
    ----------
    values : of the curve at the centres, shape (n_rows, n_bins).
    order : centres in turn, the first ``left`` of them still on their way.
    allowed : pixels that may be above the curve, shape (n_rows, n_bins).
    floor : lowest value of a centre, shape (n_rows, 1).
    """
    place = np.argsort(order, axis=1)
    moving = place < left[:, None]
    sweeps = _safe_sweeps(values, moving, flux, allowed, floor, bins)
    values = np.where(moving, values * STEP ** sweeps[:, None], values)
    lowered = np.where(moving, values * STEP, values)
    turns = np.arange(left.max())
    tried = np.where(place[:, None] <= turns[:, None], lowered[:, None], values[:, None])
    above = np.matmul(tried, bins.basis) < flux[:, None]
    faults = (np.add.reduceat(above, bins.first, axis=2, dtype=np.int32) > allowed[:, None]).any(axis=2)
    faults |= np.take_along_axis(lowered, order, 1)[:, : len(turns)] < floor
    faults &= turns < left[:, None]
    undone = faults.any(axis=1)
    done = np.where(undone, np.argmax(faults, axis=1), left)[:, None]
    values = np.where(place < done, lowered, values)
    # The next in turn comes first, the one that rests goes behind those on their way.
    shift, size, turn = undone * (done[:, 0] + 1), left, np.arange(order.shape[1])
    turned = np.where(turn < size[:, None], (turn + shift[:, None]) % size[:, None], turn)
    return values, np.take_along_axis(order, turned, 1), left - undone


def _safe_sweeps(values, moving, flux, allowed, floor, bins):
    """Give how many whole sweeps lead to no fault for certain: the closed form of many steps.

    After k sweeps the resting centres' part of the curve is the same, the others' is STEP**k times what it was.
    """
    on_way = np.where(moving, values, 0)
    need = flux - np.matmul((values - on_way)[:, None], bins.basis)[:, 0]
    part = np.matmul(on_way[:, None], bins.lowest)[:, 0]
    # The factor at which a pixel comes to be above the curve: above 1 it is there now, below 0 it never is.
    factor = np.divide(need, part, out=np.where(need > part, np.inf, -np.inf), where=part > 0)
    ranked = np.sort(factor[:, bins.pixels], axis=2)
    rank = ranked.shape[2] - 1 - allowed[..., None]
    first = np.take_along_axis(ranked, rank, axis=2).max(axis=(1, 2))
    deepest = floor[:, 0] / np.where(moving, values, np.inf).min(axis=1)
    sweep, last = np.log(np.maximum([first, deepest], np.finfo(float).tiny)) / np.log(STEP)
    return np.maximum(np.floor(np.minimum(sweep + 1, last) - 1e-9), 0)


@lru_cache(maxsize=64)
def _divide(size: int, count: int) -> _Bins:
    edges = np.arange(count + 1) * size // count
    centres = (edges[1:] + edges[:-1]) // 2
    pixels = edges[:-1, None] + np.arange(np.diff(edges).max() + 1)
    pixels[pixels >= edges[1:, None]] = size
    basis = _polynomials(size, centres, count - 1) if count < FIRST_LINES else _lines(size, centres)
    basis = np.pad(basis, ((0, 0), (0, 1)))
    return _Bins(edges[:-1], centres, pixels, basis, basis - (1 - STEP) * np.maximum(basis, 0))


def _polynomials(size, centres, degree):
    places = (np.arange(size) - size / 2) / size
    fitted = np.linalg.pinv(polyvander(places[centres], degree))
    return _straighten((polyvander(places, degree) @ fitted).T, centres)


def _lines(size, centres):
    return _straighten(np.array([np.interp(np.arange(size), centres, unit) for unit in np.eye(len(centres))]), centres)


def _straighten(basis, centres):
    """Lead curves straight on beyond the outermost centres, by their slopes there."""
    first, last, pixels = centres[0], centres[-1], np.arange(basis.shape[1])
    rising = basis[:, first + 1] - basis[:, first], basis[:, last] - basis[:, last - 1]
    left = basis[:, [first]] + rising[0][:, None] * (pixels - first)
    right = basis[:, [last]] + rising[1][:, None] * (pixels - last)
    return np.where(pixels < first, left, np.where(pixels > last, right, basis))


@lru_cache(maxsize=16)
def _last_basis(size: int, count: int, smooth: float) -> np.ndarray:
    """Give the smoothed curves of the end, from the values at the centres, shape (count, size)."""
    basis = _polynomials(size, _divide(size, count).centres, min(LAST_DEGREE, count - 1))
    if not smooth:
        return basis
    margin = int(np.ceil(4 * smooth))
    wide = np.pad(basis, ((0, 0), (margin, margin)), mode="reflect", reflect_type="odd")
    return gaussian_filter1d(wide, smooth, axis=1, mode="nearest")[:, margin:-margin]
