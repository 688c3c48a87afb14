"""What a schema cannot say of the key ``recalibration``: that its model, survey and labels are there."""

from spectrolabe.recipe_files import fault, one_of, show


def check_recalibration(owner: str, recipe: dict) -> None:
    """Refuse a recalibration of nothing, on spectra or labels that are not there, or on what a model has learned from.

    Raises
    ------
    RecipeError
        For the first fault.
    """
    if "recalibration" not in recipe:
        return
    asked = recipe["recalibration"]
    model, dataset = asked["model"], asked["dataset"]
    if model not in recipe["models"]:
        raise fault(owner, ["recalibration", "model"], show(model), one_of(recipe["models"], model))
    if not any(entry["model"] == model and "-" not in entry["dataset"] for entry in recipe["predict"]):
        expected = "a model that a survey is predicted by, since catalogues of surveys alone are recalibrated"
        raise fault(owner, ["recalibration", "model"], show(model), expected)
    surveys = [name for name, settings in recipe["datasets"].items() if settings["kind"] == "survey"]
    if dataset not in surveys:
        raise fault(owner, ["recalibration", "dataset"], show(dataset), one_of(surveys, dataset))
    labels = recipe["models"][model]["labels"]
    for place, label in enumerate(asked["labels"]):
        if label not in labels:
            raise fault(owner, ["recalibration", "labels", place], show(label), one_of(labels, label))
    if "stars" not in asked:
        _check_own_labels(owner, recipe, model, dataset)


def _check_own_labels(owner: str, recipe: dict, model: str, dataset: str) -> None:
    if "catalogue" not in recipe["datasets"][dataset]:
        expected = f"the name of a table of stars, since '{dataset}' has no catalogue of labels"
        raise fault(owner, ["recalibration", "stars"], "nothing", expected)
    if dataset in {recipe["sets"][stage["set"]]["from"] for stage in recipe["models"][model]["stages"]}:
        expected = f"a survey that model '{model}' has not learned from, or recalibration.stars"
        raise fault(owner, ["recalibration", "dataset"], show(dataset), expected)
