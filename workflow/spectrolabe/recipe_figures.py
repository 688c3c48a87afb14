"""What a schema cannot say of the figures of a survey's labels: that what they compare is predicted."""

from spectrolabe.recipe_files import fault, show
from spectrolabe.validate.figure_names import NEED_SCREENING


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
    pairs = [(model, name.replace("-training", "-test")) for model, name in predicted if name.endswith("-training")]
    if "one_to_one" in recipe["validate"] and not predicted & {*pairs}:
        expected = "predictions of both, <set>-training and <set>-test, by one model, or no one_to_one"
        raise fault(owner, "validate", "'one_to_one' without training beside test stars", expected)
    ratios = [label for label in recipe["labels"] if label.endswith("_fe") and not label.startswith("a_")]
    if "abundance_densities" in recipe["validate"] and not ("feh" in recipe["labels"] and ratios):
        expected = "feh and an <element>_fe among labels, or no abundance_densities"
        raise fault(owner, "validate", "'abundance_densities' without such labels", expected)
