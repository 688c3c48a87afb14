"""A tiny recipe for the tests of recipes: changed, written to a folder, read back, its mistake put into words."""

import copy
from pathlib import Path

import pytest
import yaml

from spectrolabe.recipe import RecipeError, load_recipe

TABLE = yaml.safe_load((Path(__file__).parent / "unit" / "recipe_mistakes.yaml").read_text(encoding="utf-8"))
TINY = TABLE["recipe"]


def changed(changes: dict) -> dict:
    """The tiny recipe with values at paths such as "models.cnn.stages.0.set" replaced; REMOVED takes one away."""
    recipe = copy.deepcopy(TINY)
    for path, value in changes.items():
        *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
        place = recipe
        for part in parents:
            place = place[part]
        place[last] = value
        if value == "REMOVED":
            del place[last]
    return recipe


def write(folder: Path, name: str, recipe) -> None:
    text = recipe if isinstance(recipe, str) else yaml.safe_dump(recipe, sort_keys=False)
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")


def load(folder: Path, recipe, name: str = "x") -> dict:
    write(folder, name, recipe)
    return load_recipe(name, folder)


def message(folder: Path, recipe) -> str:
    with pytest.raises(RecipeError) as caught:
        load(folder, recipe)
    return str(caught.value)
