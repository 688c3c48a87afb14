"""What a schema cannot say of the figures of a survey's labels: that what they compare is predicted."""

from spectrolabe.recipe_files import fault, show
from spectrolabe.validate.figure_names import NEED_SCREENING


def is_per_arm(model: dict) -> bool:
    """Whether a model of a recipe has a network for every wavelength arm."""
    return any(options.get("per_arm", False) for options in model["network"].values())


def check_survey_figures(owner: str, recipe: dict) -> None:
    """Refuse figures of a screened survey, or of training beside test stars, where these are not predicted.

    Raises
    ------
    RecipeError
        For the first fault.
    """
    predicted = {(entry["model"], entry["dataset"]) for entry in recipe["predict"]}
    surveys = {dataset for _, dataset in predicted}
    screened = recipe.get("screening", {}).get("dataset")
    for figure in NEED_SCREENING:
        if figure in recipe["validate"] and screened is None:
            raise fault(owner, "validate", f"'{figure}' without screening", f"the key screening, or no {figure}")
        if figure in recipe["validate"] and screened not in surveys:
            expected = f"a prediction of {show(screened)}, or no {figure}"
            raise fault(owner, "validate", f"'{figure}', but no prediction of the screened survey", expected)
    if "one_to_one" in recipe["validate"] and not any(name.endswith("-test") for name in surveys):
        expected = "a prediction of a <set>-test, with <set>-training by the same model where both are to be seen"
        raise fault(owner, "validate", "'one_to_one' without test stars", f"{expected}, or no one_to_one")
    _check_examples(owner, recipe, surveys)
    per_arm = {name for name, model in recipe["models"].items() if is_per_arm(model)}
    if "arms" in recipe["validate"] and not any(
        model in per_arm and name.endswith("-test") for model, name in predicted
    ):
        expected = "a prediction of a <set>-test by a model whose network has per_arm, or no arms"
        raise fault(owner, "validate", "'arms' without such test stars", expected)
    if "error_by_rotation" in recipe["validate"] and "vsini" not in recipe["labels"]:
        raise fault(owner, "validate", "'error_by_rotation' without vsini", "vsini in labels, or no error_by_rotation")
    steps = [step for entry in recipe["sets"].values() for step in entry["steps"]]
    if "augmentation" in recipe["validate"] and not any("by_copy" in step for step in steps):
        expected = "the step by_copy in a set, or no augmentation"
        raise fault(owner, "validate", "'augmentation' without steps of copies", expected)
    ratios = [label for label in recipe["labels"] if label.endswith("_fe") and not label.startswith("a_")]
    if "abundance_densities" in recipe["validate"] and not ("feh" in recipe["labels"] and ratios):
        expected = "feh and an <element>_fe among labels, or no abundance_densities"
        raise fault(owner, "validate", "'abundance_densities' without such labels", expected)


def _check_examples(owner: str, recipe: dict, predicted: set[str]) -> None:
    main = recipe["models"][recipe["predict"][0]["model"]]["stages"][-1]["set"]
    sources = [recipe["datasets"].get(name, {}) for name in (recipe["sets"][main]["from"], *predicted)]
    if "example_spectra" in recipe["validate"] and not any(source.get("kind") == "survey" for source in sources):
        expected = "a set from a survey, or a prediction of one, or no example_spectra"
        raise fault(owner, "validate", "'example_spectra' without a survey", expected)
