"""Wavelength grids (linear, logarithmic, several arms), air and vacuum, and the Doppler effect."""

from collections.abc import Mapping, Sequence

import numpy as np

from spectrolabe.spectra.plain_wavelengths import count_pixels, find_vacuum, refraction

LIGHT_SPEED = 299792.458  # km/s
MEDIA = ("air", "vacuum")


def build_grid(arms: Sequence[Mapping]) -> np.ndarray:
    """Give the wavelengths (angstrom) of a recipe's arms, joined.

    Parameters
    ----------
    arms : each has ``start``, ``stop`` (angstrom, the stop itself excluded), ``step`` and optionally ``scale``:
        "linear" (default, step in angstrom) or "log" (step in dex: wavelength = start * 10**(i * step)). Other keys are
        left alone.

    Raises
    ------
    ValueError
        Where an arm is shorter than two pixels, or begins before the one before it ends.
    """
    parts = [_arm_wavelengths(arm) for arm in arms]
    for before, after in zip(parts, parts[1:], strict=False):
        if after[0] <= before[-1]:
            raise ValueError(
                f"wavelength arms must ascend without overlap: one begins at {after[0]:g}, "
                f"the arm before it ends at {before[-1]:g}"
            )
    return np.concatenate(parts)


def _arm_wavelengths(arm):
    start, stop, step = (float(arm[key]) for key in ("start", "stop", "step"))
    logarithmic = arm.get("scale", "linear") == "log"
    count = count_pixels(arm)
    if count < 2:
        raise ValueError(
            f"a wavelength arm needs two pixels or more: {start:g} to {stop:g} by {step:g} gives {max(count, 0)}"
        )
    steps = step * np.arange(count)
    return start * 10**steps if logarithmic else start + steps


def split_arms(wavelength: np.ndarray) -> list[slice]:
    """Give the slices of a grid between which it jumps by more than five of its neighbouring steps."""
    steps = np.diff(wavelength)
    if len(steps) < 2:
        return [slice(0, len(wavelength))]
    smaller = np.minimum(np.r_[steps[1], steps[:-1]], np.r_[steps[1:], steps[-2]])
    jumps = np.flatnonzero(steps > 5 * smaller) + 1
    edges = [0, *jumps.tolist(), len(wavelength)]
    return [slice(low, high) for low, high in zip(edges, edges[1:], strict=False)]


def describe_arms(wavelength: np.ndarray) -> list[dict]:
    """Give each arm's ``start``, ``step``, ``size`` and ``scale``: "linear", "log", or "irregular" with a mean step."""
    return [_describe_arm(wavelength[arm]) for arm in split_arms(wavelength)]


def _describe_arm(arm):
    size = len(arm)
    start, mean = float(arm[0]), float(arm[-1] - arm[0]) / max(size - 1, 1)
    dex = float(np.log10(arm[-1] / arm[0])) / max(size - 1, 1)
    shapes = {
        "linear": (mean, start + mean * np.arange(size)),
        "log": (dex, start * 10 ** (dex * np.arange(size))),
    }
    for scale, (step, expected) in shapes.items():
        if np.allclose(arm, expected, rtol=0, atol=1e-3 * mean):
            return {"start": start, "step": float(f"{step:.10g}"), "size": size, "scale": scale}
    return {"start": start, "step": float(f"{mean:.10g}"), "size": size, "scale": "irregular"}


def is_log_uniform(wavelength: np.ndarray) -> bool:
    """Tell whether a grid's steps are equal in log wavelength, as convolutions with a velocity profile need.

    A grid of several arms (see `split_arms`) is, where all of them have the same steps.
    """
    steps = np.concatenate([np.diff(np.log(wavelength[arm])) for arm in split_arms(wavelength)])
    return bool(np.ptp(steps) <= 1e-4 * steps.mean())


def pixel_edges(wavelength: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the lower and the upper edge of each pixel (angstrom): half way between neighbours.

    At the ends and beside a jump (see `split_arms`) a pixel reaches as far to that side as to the other; a pixel
    between two jumps is as wide as the median pixel.

    Raises
    ------
    ValueError
        Where there are fewer than two pixels.
    """
    if len(wavelength) < 2:
        raise ValueError(f"a wavelength grid needs two pixels or more, got {len(wavelength)}")
    middle = (wavelength[1:] + wavelength[:-1]) / 2
    lower, upper = np.r_[np.nan, middle], np.r_[middle, np.nan]
    for arm in split_arms(wavelength):
        first, last = arm.start, arm.stop - 1
        if first == last:
            upper[last] = wavelength[last] + np.median(np.diff(wavelength)) / 2
        lower[first] = 2 * wavelength[first] - upper[first]
        upper[last] = 2 * wavelength[last] - lower[last]
    return lower, upper


def vacuum_to_air(wavelength: np.ndarray) -> np.ndarray:
    """Give wavelengths in standard air for wavelengths in vacuum (angstrom; Morton 2000, ApJS 130, 403, equation 8)."""
    return wavelength / refraction(np.asarray(wavelength, float))


def air_to_vacuum(wavelength: np.ndarray) -> np.ndarray:
    """Give wavelengths in vacuum for wavelengths in standard air: the exact inverse of `vacuum_to_air`."""
    return find_vacuum(np.asarray(wavelength, float))


def convert_medium(wavelength: np.ndarray, source: str, target: str) -> np.ndarray:
    """Give wavelengths (angstrom) of one medium, "air" or "vacuum", in another."""
    for medium in (source, target):
        if medium not in MEDIA:
            raise ValueError(f"unknown medium {medium!r}: expected 'air' or 'vacuum'")
    if source == target:
        return wavelength
    return vacuum_to_air(wavelength) if target == "air" else air_to_vacuum(wavelength)


def doppler(velocity: float | np.ndarray) -> float | np.ndarray:
    """Give the factor on wavelengths of a radial velocity (km/s, positive = receding): sqrt((1 + b) / (1 - b))."""
    beta = np.asarray(velocity, float) / LIGHT_SPEED
    return np.sqrt((1 + beta) / (1 - beta))
