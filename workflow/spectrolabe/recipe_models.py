"""What models say beyond the schema: labels of their own, redrawn stars, snapshots, and what they are calibrated on."""

from spectrolabe.recipe_files import fault, one_of, show

#: Labels that every grid has beside those with ranges.
GRID_LABELS = ("vmic",)
#: How far a number of bins may be from a whole one.
WHOLE = 1e-6


def fill_labels(recipe: dict) -> dict:
    """Give the recipe with ``labels`` in every model: its own, else the recipe's."""
    models = {name: {"labels": recipe["labels"]} | model for name, model in recipe["models"].items()}
    return recipe | {"models": models}


def known_labels(recipe: dict, name: str) -> set[str] | None:
    """Name the labels that the sets of a model have; None where only their files tell.

    What a survey, or a grid's own nodes, hold is known only once they are read.
    """
    known: set[str] = set()
    for stage in recipe["models"][name]["stages"]:
        entry = recipe["sets"][stage["set"]]
        if recipe["datasets"][entry["from"]]["kind"] == "survey" or "stars" not in entry:
            return None
        written = {options["label"] for step in entry["steps"] for options in step.values() if "label" in options}
        known |= {*entry["ranges"], *written, *GRID_LABELS}
    return known


def check_stage(owner: str, recipe: dict, key: list, stage: dict) -> None:
    """Refuse a stage that cannot redraw its stars, or that keeps an epoch which it never reaches.

    Raises
    ------
    RecipeError
        For the first fault.
    """
    entry = recipe["sets"][stage["set"]]
    observed = recipe["datasets"][entry["from"]]["kind"] == "survey"
    if stage["redraw"] and not (observed and entry["copies"] == 1 and not entry["steps"]):
        why = f"'{stage['set']}' has training spectra that were copied or distorted, unlike those for validation"
        raise fault(owner, [*key, "redraw"], show(stage["redraw"]), f"false, since the set {why}")
    for place, epoch in enumerate(stage.get("snapshots", [])):
        if epoch > stage["epochs"]:
            raise fault(owner, [*key, "snapshots", place], show(epoch), f"at most the {stage['epochs']} epochs")


def check_calibration(owner: str, recipe: dict, name: str) -> None:
    """Refuse a model that is to be calibrated on a set that is none.

    Raises
    ------
    RecipeError
        For the fault.
    """
    chosen = recipe["models"][name].get("calibrate_on")
    if chosen is not None and chosen not in recipe["sets"]:
        raise fault(owner, ["models", name, "calibrate_on"], show(chosen), one_of(recipe["sets"], chosen))


def check_head(owner: str, recipe: dict, name: str) -> None:
    """Refuse layers of a label's own where the model does not predict that label, and bins that do not fit.

    Raises
    ------
    RecipeError
        For the first fault.
    """
    model = recipe["models"][name]
    ((head, options),) = model["head"].items()
    if head == "binned":
        _check_bins(owner, ["models", name, "head", head], options, model["labels"])
        return
    for label in options["hidden"]:
        if label not in model["labels"]:
            key, expected = ["models", name, "head", head, "hidden"], one_of(model["labels"], label)
            raise fault(owner, key, f"{show(label)}, which the model does not predict", expected)


def _check_bins(owner, key, options, labels):
    for label in labels:
        if label not in options["bins"]:
            expected = f"bins of '{label}' too, which the model predicts"
            raise fault(owner, [*key, "bins"], show([*options["bins"]]), expected)
    for label, bins in options["bins"].items():
        count = (bins["stop"] - bins["start"]) / bins["width"]
        if round(count) < 2 or abs(count - round(count)) > WHOLE:
            expected = "start and stop a whole number of widths apart, two or more"
            raise fault(owner, [*key, "bins", label], show(bins), expected)
    if options["triplet"] and not options["embedding"]:
        found = f"{show(options['triplet'])} with embedding: 0"
        raise fault(owner, [*key, "triplet"], found, "0, since there is no embedding, or an embedding")


def check_evolution(owner: str, recipe: dict) -> None:
    """Refuse the figure of snapshots where no predicting model has any in its last stage.

    Raises
    ------
    RecipeError
        For the fault.
    """
    models = [recipe["models"][entry["model"]] for entry in recipe["predict"]]
    if "kiel_evolution" in recipe["validate"] and not any("snapshots" in model["stages"][-1] for model in models):
        expected = "snapshots in the last stage of a model that predicts, or no kiel_evolution"
        raise fault(owner, "validate", "'kiel_evolution' without snapshots", expected)


def check_rates(owner: str, recipe: dict) -> None:
    """Refuse the figure of range tests where no predicting model has one.

    Raises
    ------
    RecipeError
        For the fault.
    """
    models = [recipe["models"][entry["model"]] for entry in recipe["predict"]]
    tested = any("find_rate" in stage for model in models for stage in model["stages"])
    if "learning_rates" in recipe["validate"] and not tested:
        expected = "find_rate in a stage of a model that predicts, or no learning_rates"
        raise fault(owner, "validate", "'learning_rates' without find_rate", expected)
