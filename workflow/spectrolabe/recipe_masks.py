"""What a schema cannot say of a recipe's masks: that their spectra, grids and stars are there, and where they serve."""

import csv
from pathlib import Path

from spectrolabe.recipe_files import fault, one_of, show
from spectrolabe.recipe_steps import step_lists

STARS = Path(__file__).resolve().parents[2] / "resources" / "benchmark_stars.csv"
#: Steps behind which a spectrum is no longer in the observed frame.
TO_REST = ("rest_frame", "find_velocity", "shift")


def check_masks(owner: str, recipe: dict) -> None:
    """Refuse masks that cannot be learned, and those of fixed features where nothing is fixed.

    Raises
    ------
    RecipeError
        For the first fault.
    """
    for name, mask in recipe["masks"].items():
        key = ["masks", name]
        if "recurrent" in mask:
            _check_dataset(owner, recipe, [*key, "recurrent", "survey"], mask["recurrent"]["survey"], "survey")
        else:
            _check_reference(owner, recipe, key, mask)
    for key, steps in step_lists(recipe):
        for i, step in enumerate(steps):
            mask = recipe["masks"].get(step.get("mask_pixels", {}).get("learned"), {})
            moved = [own for earlier in steps[:i] for own in earlier if own in TO_REST]
            if "recurrent" in mask and (moved or key[-1] != "prepare"):
                found = f"fixed features {f'behind {moved[0]}' if moved else 'where spectra are at rest'}"
                expected = "them in prepare of a survey, before rest_frame and find_velocity: they move with no star"
                raise fault(owner, [*key, i, "mask_pixels", "learned"], found, expected)


def _check_dataset(owner, recipe, key, found, kind):
    known = [dataset for dataset, options in recipe["datasets"].items() if options["kind"] == kind]
    if found not in known:
        raise fault(owner, key, show(found), f"a dataset of kind {kind}: {one_of(known, found)}")


def _check_reference(owner, recipe, key, mask):
    """Refuse a mask of reference stars that cannot be learned."""
    for part, kind in (("spectra", "survey"), ("from", "grid")):
        _check_dataset(owner, recipe, [*key, part], mask[part], kind)
    names, aliases = _read_stars()
    for i, star in enumerate(mask["stars"]):
        if star not in names and star not in aliases:
            expected = f"a star of resources/{STARS.name}: {one_of(names, star)}"
            raise fault(owner, [*key, "stars", i], show(star), expected)
    count = sum("resample" in step for step in mask["steps"])
    if count != 1:
        found = f"{f'{count} steps' if count else 'no step'} resample"
        raise fault(owner, [*key, "steps"], found, "one, which brings the models to the recipe's grid")


def _read_stars() -> tuple[list[str], set[str]]:
    """Give the names of the stars with literature values, and all their aliases."""
    with STARS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [row["name"] for row in rows], {alias for row in rows for alias in row["aliases"].split(";") if alias}
