"""Line broadening by the instrument and by rotation, as products in the Fourier space of log wavelength."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft
from scipy.special import j1

from spectrolabe.spectra.cleaning import bridge
from spectrolabe.spectra.randomness import RowGenerators
from spectrolabe.spectra.resampling import to_log_grid
from spectrolabe.spectra.table import Spectra
from spectrolabe.spectra.wavelength import LIGHT_SPEED, is_log_uniform, split_arms

__all__ = [
    "LIGHT_SPEED", "broaden", "broaden_to_resolution", "filter_arms", "filter_rows", "rotate", "rotate_randomly",
    "rotation_transform", "velocity_step",
]  # fmt: skip

#: FWHM of a Gaussian of unit sigma.
FWHM = 2 * np.sqrt(2 * np.log(2))
#: A pixel to which bad pixels contribute more than this is bad itself.
MOST_BAD = 0.1
#: Pixels between a spectrum's end and its beginning, more than any profile reaches.
LEAST_PADDING = 1024


def rotate_randomly(
    spectra: Spectra, rng: RowGenerators, *, max: float, min: float = 0.0, label: str = "vsini"
) -> Spectra:
    """Give each spectrum a projected rotation of its own, uniform in ``min``..``max`` (km/s), and note it as ``label``.

    Spectra that are not uniform in log wavelength are put on such a grid and stay there.
    """
    spectra = spectra if is_log_uniform(spectra.wavelength) else to_log_grid(spectra)
    vsini = rng.uniform(min, max)
    smoothed = _smooth(spectra, _rotation(vsini, limb_darkening=0.6))
    return replace(smoothed, table=spectra.table.assign(**{label: vsini}))


def broaden(
    spectra: Spectra, rng: RowGenerators, *, arms: Sequence[Mapping] = (), resolution: float | None = None
) -> Spectra:
    """Bring spectra to a recipe's resolving power from that in their table (infinite where it is not known).

    Spectra below it stay as they are. Spectra that are not uniform in log wavelength are put on such a grid and stay
    there. Bad pixels are bridged, and whatever they contribute more than a tenth to becomes bad. Afterwards
    ``resolution`` in the table is at most that of the coarsest arm.

    Parameters
    ----------
    arms : each has ``start``, ``stop`` (angstrom) and ``resolution``; a pixel between arms takes the nearer one's.
    resolution : resolving power lambda / FWHM of all pixels, in place of the arms' own.

    Raises
    ------
    ValueError
        Where an arm has no resolution.
    """
    if resolution is not None:
        arms = [{"start": spectra.wavelength[0], "stop": spectra.wavelength[-1], "resolution": resolution}]
    missing = [arm for arm in arms if not arm.get("resolution")]
    if missing:
        raise ValueError(
            f"broaden needs the resolution of the arm {missing[0]['start']:g}-{missing[0]['stop']:g}: it has none"
        )
    targets = np.array([arm["resolution"] for arm in arms], float)
    unknown = np.full(len(spectra), np.inf)
    now = spectra.table["resolution"].fillna(np.inf).to_numpy(float) if "resolution" in spectra.table else unknown
    if (now > targets.min()).any() and not is_log_uniform(spectra.wavelength):
        spectra = to_log_grid(spectra)
    flux, ivar = spectra.flux.copy(), spectra.ivar.copy()
    nearest = _nearest_arm(spectra.wavelength, arms)
    for resolution in np.unique(targets):
        rows = np.flatnonzero(now > resolution)
        if not rows.size:
            continue
        smoothed = _smooth(spectra.select(rows), _line_spread(resolution, now[rows]))
        chosen = np.ix_(rows, np.isin(nearest, np.flatnonzero(targets == resolution)))
        flux[chosen], ivar[chosen] = smoothed.flux[:, chosen[1][0]], smoothed.ivar[:, chosen[1][0]]
    table = spectra.table.assign(resolution=np.minimum(now, targets.min()))
    return replace(spectra, flux=flux, ivar=ivar, table=table)


def _nearest_arm(wavelength, arms):
    outside = [np.maximum(arm["start"] - wavelength, wavelength - arm["stop"]) for arm in arms]
    return np.argmin(outside, axis=0)


def _smooth(spectra: Spectra, transform: Callable) -> Spectra:
    """Convolve flux and, where it varies, the variance.

    Smoothed like the flux, the variance keeps the information per angstrom; the noise that neighbours now share is not
    tracked.
    """
    bad = spectra.ivar <= 0
    wavelength = spectra.wavelength
    flux = filter_arms(bridge(spectra.flux, bad), wavelength, transform)
    ivar = np.where(bad, 0, _smooth_ivar(spectra.ivar, bad, wavelength, transform))
    if bad.any():
        ivar[filter_arms(bad.astype(flux.dtype), wavelength, transform) > MOST_BAD] = 0
    return replace(spectra, flux=flux, ivar=ivar.astype(spectra.ivar.dtype, copy=False))


def _smooth_ivar(ivar, bad, wavelength, transform):
    # Scaled to about 1, so that no variance is lost in the rounding of another.
    scale = np.max(ivar, axis=1, keepdims=True)
    relative = np.divide(scale, ivar, out=np.ones(bad.shape), where=~bad)
    varying = (relative != 1).any(axis=1, keepdims=True)
    if not varying.any():
        return ivar
    variance = filter_arms(bridge(relative, bad), wavelength, transform)
    return np.divide(scale, variance, out=ivar.astype(float), where=varying & (variance > 0))


def velocity_step(wavelength: np.ndarray) -> float:
    """Give the step (km/s) of a grid that is uniform in log wavelength.

    Raises
    ------
    ValueError
        Where the grid is not uniform in log wavelength.
    """
    if not is_log_uniform(wavelength):
        raise ValueError("broadening needs a grid uniform in log wavelength: resample to one first")
    arm = wavelength[split_arms(wavelength)[0]]
    return float(np.log(arm[-1] / arm[0]) / (len(arm) - 1) * LIGHT_SPEED)


def broaden_to_resolution(
    flux: np.ndarray, wavelength: np.ndarray, resolution: float, from_resolution: float | np.ndarray = np.inf
) -> np.ndarray:
    """Convolve spectra with a Gaussian line-spread function to a lower resolving power.

    Parameters
    ----------
    flux : shape (n_spectra, n_pixels).
    wavelength : angstrom, uniform in log wavelength within each arm, shape (n_pixels,).
    resolution : resolving power lambda / FWHM to reach.
    from_resolution : resolving power that the spectra have (infinite by default), one or shape (n_spectra,).

    Raises
    ------
    ValueError
        Where ``resolution`` is above ``from_resolution``.
    """
    if np.any(resolution > np.asarray(from_resolution)):
        raise ValueError(f"cannot broaden to R = {resolution:g}: the spectra have only R = {np.min(from_resolution):g}")
    return filter_arms(flux, wavelength, _line_spread(resolution, from_resolution))


def _line_spread(resolution, from_resolution):
    now = np.reshape(np.asarray(from_resolution, float), (-1, 1))
    variance = (1 / resolution**2 - 1 / now**2) * (LIGHT_SPEED / FWHM) ** 2
    return lambda k, dv: np.exp(-2 * np.pi**2 * k**2 * variance / dv**2)


def rotate(flux: np.ndarray, wavelength: np.ndarray, vsini: np.ndarray, limb_darkening: float = 0.6) -> np.ndarray:
    """Broaden each spectrum by its own projected rotation (Gray 2005, equation 18.14, by its Fourier transform).

    Parameters
    ----------
    flux : shape (n_spectra, n_pixels).
    wavelength : angstrom, uniform in log wavelength within each arm, shape (n_pixels,).
    vsini : projected rotational velocity (km/s), shape (n_spectra,); 0 leaves a spectrum as it is.
    limb_darkening : linear coefficient epsilon.
    """
    return filter_arms(flux, wavelength, _rotation(vsini, limb_darkening))


def _rotation(vsini, limb_darkening):
    width = np.asarray(vsini, float)[:, None]
    return lambda k, dv: rotation_transform(k, width / dv, limb_darkening)


def rotation_transform(k: np.ndarray, width: np.ndarray, limb_darkening: float) -> np.ndarray:
    """Give the rotation profile's Fourier transform at frequencies ``k`` (cycles per pixel), half-widths in pixels."""
    s = 2 * np.pi * k * width
    small = s < 1e-2
    safe = np.where(small, 1.0, s)
    disc = np.where(small, 0.5 - s**2 / 16, j1(safe) / safe)
    limb = np.where(small, 1 / 3 - s**2 / 30, np.sin(safe) / safe**3 - np.cos(safe) / safe**2)
    return (2 * (1 - limb_darkening) * disc + 2 * limb_darkening * limb) / (1 - limb_darkening / 3)


def filter_arms(flux: np.ndarray, wavelength: np.ndarray, transform: Callable) -> np.ndarray:
    """Multiply each arm of spectra by a transfer function in Fourier space (see `filter_rows`).

    Parameters
    ----------
    wavelength : angstrom, uniform in log wavelength within each arm, shape (n_pixels,).
    flux, transform : see `filter_rows`.
    """
    step = velocity_step(wavelength)
    arms = [filter_rows(flux[:, arm], step, transform) for arm in split_arms(wavelength)]
    return np.concatenate(arms, axis=1)


def filter_rows(flux: np.ndarray, step: float, transform: Callable) -> np.ndarray:
    """Multiply spectra by a transfer function in Fourier space.

    Beyond its edges a spectrum goes on smoothly from its last value to its first, so that nothing wraps around.

    Parameters
    ----------
    flux : shape (n_spectra, n_pixels).
    step : velocity per pixel (km/s), see `velocity_step`.
    transform : function of the frequencies (cycles per pixel) and ``step``, its result of shape (n_spectra or 1,
        n_frequencies).
    """
    count = flux.shape[1]
    size = next_fast_len(count + max(count // 4, LEAST_PADDING), real=True)
    ramp = (1 - np.cos(np.pi * np.linspace(0, 1, size - count, dtype=flux.dtype))) / 2
    padding = flux[:, -1:] + (flux[:, :1] - flux[:, -1:]) * ramp
    frequencies = np.arange(size // 2 + 1) / size
    spectrum = rfft(np.concatenate([flux, padding], axis=1), axis=1) * transform(frequencies, step)
    return irfft(spectrum, n=size, axis=1)[:, :count].astype(flux.dtype, copy=False)
