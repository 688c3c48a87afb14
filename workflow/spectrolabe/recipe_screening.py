"""What a schema cannot say of the key ``screening``: that its survey and its set belong together."""

from spectrolabe.recipe_files import fault, one_of, show
from spectrolabe.validate.figure_names import OF_SCREENING


def check_screening(owner: str, recipe: dict) -> None:
    """Refuse a key ``screening`` without a survey and a set of its spectra, and its figures without the key.

    Raises
    ------
    RecipeError
        For the first fault.
    """
    asked = recipe.get("screening")
    for figure in OF_SCREENING:
        if figure in recipe["validate"] and not asked:
            raise fault(owner, "validate", f"'{figure}' without screening", f"the key screening, or no {figure}")
    if not asked:
        return
    surveys = [name for name, dataset in recipe["datasets"].items() if dataset["kind"] == "survey"]
    if asked["dataset"] not in surveys:
        raise fault(owner, ["screening", "dataset"], show(asked["dataset"]), one_of(surveys, asked["dataset"]))
    sets = [name for name, entry in recipe["sets"].items() if entry["from"] == asked["dataset"]]
    if asked["set"] not in sets:
        expected = f"a set from the survey '{asked['dataset']}': {one_of(sets, asked['set'])}"
        raise fault(owner, ["screening", "set"], show(asked["set"]), expected)
    split = recipe["sets"][asked["set"]]["split"]
    if not split["validation"] + split["calibration"]:
        expected = "a set with a validation or a calibration part, which false alarms are set by"
        raise fault(owner, ["screening", "set"], show(asked["set"]), expected)
