"""What the key ``comparisons`` of a recipe stands for: methods that have met none of the spectra they are tested on."""

from spectrolabe.recipe_files import fault, one_of, show


def expand_comparisons(owner: str, recipe: dict) -> dict:
    """Give the recipe with the rows of its comparisons as a list, in the order in which they are written.

    Parameters
    ----------
    owner : how messages begin, such as "recipe 'demo'".
    recipe : a recipe whose other parts have been checked, defaults filled in.

    Returns
    -------
    The recipe; each comparison has ``rows``, a list of ``row`` (the method's name) and ``models``.

    Raises
    ------
    RecipeError
        For the first fault of ``comparisons``, and for its figure without the key.
    """
    if "comparisons" in recipe["validate"] and not recipe["comparisons"]:
        expected = "the key comparisons, or no comparisons in validate"
        raise fault(owner, "validate", "'comparisons' without comparisons", expected)
    return recipe | {"comparisons": {name: _expand(owner, recipe, name) for name in recipe["comparisons"]}}


def _expand(owner, recipe, name):
    key, comparison = ["comparisons", name], recipe["comparisons"][name]
    rows = comparison["rows"]
    _check_dataset(owner, recipe, key, comparison["dataset"])
    if comparison["reference"] not in rows:
        raise fault(owner, [*key, "reference"], show(comparison["reference"]), one_of(rows, comparison["reference"]))
    for row in rows:
        _check_row(owner, recipe, [*key, "rows", row], rows[row])
        _check_splits(owner, recipe, [*key, "rows", row], rows[row], comparison["dataset"])
    _check_labels(owner, recipe, [*key, "rows"], comparison)
    return comparison | {"rows": [{"row": row, "models": models} for row, models in rows.items()]}


def _check_dataset(owner, recipe, key, dataset):
    """Only stars that nothing was fitted to, or chosen on, tell methods apart."""
    tests = [f"{name}-test" for name, entry in recipe["sets"].items() if entry["split"]["test"] != 0]
    if dataset not in tests:
        raise fault(owner, [*key, "dataset"], show(dataset), f"test stars: {one_of(tests, dataset)}")
    for study, settings in recipe["studies"].items():
        if settings.get("measure") == dataset:
            expected = f"another part, since the study '{study}' chooses settings on these spectra"
            raise fault(owner, [*key, "dataset"], show(dataset), expected)


def _check_row(owner, recipe, key, models):
    given = {}
    for place, model in enumerate(models):
        if model not in recipe["models"]:
            raise fault(owner, [*key, place], show(model), one_of(recipe["models"], model))
        for label in recipe["models"][model]["labels"]:
            if label in given:
                found = f"{show(label)} by '{given[label]}' and by '{model}'"
                raise fault(owner, key, found, "each label by one model of the row")
            given[label] = model


def _check_splits(owner, recipe, key, models, dataset):
    """Refuse a model that may have been trained on test stars: the same stars, split in other shares."""
    tested = recipe["sets"][dataset.removesuffix("-test")]
    for place, model in enumerate(models):
        for name in (stage["set"] for stage in recipe["models"][model]["stages"]):
            entry = recipe["sets"][name]
            # Stars that are drawn from a grid are each set's own.
            shared = entry["from"] == tested["from"] and not {"stars"} & {*entry, *tested}
            if shared and entry["split"] != tested["split"]:
                found = f"{show(model)}, trained on '{name}', which splits the same stars otherwise"
                raise fault(owner, [*key, place], found, f"a model whose sets have the split of {show(dataset)}")


def _check_labels(owner, recipe, key, comparison):
    models, rows = recipe["models"], comparison["rows"]
    labels = {row: [label for model in rows[row] for label in models[model]["labels"]] for row in rows}
    for row in rows:
        for label in labels[comparison["reference"]]:
            if label not in labels[row]:
                expected = f"{show(label)} among them, as the reference '{comparison['reference']}' has it"
                raise fault(owner, [*key, row], f"the labels {', '.join(labels[row])}", expected)
