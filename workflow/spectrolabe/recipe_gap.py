"""What the figures of the synthetic gap and of the continuum need of a recipe."""

from spectrolabe.prepare.parts import PARTS
from spectrolabe.recipe_files import fault, one_of, show
from spectrolabe.validate.figure_names import OF_CONTINUUM


def check_gap(owner: str, recipe: dict) -> None:
    """Refuse a key ``gap`` whose datasets are not there, and the figure without the key.

    Raises
    ------
    RecipeError
        For the first fault.
    """
    if "gap" not in recipe:
        if "gap" in recipe["validate"]:
            raise fault(owner, "validate", "'gap' without the key gap", "the key gap, or no gap in validate")
        return
    surveys = [name for name, dataset in recipe["datasets"].items() if dataset["kind"] == "survey"]
    parts = [
        f"{name}-{part}"
        for name, entry in recipe["sets"].items()
        for part in PARTS
        # Training spectra are not as networks see them: some steps are left to the training.
        if part != "training" and entry["from"] not in surveys and entry["split"].get(part) != 0
    ]
    asked = recipe["gap"]
    for place, name in enumerate(asked["synthetic"]):
        if name not in parts:
            raise fault(owner, ["gap", "synthetic", place], show(name), one_of(parts, name))
    if asked["observed"] not in surveys + parts:
        raise fault(owner, ["gap", "observed"], show(asked["observed"]), one_of(surveys + parts, asked["observed"]))
    if asked["observed"] in asked["synthetic"]:
        raise fault(owner, ["gap", "observed"], show(asked["observed"]), "another dataset than those in gap.synthetic")


def check_continuum(owner: str, recipe: dict) -> None:
    """Refuse figures of the continuum where the main model's spectra are not synthetic, or not normalised.

    Raises
    ------
    RecipeError
        For the first fault.
    """
    model = recipe["predict"][0]["model"]
    name = recipe["models"][model]["stages"][-1]["set"]
    entry = recipe["sets"][name]
    synthetic = recipe["datasets"][entry["from"]]["kind"] == "grid"
    for figure in OF_CONTINUUM:
        if figure in recipe["validate"] and not (synthetic and any("normalise" in step for step in entry["steps"])):
            kind = "not normalised" if synthetic else "observed"
            found = f"'{figure}', while the set '{name}' of model '{model}' is {kind}"
            raise fault(owner, "validate", found, f"a set from a grid with a step normalise, or no {figure}")
