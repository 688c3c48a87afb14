"""What a schema cannot say of the key ``sensitivity``: that its models, labels and lines are there."""

from spectrolabe.recipe_files import fault, one_of, show
from spectrolabe.spectra.plain_wavelengths import find_vacuum
from spectrolabe.validate.figure_names import OF_GRADIENTS


def check_sensitivity(owner: str, recipe: dict) -> None:
    """Refuse a key ``sensitivity`` whose models, labels or lines are not there, and its figures without it.

    Raises
    ------
    RecipeError
        For the first fault.
    """
    asked = recipe.get("sensitivity", {})
    for figure, key in zip(OF_GRADIENTS, ("model", "correlated"), strict=True):
        if figure in recipe["validate"] and key not in asked:
            wanted = "sensitivity.correlated" if asked else "sensitivity"
            raise fault(owner, "validate", f"'{figure}' without {wanted}", f"the key {wanted}, or no {figure}")
    if not asked:
        return
    for key in ("model", "correlated"):
        if key in asked:
            _check_model(owner, recipe, key)
    if "correlated" in asked and _labels(recipe, "correlated") == _labels(recipe, "model"):
        found = f"{show(asked['correlated'])}, a model with the labels of '{asked['model']}'"
        raise fault(owner, ["sensitivity", "correlated"], found, "a model with other labels")
    for label in asked["lines"]:
        if label not in _labels(recipe, "model"):
            raise fault(owner, ["sensitivity", "lines"], show(label), one_of(_labels(recipe, "model"), label))
        for place, line in enumerate(asked["lines"][label]):
            _check_line(owner, recipe, ["sensitivity", "lines", label, place], line)


def _labels(recipe: dict, key: str) -> list[str]:
    return recipe["models"][recipe["sensitivity"][key]]["labels"]


def _check_model(owner: str, recipe: dict, key: str) -> None:
    name = recipe["sensitivity"][key]
    if name not in recipe["models"]:
        raise fault(owner, ["sensitivity", key], show(name), one_of(recipe["models"], name))
    trained_on = recipe["models"][name]["stages"][-1]["set"]
    if recipe["sets"][trained_on]["split"]["test"] == 0:
        expected = f"a model whose set has test stars (sets.{trained_on}.split.test is 0)"
        raise fault(owner, ["sensitivity", key], show(name), expected)


def _check_line(owner: str, recipe: dict, key: list, line: float) -> None:
    grid = recipe["wavelength"]
    wavelength = line if grid["medium"] == "air" else find_vacuum(line)
    if not any(arm["start"] <= wavelength < arm["stop"] for arm in grid["arms"]):
        arms = " or ".join(f"{show(arm['start'])} to {show(arm['stop'])}" for arm in grid["arms"])
        raise fault(owner, key, show(line), f"a wavelength in air within the recipe's arms ({arms}, {grid['medium']})")
