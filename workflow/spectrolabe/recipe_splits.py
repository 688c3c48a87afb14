"""What a schema cannot say of the key ``split`` of a set: that whoever trains or is calibrated on it finds stars."""

from collections.abc import Mapping

from spectrolabe.prepare.parts import PARTS
from spectrolabe.recipe_files import fault, show
from spectrolabe.recipe_steps import list_products, step_lists

#: Shares whose sum differs from 1 by less leave nothing.
ROUNDING = 1e-9


def share_of(split: Mapping, part: str) -> float:
    """Give the share (0 to 1) of a set's stars that a part has: what the others leave is trained on."""
    if part != "training":
        return split.get(part, 0.0)
    left = 1 - sum(split.get(name, 0.0) for name in PARTS if name != "training")
    return left if left > ROUNDING else 0.0


def only_tests(split: Mapping) -> bool:
    """Say whether all stars of a set are test stars: spectra without labels belong to it too."""
    return split["test"] == 1


def explain_empty(name: str, part: str) -> str:
    """Say what a recipe should name in place of a part of the set ``name`` that has no stars."""
    return f"a part with stars (sets.{name}.split{' leaves none' if part == 'training' else f'.{part} is 0'})"


def check_split(owner: str, recipe: dict, name: str) -> None:
    """Refuse shares of a set that leave no stars to those who train, validate or are calibrated on it.

    Raises
    ------
    RecipeError
        For the first fault.
    """
    split, key = recipe["sets"][name]["split"], ["sets", name, "split"]
    shares = {part: split[part] for part in PARTS if part in split}
    found = " + ".join(f"{part} {share:g}" for part, share in shares.items())
    if sum(shares.values()) > 1 + ROUNDING:
        raise fault(owner, key, found, "a sum of 1 at most")
    for model, settings in recipe["models"].items():
        stages = [stage["name"] for stage in settings["stages"] if stage["set"] == name]
        if stages and not share_of(split, "training"):
            raise fault(owner, key, found, "a sum below 1, so that stars are left to train on")
        if stages and not split["validation"]:
            who = f"the stage {show(stages[0])} of model {show(model)} trains on this set"
            raise fault(owner, [*key, "validation"], "0", f"a share above 0, since {who}")
        if settings.get("calibrate_on", settings["stages"][-1]["set"]) == name and not split["calibration"]:
            expected = f"a share above 0, since model {show(model)} is calibrated on this set"
            raise fault(owner, [*key, "calibration"], "0", expected)
    _check_learners(owner, recipe, name)


def _check_learners(owner, recipe, name):
    """Screening and templates look at training stars of a set, whether a network is trained on them or not."""
    if share_of(recipe["sets"][name]["split"], "training"):
        return
    expected = f"a set with training stars (sets.{name}.split leaves none)"
    if recipe.get("screening", {}).get("set") == name:
        raise fault(owner, ["screening", "set"], show(name), expected)
    for key, steps in step_lists(recipe):
        if name in list_products(steps)["templates"]:
            raise fault(owner, key, f"the templates {show(name)}", expected)
