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
    trained, tested = ({model for model, name in predicted if name.endswith(part)} for part in ("-training", "-test"))
    if "one_to_one" in recipe["validate"] and not trained & tested:
        expected = "predictions of both, a <set>-training and a <set>-test, by one model, or no one_to_one"
        raise fault(owner, "validate", "'one_to_one' without training beside test stars", expected)
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
