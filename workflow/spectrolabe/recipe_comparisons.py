"""What the key ``comparisons`` of a recipe stands for: methods that have met none of the spectra they are tested on."""

import re
from collections.abc import Mapping

from spectrolabe.recipe_files import fault, one_of, show

#: A condition of a set that one column has one value: a text, or a number.
EQUALITY = re.compile(r"\s*(\w+)\s*=\s*('[^']*'|[-+.\w]+)\s*")


def find_stages(recipe: Mapping, entry: str) -> tuple[str, list[str]]:
    """Give the model that an entry of a row names, and the stages that its members went through, the first one first.

    Parameters
    ----------
    entry : name of a model, whose last stage is meant, or ``<model>/<stage>``.
    """
    model, _, chosen = entry.partition("/")
    stages = recipe["models"][model]["stages"]
    earlier = {stage["name"]: stage.get("start_from") for stage in stages}
    chain = [chosen or stages[-1]["name"]]
    while earlier[chain[0]]:
        chain.insert(0, earlier[chain[0]])
    return model, chain


def met_sets(recipe: Mapping, entry: str) -> list[str]:
    """Name the sets that the members of an entry of a row were trained on, each once."""
    model, chain = find_stages(recipe, entry)
    sets = {stage["name"]: stage["set"] for stage in recipe["models"][model]["stages"]}
    return list(dict.fromkeys(sets[stage] for stage in chain))


def splits_otherwise(entry: Mapping, tested: Mapping) -> bool:
    """Say whether two sets take stars of one dataset and split them in other shares."""
    # Stars that are drawn from a grid are each set's own.
    shared = entry["from"] == tested["from"] and not {"stars"} & {*entry, *tested}
    return shared and entry["split"] != tested["split"]


def excludes(entry: Mapping, tested: Mapping) -> bool:
    """Say whether no spectrum meets the conditions of both sets: a column is to have another value in each.

    Only conditions such as ``role = 'survey'`` tell.
    """
    first, second = (
        dict(found.groups() for condition in chosen.get("select", []) if (found := EQUALITY.fullmatch(condition)))
        for chosen in (entry, tested)
    )
    return any(first[column] != second[column] for column in first.keys() & second.keys())


def expand_comparisons(owner: str, recipe: dict) -> dict:
    """Give the recipe with the rows of its comparisons as a list, in the order in which they are written.

    Parameters
    ----------
    owner : how messages begin, such as "recipe 'demo'".
    recipe : a recipe whose other parts have been checked, defaults filled in.

    Returns
    -------
    The recipe; each comparison has ``rows``, a list of ``row`` (the method's name) and ``models`` (see `find_stages`).

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


def _check_row(owner, recipe, key, entries):
    given = {}
    for place, entry in enumerate(entries):
        model, _, stage = entry.partition("/")
        if model not in recipe["models"]:
            raise fault(owner, [*key, place], show(entry), one_of(recipe["models"], model))
        stages = [known["name"] for known in recipe["models"][model]["stages"]]
        if "/" in entry and stage not in stages:
            raise fault(owner, [*key, place], show(entry), f"a stage of {show(model)}: {one_of(stages, stage)}")
        for label in recipe["models"][model]["labels"]:
            if label in given:
                found = f"{show(label)} by '{given[label]}' and by '{entry}'"
                raise fault(owner, key, found, "each label by one model of the row")
            given[label] = entry


def _check_splits(owner, recipe, key, entries, dataset):
    """Refuse a model that may have been trained on test stars: the same stars, split in other shares."""
    tested = recipe["sets"][dataset.removesuffix("-test")]
    for place, entry in enumerate(entries):
        for name in met_sets(recipe, entry):
            met = recipe["sets"][name]
            if splits_otherwise(met, tested) and not excludes(met, tested):
                found = f"{show(entry)}, trained on '{name}', which splits the same stars otherwise"
                expected = f"a model whose sets have the split of {show(dataset)}, or conditions that exclude its own"
                raise fault(owner, [*key, place], found, expected)


def _check_labels(owner, recipe, key, comparison):
    models, rows = recipe["models"], comparison["rows"]
    labels = {
        row: [label for entry in rows[row] for label in models[entry.partition("/")[0]]["labels"]] for row in rows
    }
    for row in rows:
        for label in labels[comparison["reference"]]:
            if label not in labels[row]:
                expected = f"{show(label)} among them, as the reference '{comparison['reference']}' has it"
                raise fault(owner, [*key, row], f"the labels {', '.join(labels[row])}", expected)
