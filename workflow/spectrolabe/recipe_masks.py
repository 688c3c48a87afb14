"""What a schema cannot say of a recipe's masks: that their spectra, grids and stars are there."""

import csv
from pathlib import Path

from spectrolabe.recipe_files import fault, one_of, show

STARS = Path(__file__).resolve().parents[2] / "resources" / "benchmark_stars.csv"


def check_masks(owner: str, recipe: dict) -> None:
    """Refuse masks that cannot be learned.

    Raises
    ------
    RecipeError
        For the first fault.
    """
    for name, mask in recipe["masks"].items():
        for key, kind in (("spectra", "survey"), ("from", "grid")):
            known = [dataset for dataset, options in recipe["datasets"].items() if options["kind"] == kind]
            if mask[key] not in known:
                expected = f"a dataset of kind {kind}: {one_of(known, mask[key])}"
                raise fault(owner, ["masks", name, key], show(mask[key]), expected)
        names, aliases = _read_stars()
        for i, star in enumerate(mask["stars"]):
            if star not in names and star not in aliases:
                expected = f"a star of resources/{STARS.name}: {one_of(names, star)}"
                raise fault(owner, ["masks", name, "stars", i], show(star), expected)
        count = sum("resample" in step for step in mask["steps"])
        if count != 1:
            found = f"{f'{count} steps' if count else 'no step'} resample"
            expected = "one, which brings the models to the recipe's grid"
            raise fault(owner, ["masks", name, "steps"], found, expected)


def _read_stars() -> tuple[list[str], set[str]]:
    """Give the names of the stars with literature values, and all their aliases."""
    with STARS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [row["name"] for row in rows], {alias for row in rows for alias in row["aliases"].split(";") if alias}
