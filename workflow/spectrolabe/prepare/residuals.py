"""What is left of spectra once all that training spectra have is taken out: lines, second lines, continuum."""

import numpy as np
import pandas as pd
from scipy.fft import irfft, next_fast_len, rfft
from scipy.ndimage import gaussian_filter1d

from spectrolabe.prepare.reference_spectra import Projection, Reference
from spectrolabe.spectra.broadening import FWHM
from spectrolabe.spectra.wavelength import LIGHT_SPEED, split_arms

#: Widths (FWHM, km/s) of the lines that a residual is searched for.
WIDTHS = (25.0, 60.0, 120.0)
#: Separations (km/s) of a second set of lines: nearer ones are rotation, further ones chance.
SEPARATIONS = (25.0, 180.0)
#: Of the even grid on which spectra are correlated (km/s).
VELOCITY_STEP = 3.0


def measure_residuals(reference: Reference, projection: Projection) -> pd.DataFrame:
    """Measure what is wrong with spectra: one row each, every number high where something is.

    Returns
    -------
    ``reconstruction``, mean square of the residual over its uncertainty; ``emission``, the highest of the residual
    seen through filters as wide as lines, and ``absorption``, its lowest; ``second_lines``, see `correlate_lines`, at
    ``second_velocity`` (km/s); ``continuum``, root mean square of the continuum's coefficients over their spread;
    ``leverage``, the largest score over its spread; ``residual_at``, ``emission_at`` and ``continuum_at``, where each
    is worst (angstrom).
    """
    residual, wavelength = projection.residual, reference.wavelength
    known = np.maximum((residual != 0).sum(axis=1), 1)
    highest, lowest = find_lines(residual, wavelength)
    second, velocity = correlate_lines(residual, projection.depth, wavelength)
    spread = np.sqrt(projection.noise[:, None] ** 2 + reference.flatness**2)
    return pd.DataFrame(
        {
            "reconstruction": (residual**2).sum(axis=1) / known,
            "emission": highest.max(axis=1),
            "absorption": -lowest.min(axis=1),
            # Less than this is no likeness at all.
            "second_lines": np.maximum(second, 1),
            "continuum": np.sqrt(((projection.continuum / spread) ** 2).mean(axis=1)),
            "leverage": np.abs(projection.scores / reference.spread).max(axis=1),
            "second_velocity": velocity,
            "residual_at": wavelength[np.maximum(highest, -lowest).argmax(axis=1)],
            "emission_at": wavelength[highest.argmax(axis=1)],
            "continuum_at": wavelength[np.abs(projection.continuum @ reference.smooth).argmax(axis=1)],
        }
    )


def find_lines(residual: np.ndarray, wavelength: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give residuals seen through filters as wide as lines: per pixel the highest of any width, and the lowest.

    Parameters
    ----------
    residual : over its uncertainty, shape (n_spectra, n_pixels).
    wavelength : angstrom.

    Returns
    -------
    Highest and lowest, in standard deviations of what the filters make of independent noise.
    """
    highest = np.full(residual.shape, -np.inf, np.float32)
    lowest = np.full(residual.shape, np.inf, np.float32)
    for arm in split_arms(wavelength):
        step = np.median(np.diff(np.log(wavelength[arm]))) * LIGHT_SPEED
        for width in WIDTHS:
            sigma = max(width / FWHM / step, 0.5)
            seen = gaussian_filter1d(residual[:, arm], sigma, axis=1, mode="constant", truncate=3)
            seen *= np.sqrt(2 * np.sqrt(np.pi) * sigma)
            np.maximum(highest[:, arm], seen, out=highest[:, arm])
            np.minimum(lowest[:, arm], seen, out=lowest[:, arm])
    return highest, lowest


def correlate_lines(residual: np.ndarray, depth: np.ndarray, wavelength: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give how well residuals look like the spectrum's own lines, shifted: the second peak of a double-lined binary.

    Parameters
    ----------
    residual : over its uncertainty, shape (n_spectra, n_pixels).
    depth : of the fitted lines, same shape.
    wavelength : angstrom.

    Returns
    -------
    The highest correlation in standard deviations of independent noise, and its velocity (km/s), each (n_spectra,).
    """
    reach = int(SEPARATIONS[1] / VELOCITY_STEP)
    velocity = np.arange(-reach, reach + 1) * VELOCITY_STEP
    total, power = np.zeros((len(residual), len(velocity))), np.full(len(residual), 1e-12)
    for arm in split_arms(wavelength):
        left, share, density = _even_places(np.log(wavelength[arm]))
        noise, lines = (_between(values[:, arm], left, share) for values in (-residual, depth))
        lines = lines - lines.mean(axis=1, keepdims=True)
        size = next_fast_len(len(left) + reach, real=True)
        product = irfft(rfft(noise, size) * np.conj(rfft(lines, size)), size)
        total += np.concatenate([product[:, -reach:], product[:, : reach + 1]], axis=1)
        power += (lines**2).sum(axis=1) * density
    far = np.abs(velocity) >= SEPARATIONS[0]
    seen = total[:, far] / np.sqrt(power)[:, None]
    best = seen.argmax(axis=1)
    return seen[np.arange(len(seen)), best], velocity[far][best]


def _even_places(grid):
    """Give the pixel left of each place that is even in log wavelength, the share of the next, and places per pixel."""
    places = int((grid[-1] - grid[0]) / (VELOCITY_STEP / LIGHT_SPEED)) + 1
    even = grid[0] + np.arange(places) * (VELOCITY_STEP / LIGHT_SPEED)
    place = np.interp(even, grid, np.arange(len(grid)))
    left = np.minimum(place.astype(int), len(grid) - 2)
    # Neighbours on the even grid share a pixel's noise.
    return left, (place - left).astype(np.float32), max(places / len(grid), 1)


def _between(values, left, share):
    return values[:, left] * (1 - share) + values[:, left + 1] * share
