"""What a schema cannot say of the key ``recovery``: that its model, set and grid are there and fit each other."""

from spectrolabe.recipe_files import fault, one_of, show
from spectrolabe.validate.figure_names import OF_RECOVERY


def check_recovery(owner: str, recipe: dict) -> None:
    """Refuse a key ``recovery`` whose model, set or grid cannot give injected stars, and its figure without the key.

    Raises
    ------
    RecipeError
        For the first fault.
    """
    asked = recipe.get("recovery")
    for figure in OF_RECOVERY:
        if figure in recipe["validate"] and not asked:
            raise fault(owner, "validate", f"'{figure}' without recovery", f"the key recovery, or no {figure}")
    if not asked:
        return
    if asked["model"] not in recipe["models"]:
        raise fault(owner, ["recovery", "model"], show(asked["model"]), one_of(recipe["models"], asked["model"]))
    grids = [name for name, dataset in recipe["datasets"].items() if dataset["kind"] == "grid"]
    sets = [name for name, entry in recipe["sets"].items() if entry["from"] in grids]
    if asked["set"] not in sets:
        expected = f"a set drawn from a grid, whose true labels are known: {one_of(sets, asked['set'])}"
        raise fault(owner, ["recovery", "set"], show(asked["set"]), expected)
    _check_labels(owner, recipe)
    entry = recipe["sets"][asked["set"]]
    if "stars" not in entry and entry["split"]["test"] == 0:
        expected = f"a set with test stars, since its stars are nodes of the grid (sets.{asked['set']}.split.test is 0)"
        raise fault(owner, ["recovery", "set"], show(asked["set"]), expected)
    others = [name for name in grids if name != entry["from"]]
    if "other" in asked and asked["other"] not in others:
        expected = f"a grid that the set '{asked['set']}' is not drawn from: {one_of(others, asked['other'])}"
        raise fault(owner, ["recovery", "other"], show(asked["other"]), expected)


def _check_labels(owner: str, recipe: dict) -> None:
    """Stars without any of the model's labels show nothing; which a grid's own nodes have is known once it is read."""
    asked, entry = recipe["recovery"], recipe["sets"][recipe["recovery"]["set"]]
    written = [options["label"] for step in entry["steps"] for options in step.values() if "label" in options]
    known = {*entry.get("ranges", {}), *written}
    if "stars" in entry and not known & {*recipe["models"][asked["model"]]["labels"]}:
        expected = f"a set that has a label of the model '{asked['model']}'"
        raise fault(owner, ["recovery", "set"], f"{show(asked['set'])}, with other labels", expected)
