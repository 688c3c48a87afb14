"""Of wavelengths what a check of a recipe needs too, where no numpy is: arithmetic of numbers, or of arrays as well."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import log10


def count_pixels(arm: Mapping) -> int:
    """Give the number of pixels of an arm, see `spectrolabe.spectra.wavelength.build_grid`; one or fewer is a fault."""
    start, stop, step = (float(arm[key]) for key in ("start", "stop", "step"))
    span = log10(stop / start) if arm.get("scale", "linear") == "log" else stop - start
    return round(span / step)


def are_parted(arms: Sequence[Mapping]) -> bool:
    """Say whether `spectrolabe.spectra.wavelength.split_arms` finds as many arms in a grid as it was built from."""
    wavelengths = [wavelength for arm in arms for wavelength in _list_wavelengths(arm)]
    steps = [after - before for before, after in pairwise(wavelengths)]
    before, after = [steps[1], *steps[:-1]], [*steps[1:], steps[-2]]
    jumps = sum(step > 5 * min(beside) for step, *beside in zip(steps, before, after, strict=True))
    return jumps == len(arms) - 1


def _list_wavelengths(arm: Mapping) -> list[float]:
    start, step = float(arm["start"]), float(arm["step"])
    logarithmic = arm.get("scale", "linear") == "log"
    numbers = range(count_pixels(arm))
    return [start * 10 ** (step * number) if logarithmic else start + step * number for number in numbers]


def refraction(vacuum):
    """Give the refraction of standard air at wavelengths in vacuum (angstrom): a number or an array."""
    squared = (1e4 / vacuum) ** 2
    return 1 + 8.34254e-5 + 2.406147e-2 / (130 - squared) + 1.5998e-4 / (38.9 - squared)


def find_vacuum(air):
    """Give wavelengths in vacuum for wavelengths in standard air (angstrom): a number or an array."""
    vacuum = air
    # Each turn gains four digits: the refraction hardly changes over its own shift.
    for _ in range(4):
        vacuum = air * refraction(vacuum)
    return vacuum
