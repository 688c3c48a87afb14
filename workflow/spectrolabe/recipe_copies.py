"""What a schema cannot say of noise, and of steps that the copies of a star go through apart from each other."""

import math
from collections.abc import Iterable

from spectrolabe.recipe_files import fault, one_of, show

#: Steps that the copies of a star may go through apart from each other.
IN_COPIES = ("add_noise", "scale", "distort_continuum", "zero_pixels", "broaden")


def steps_of_copies(steps: Iterable[dict]) -> list[list[dict]]:
    """Give the steps of each kind of copy: those of ``by_copy`` take its place, list by list.

    Returns
    -------
    One list of steps without ``by_copy``; several lists of them are gone through side by side, the shorter ones again
    and again.
    """
    steps = list(steps)
    count = math.lcm(*(len(step["by_copy"]) for step in steps if "by_copy" in step))
    return [[own for step in steps for own in _of_copy(step, copy)] for copy in range(count)]


def _of_copy(step: dict, copy: int) -> list[dict]:
    lists = step.get("by_copy")
    return [step] if lists is None else lists[copy % len(lists)]


def check_noise(owner: str, key: list, options: dict) -> None:
    """Refuse noise without a strength, or with several, and a range of it that descends.

    Raises
    ------
    RecipeError
        For the first fault.
    """
    given = [option for option in ("max", "snr", "spread") if option in options]
    if len(given) != 1:
        raise fault(owner, key, " and ".join(map(show, given)) or "no key", "one of max, snr, spread")
    if "snr" in options and options["snr"][0] > options["snr"][1]:
        raise fault(owner, [*key, "snr"], show(options["snr"]), "the first number not above the second")
    if "law" in options and "snr" not in options:
        expected = "snr beside it, whose law it is; max and spread are drawn uniformly"
        raise fault(owner, [*key, "law"], show(options["law"]), expected)


def check_copies(owner: str, recipe: dict, key: list, lists: list[list[dict]]) -> None:
    """Refuse steps of copies where nothing is copied, more lists than copies, and steps that change the grid.

    Parameters
    ----------
    key : where ``by_copy`` stands, such as ["sets", "database", "steps", 3, "by_copy"].
    lists : a list of steps for each kind of copy.

    Raises
    ------
    RecipeError
        For the first fault.
    """
    section, name, part = key[:3]
    if (section, part) != ("sets", "steps"):
        raise fault(owner, key, "by_copy", "no such step here: spectra are copied in the steps of a set alone")
    copies = recipe["sets"][name]["copies"]
    if copies < len(lists):
        found = f"{len(lists)} lists for {copies} {'copies' if copies > 1 else 'copy'} of each star"
        raise fault(owner, key, found, f"at most as many lists as sets.{name}.copies, or more copies")
    resampled = any("resample" in step for step in recipe["sets"][name]["steps"][: key[3]])
    for number, steps in enumerate(lists):
        for i, step in enumerate(steps):
            ((own, options),) = step.items()
            if own not in IN_COPIES:
                raise fault(owner, [*key, number, i], show(own), f"{one_of(IN_COPIES, own)}: steps that keep the grid")
            if own == "broaden" and resampled:
                expected = "this step before resample, which brings spectra to the recipe's grid"
                raise fault(owner, [*key, number, i], "'broaden' behind resample", expected)
            if own == "add_noise":
                check_noise(owner, [*key, number, i, own], options)
