"""What a schema cannot say of the key ``populations``: that what it names is predicted, with the labels that count."""

from spectrolabe.recipe_files import fault, one_of, show
from spectrolabe.validate.figure_names import POPULATION_RESULTS

#: Figure -> labels that it cannot be drawn without.
NEEDED = {
    "discs": ("feh", "mg_fe"),
    "eccentricities": ("feh", "mg_fe"),
    "ages": ("teff", "logg", "feh", "mg_fe"),
    "cluster_abundances": ("feh", "mg_fe", "al_fe"),
    "anticorrelation": ("feh", "mg_fe", "al_fe"),
    "seismic": ("logg",),
}


def check_populations(owner: str, recipe: dict) -> None:
    """Refuse a key ``populations`` whose model or survey is not predicted, and its figures without it or their labels.

    Raises
    ------
    RecipeError
        For the first fault.
    """
    figures = [figure for figure in recipe["validate"] if figure in POPULATION_RESULTS]
    if "populations" not in recipe:
        if figures:
            found = f"'{figures[0]}' without the key populations"
            raise fault(owner, "validate", found, f"the key populations, or no {figures[0]}")
        return
    model, dataset = (recipe["populations"][key] for key in ("model", "dataset"))
    if model not in recipe["models"]:
        raise fault(owner, ["populations", "model"], show(model), one_of(recipe["models"], model))
    surveys = [
        entry["dataset"] for entry in recipe["predict"] if entry["model"] == model and "-" not in entry["dataset"]
    ]
    if dataset not in surveys:
        expected = f"a survey that model '{model}' predicts: {one_of(surveys, dataset)}"
        raise fault(owner, ["populations", "dataset"], show(dataset), expected)
    labels = recipe["models"][model].get("labels", recipe["labels"])
    for figure in figures:
        missing = [label for label in NEEDED.get(figure, ()) if label not in labels]
        if missing:
            expected = f"{', '.join(NEEDED[figure])} among the labels of model '{model}', or no {figure}"
            raise fault(owner, "validate", f"'{figure}' without the label {missing[0]}", expected)
