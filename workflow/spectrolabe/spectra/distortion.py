"""What happens to light on its way: velocities, noise, another scale, pixels that were lost."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.interpolate import make_interp_spline

from spectrolabe.spectra.broadening import MOST_BAD, filter_rows, velocity_step
from spectrolabe.spectra.cleaning import bridge, without_information
from spectrolabe.spectra.randomness import RowGenerators
from spectrolabe.spectra.standardisation import measure_spread
from spectrolabe.spectra.table import Spectra
from spectrolabe.spectra.wavelength import LIGHT_SPEED, doppler, is_log_uniform, split_arms


def rest_frame(spectra: Spectra, rng: RowGenerators) -> Spectra:
    """Undo the radial velocity that the table knows (``rv``, km/s); spectra without one are taken as at rest.

    Afterwards ``rv`` is the velocity that is left: 0 where it was known.

    Raises
    ------
    ValueError
        Where spectra on one grid have several velocities.
    """
    if "rv" not in spectra.table:
        return spectra
    factors = np.unique(doppler(spectra.table["rv"].fillna(0.0).to_numpy(float)))
    if len(factors) > 1:
        raise ValueError(
            f"rest_frame moves a whole grid: expected one velocity, the table has {len(factors)}; use it first"
        )
    if not len(factors):
        return spectra
    left = spectra.table["rv"] * 0.0
    return replace(spectra, wavelength=spectra.wavelength / factors[0], table=spectra.table.assign(rv=left))


def shift(spectra: Spectra, rng: RowGenerators, *, max: float, label: str = "rv") -> Spectra:
    """Give each spectrum a radial velocity of its own, uniform in -``max``..``max`` (km/s), and note it as ``label``.

    Pixels that come from outside the spectrum, or by more than a tenth from bad ones, are without information.
    """
    velocity = rng.uniform(-max, max)
    return replace(shift_by(spectra, velocity), table=spectra.table.assign(**{label: velocity}))


def shift_by(spectra: Spectra, velocity: np.ndarray) -> Spectra:
    """Move spectra by radial velocities (km/s, positive = to the red), shape (n_spectra,), on the grid that they have.

    Each arm moves by itself: by a phase in Fourier space where it is uniform in log wavelength, by cubic splines
    elsewhere.
    """
    flux, ivar = np.empty_like(spectra.flux), np.empty_like(spectra.ivar)
    factor = doppler(velocity)[:, None]
    for arm in split_arms(spectra.wavelength):
        wavelength = spectra.wavelength[arm]
        move = _move_by_phase if is_log_uniform(wavelength) else _move_by_spline
        bridged = bridge(spectra.flux[:, arm], spectra.ivar[:, arm] <= 0)
        flux[:, arm], source = move(bridged, wavelength, factor)
        ivar[:, arm] = _moved_ivar(spectra.ivar[:, arm], source)
    return replace(spectra, flux=flux, ivar=ivar)


def _move_by_phase(flux, wavelength, factor):
    """Give moved flux, and the pixel (with its fraction) that each of its pixels came from."""
    step = velocity_step(wavelength)
    offset = LIGHT_SPEED * np.log(factor) / step
    moved = filter_rows(flux, step, lambda k, dv: np.exp(-2j * np.pi * k * offset))
    return moved, np.arange(len(wavelength)) - offset


def _move_by_spline(flux, wavelength, factor):
    rest = wavelength / factor
    # A pixel more on either side, so that the first and the last have their whole width.
    known = np.r_[2 * wavelength[0] - wavelength[1], wavelength, 2 * wavelength[-1] - wavelength[-2]]
    source = np.interp(rest, known, np.arange(-1, len(wavelength) + 1))
    inside = np.clip(rest, wavelength[0], wavelength[-1])
    moved = [make_interp_spline(wavelength, row, k=3)(points) for row, points in zip(flux, inside, strict=True)]
    return np.array(moved), source


def _moved_ivar(ivar, source):
    """Give the ivar of the nearest source pixel: 0 outside, or where a bad neighbour has a share."""
    last = ivar.shape[1] - 1
    outside = (source < -0.5) | (source > last + 0.5)
    nearest = np.clip(np.rint(source), 0, last).astype(int)
    moved = np.take_along_axis(ivar, nearest, axis=1)
    if (ivar <= 0).any():
        below = np.clip(np.floor(source), 0, last - 1).astype(int)
        share = np.clip(source - below, 0, 1)
        bad = np.where(ivar <= 0, 1.0, 0.0)
        lower, upper = np.take_along_axis(bad, below, axis=1), np.take_along_axis(bad, below + 1, axis=1)
        outside |= lower * (1 - share) + upper * share > MOST_BAD
    moved[outside] = 0
    return moved


def add_noise(
    spectra: Spectra,
    rng: RowGenerators,
    *,
    max: float | None = None,
    snr: Sequence[float] | None = None,
    law: str = "log",
    spread: Sequence[float] | None = None,
) -> Spectra:
    """Add Gaussian noise, of one level per spectrum.

    The variance adds to what ivar says already; pixels without information stay as they are. With ``max`` and ``snr``
    the continuum is about 1, and ``snr`` in the table becomes its median signal-to-noise ratio per pixel (NaN where a
    spectrum has no information). With ``spread`` the spectra may have any unit, standardised ones none that tells of
    signal: a ``snr`` that the table has falls by as much as the error rises (the median over the pixels).

    Parameters
    ----------
    max : the noise is uniform in 0..max of the continuum.
    snr : lowest and highest signal-to-noise ratio per pixel.
    law : how it is drawn between them: "log" (uniformly in the logarithm) or "uniform".
    spread : lowest and highest noise, drawn uniformly, as a share of the standard deviation of the spectrum's own
        flux (arXiv:2606.13868, section 3). Exactly one of max, snr and spread is given.

    Raises
    ------
    ValueError
        Where none or several of ``max``, ``snr`` and ``spread`` are given, or for an unknown law.
    """
    given = [name for name, value in {"max": max, "snr": snr, "spread": spread}.items() if value is not None]
    if len(given) != 1:
        raise ValueError(f"add_noise takes one of max, snr, spread: found {' and '.join(given) or 'none'}")
    if max is not None:
        sigma = rng.uniform(0, max)
    elif snr is not None:
        sigma = _draw_sigma(rng, *snr, law)
    else:
        sigma = rng.uniform(*spread) * measure_spread(spectra.flux, spectra.ivar)[1]
    known = spectra.ivar > 0
    noise = rng.normal(spectra.flux.shape[1]) * sigma[:, None]
    flux = np.where(known, spectra.flux + noise, spectra.flux).astype(spectra.flux.dtype)
    ivar = spectra.ivar / (1 + spectra.ivar * (sigma**2)[:, None])
    ivar = ivar.astype(spectra.ivar.dtype)
    if spread is None:
        return replace(spectra, flux=flux, ivar=ivar, table=spectra.table.assign(snr=_median_root(ivar)))
    kept = np.divide(ivar, spectra.ivar, out=np.zeros(ivar.shape), where=known)
    left = {"snr": spectra.table["snr"] * _median_root(kept)} if "snr" in spectra.table else {}
    return replace(spectra, flux=flux, ivar=ivar, table=spectra.table.assign(**left))


def _draw_sigma(rng, low, high, law):
    if law not in ("log", "uniform"):
        raise ValueError(f"unknown law {law!r} of add_noise: expected log or uniform")
    return 1 / rng.uniform(low, high) if law == "uniform" else np.exp(-rng.uniform(np.log(low), np.log(high)))


def _median_root(values):
    rows = [row[row > 0] for row in values]
    return np.array([np.sqrt(np.median(row)) if row.size else np.nan for row in rows], float)


def scale(spectra: Spectra, rng: RowGenerators, *, min: float, max: float) -> Spectra:
    """Multiply each spectrum by a factor of its own, uniform in ``min``..``max``; ivar follows."""
    factor = rng.uniform(min, max)[:, None]
    flux, ivar = spectra.flux * factor, spectra.ivar / factor**2
    return replace(spectra, flux=flux.astype(spectra.flux.dtype), ivar=ivar.astype(spectra.ivar.dtype))


def distort_continuum(spectra: Spectra, rng: RowGenerators, *, min: float, max: float) -> Spectra:
    """Multiply each spectrum by a parabola of its own, as a continuum that was placed wrongly leaves it; ivar follows.

    The parabola spans the whole spectrum, all arms together. Its vertex, the highest value, stands at a wavelength
    drawn uniformly from the spectrum's; it falls to its lowest value at the end that is farther from there. Both
    values are uniform in ``min``..``max``: two are drawn, and the larger is the vertex (Open Astronomy 31, 38,
    section 4.1.1, gives the limits, and that the place of the maximum is random, but not how low the rest is).
    """
    first, last = spectra.wavelength[0], spectra.wavelength[-1]
    vertex = rng.uniform(first, last)[:, None]
    values = np.sort([rng.uniform(min, max), rng.uniform(min, max)], axis=0)[:, :, None]
    distance = (spectra.wavelength - vertex) / np.maximum(vertex - first, last - vertex)
    factor = values[1] - (values[1] - values[0]) * distance**2
    flux, ivar = spectra.flux * factor, spectra.ivar / factor**2
    return replace(spectra, flux=flux.astype(spectra.flux.dtype), ivar=ivar.astype(spectra.ivar.dtype))


def zero_pixels(spectra: Spectra, rng: RowGenerators, *, max: float) -> Spectra:
    """Lose a share of each spectrum's pixels, uniform in 0..``max`` and scattered at random: flux 0, no information."""
    return without_information(spectra, rng.random_pixels(spectra.flux.shape[1], rng.uniform(0, max)))
