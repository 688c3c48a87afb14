"""Radial velocities measured from the spectra themselves, by cross-correlation with templates."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft
from scipy.sparse import csr_array

from spectrolabe.spectra.cleaning import bridge
from spectrolabe.spectra.distortion import shift_by
from spectrolabe.spectra.randomness import RowGenerators
from spectrolabe.spectra.table import Spectra
from spectrolabe.spectra.wavelength import LIGHT_SPEED, split_arms

#: Line depths beyond these come from cosmic rays and bad pixels, not from stars.
DEPTHS = (-0.5, 1.5)
#: A pixel between old ones counts as known where bad ones have less than this share in it.
MOST_BAD = 0.5
#: Where the correlation is computed again around its highest value (pixels).
NEARBY = np.linspace(-1, 1, 5)
#: Sums of squared depths below this are no lines.
LEAST_SQUARES = 1e-4


def find_velocity(spectra: Spectra, rng: RowGenerators, *, templates: Spectra, max: float = 200.0) -> Spectra:
    """Measure each spectrum's radial velocity and bring the spectrum to rest, on the grid that it has.

    The velocity (km/s, positive = to the red) adds to ``rv_removed`` in the table; ``rv`` stays what it is, the star's
    whole velocity. Spectra without information, or with a status that says why they cannot be used, stay as they are;
    where nothing was removed before, their ``rv_removed`` is NaN. Pixels that come from outside the spectrum are
    without information.

    Parameters
    ----------
    templates : normalised spectra without noise, at rest, on the same grid. The more alike to the stars in rotation and
        labels, the smaller the error.
    max : highest velocity to either side that is looked for (km/s).

    Raises
    ------
    ValueError
        Where the templates are on another grid, or show no lines.
    """
    used = (spectra.ivar > 0).any(axis=1)
    if "status" in spectra.table:
        used &= (spectra.table["status"] == "").to_numpy()
    earlier = spectra.table.get("rv_removed", np.nan)
    removed = np.array(np.broadcast_to(np.asarray(earlier, float), len(spectra)))
    flux, ivar = spectra.flux.copy(), spectra.ivar.copy()
    if used.any():
        chosen = spectra.select(used)
        velocity = measure_velocities(chosen, templates, max)
        moved = shift_by(chosen, -velocity)
        flux[used], ivar[used] = moved.flux, moved.ivar
        removed[used] = np.nan_to_num(removed[used]) + velocity
    return replace(spectra, flux=flux, ivar=ivar, table=spectra.table.assign(rv_removed=removed))


def measure_velocities(spectra: Spectra, templates: Spectra, limit: float) -> np.ndarray:
    """Give the radial velocity (km/s) of normalised spectra within ``limit`` to either side, shape (n_spectra,).

    It is the velocity at which the line depths correlate best with those of a template (Tonry & Davis 1979, AJ 84,
    1511), over the pixels with information; of all templates the one counts that correlates best. Correlations are
    Fourier series over a grid uniform in log wavelength: computed at its pixels, then at fractions of them around the
    highest, through which a parabola goes. See `find_velocity` for the errors raised.
    """
    if spectra.medium != templates.medium or not np.array_equal(spectra.wavelength, templates.wavelength):
        one, other = (f"{len(s.wavelength)} pixels in {s.medium}" for s in (spectra, templates))
        raise ValueError(
            f"find_velocity needs templates on the grid of the spectra, {one}: they are on another, {other}"
        )
    bad = templates.ivar <= 0
    bank = _template_bank(spectra.wavelength.tobytes(), _depths(templates, bad).tobytes(), len(templates), float(limit))
    bad = spectra.ivar <= 0
    return bank.velocities(_depths(spectra, bad), bad)


def _depths(spectra, bad):
    return np.clip(1 - bridge(spectra.flux.astype(float), bad), *DEPTHS)


@lru_cache(maxsize=4)
def _template_bank(wavelength: bytes, depths: bytes, count: int, limit: float) -> "TemplateBank":
    # The arrays come as bytes so that equal ones, block after block, find the transforms made for the first.
    return TemplateBank(np.frombuffer(wavelength), np.frombuffer(depths).reshape(count, -1), limit)


class TemplateBank:
    """Templates ready for correlation: on a grid uniform in log wavelength, in Fourier space.

    Parameters
    ----------
    wavelength : of templates and spectra (angstrom), shape (n_pixels,).
    depths : 1 - flux of the templates, shape (n_templates, n_pixels).
    limit : highest velocity (km/s).
    """

    def __init__(self, wavelength: np.ndarray, depths: np.ndarray, limit: float):
        self._step = float(np.median(np.diff(np.log(wavelength))))
        self._most = np.arctanh(limit / LIGHT_SPEED) / self._step
        self._lags = np.arange(-int(np.ceil(self._most)), int(np.ceil(self._most)) + 1)
        self._to_log = _interpolation(wavelength, self._step, gap=len(self._lags))
        depths = depths @ self._to_log.T
        depths -= depths.mean(axis=1, keepdims=True)
        if not (np.sum(depths**2, axis=1) > LEAST_SQUARES).all():
            raise ValueError("find_velocity needs templates with lines: expected flux below 1, found one without")
        self._size = next_fast_len(depths.shape[1] + len(self._lags), real=True)
        self._templates = np.conj(rfft([depths, depths**2], self._size))

    def velocities(self, depths: np.ndarray, bad: np.ndarray) -> np.ndarray:
        """Give velocities (km/s), shape (n_spectra,), from depths and bad pixels, shape (n_spectra, n_pixels)."""
        # In rows, or the order of a sum would depend on the number of spectra.
        weights = np.array(bad.astype(float) @ abs(self._to_log).T < MOST_BAD, float, order="C")
        count = np.maximum(weights.sum(axis=1, keepdims=True), 1)
        signal = np.multiply(weights, depths @ self._to_log.T, order="C")
        signal -= weights * signal.sum(axis=1, keepdims=True) / count
        signal, weights = rfft(signal, self._size), rfft(weights, self._size)
        template, lag = self._best(signal, weights, count)
        sums = [self._near(product, lag) for product in _products(signal, weights, *self._templates[:, template])]
        shift = lag + _vertex(_correlation(*sums, count))
        return LIGHT_SPEED * np.tanh(np.clip(shift, -self._most, self._most) * self._step)

    def _best(self, signal, weights, count):
        """Give each spectrum's best template and its shift in whole pixels."""
        # Single precision tells whole pixels apart, in half the time.
        signal, weights, templates = (x.astype(np.complex64) for x in (signal, weights, self._templates))
        values = []
        for template in templates.swapaxes(0, 1):
            sums = [irfft(x, self._size)[:, self._lags] for x in _products(signal, weights, *template)]
            values.append(_correlation(*sums, count))
        best = np.stack(values, axis=1).reshape(len(signal), -1).argmax(axis=1)
        template, lag = np.unravel_index(best, (len(values), len(self._lags)))
        return template, self._lags[lag]

    def _near(self, product, lag):
        """Sum the Fourier series around a shift, shape (n_spectra, len(NEARBY))."""
        frequencies = 2j * np.pi * np.arange(product.shape[1]) / self._size
        # All but the constant stand for their negative frequencies too.
        scale = np.where(frequencies == 0, 1, 2) / self._size
        # Named, since NumPy turns a product with a large temporary around, and with it the last bit.
        turned = scale * np.exp(frequencies * lag[:, None])
        moved = product * turned
        turns = np.exp(frequencies * NEARBY[:, None])
        return np.stack([(moved * turn).real.sum(axis=1) for turn in turns], axis=1)


def _products(signal, weights, depths, squares):
    """Give the transforms of the three sums over pixels that a correlation is made of."""
    return signal * depths, weights * depths, weights * squares


def _correlation(product, mean, square, count):
    """Give the correlation coefficient but for the spectrum's own spread, which is the same at every shift."""
    return product / np.sqrt(np.maximum(square - mean**2 / count, LEAST_SQUARES))


def _vertex(values):
    """Give where parabolas through the highest of values at `NEARBY` and its neighbours are highest."""
    top = np.clip(values.argmax(axis=1), 1, len(NEARBY) - 2)
    left, middle, right = (values[np.arange(len(values)), top + side] for side in (-1, 0, 1))
    bend = np.minimum(left - 2 * middle + right, -np.finfo(float).tiny)
    part = np.clip(0.5 * (left - right) / bend, -1, 1)
    return NEARBY[top] + (NEARBY[1] - NEARBY[0]) * part


def _interpolation(wavelength, step, gap):
    """Give the matrix from a grid to steps equal in log wavelength, by cubics through four pixels.

    Arms follow each other at a distance of ``gap`` pixels, whatever lies between them: a velocity moves all alike.
    """
    position, entries, start = np.log(wavelength), [], 0
    for arm in split_arms(wavelength):
        nodes = min(4, arm.stop - arm.start)
        count = int((position[arm][-1] - position[arm][0]) / step + 1e-6) + 1
        new = position[arm][0] + step * np.arange(count)
        first = np.clip(np.searchsorted(position[arm], new) - 2, 0, arm.stop - arm.start - nodes) + arm.start
        columns = first[:, None] + np.arange(nodes)
        old = position[columns]
        for node in range(nodes):
            others = np.delete(old, node, axis=1)
            value = np.prod((new[:, None] - others) / (old[:, [node]] - others), axis=1)
            entries.append((value, start + np.arange(count), columns[:, node]))
        start += count + gap
    value, row, column = (np.concatenate(part) for part in zip(*entries, strict=True))
    return csr_array((value, (row, column)), shape=(start - gap, len(wavelength)))
