"""What the key ``databases`` of a recipe stands for, written out: what its models say of what they were trained on."""

from spectrolabe.prepare.parts import PARTS
from spectrolabe.recipe_files import fault, one_of, show
from spectrolabe.recipe_splits import explain_empty, share_of

#: Parts of a model's own set that it is scored on beside the tests.
OWN_PARTS = ("training", "validation")


def expand_databases(owner: str, recipe: dict) -> dict:
    """Give the recipe with everything that ``databases`` asks for as ordinary predictions.

    Every model is trained on each of ``sets``, too: those on other sets than its own are called ``<model>_<set>``. All
    predict the training and the validation part of the set that they are trained on last, and all tests; predictions
    that the recipe does not list itself are marked ``derived`` and have no section in the report.

    Parameters
    ----------
    owner : how messages begin, such as "recipe 'demo'".
    recipe : a recipe that the schema accepts, defaults filled in.

    Raises
    ------
    RecipeError
        For the first fault of ``databases``, and for its figure without the key; faults elsewhere are left for
        `spectrolabe.recipe_checks.check_recipe`.
    """
    settings = recipe.get("databases")
    if settings is None:
        if "databases" in recipe["validate"]:
            raise fault(owner, "validate", "'databases' without databases", "the key databases, or no databases")
        return recipe
    _check_models(owner, recipe)
    _check_sets(owner, recipe)
    _check_tests(owner, recipe)
    _check_limits(owner, recipe)
    recipe = _train_on_sets(recipe)
    settings = recipe["databases"]
    listed = [(entry["model"], entry["dataset"]) for entry in recipe["predict"]]
    added = [
        {"model": model, "dataset": dataset, "derived": True}
        for model in settings["models"]
        for dataset in _scored_on(recipe, model)
        if (model, dataset) not in listed
    ]
    return recipe | {"predict": [*recipe["predict"], *added]}


def _train_on_sets(recipe):
    """Give the recipe with each model on each set, set by set, under the names of ``models``."""
    models, settings = dict(recipe["models"]), recipe["databases"]
    own = {name: models[name]["stages"][-1]["set"] for name in settings["models"]}
    named = []
    for chosen in settings["sets"]:
        for name in settings["models"]:
            trained = name if own[name] == chosen else f"{name}_{chosen}"
            stages = [
                stage | ({"set": chosen} if stage["set"] == own[name] else {}) for stage in models[name]["stages"]
            ]
            models.setdefault(trained, models[name] | {"stages": stages})
            named.append(trained)
    named = named or settings["models"]
    return recipe | {"models": models, "databases": settings | {"models": named}}


def _scored_on(recipe, model):
    name = recipe["models"][model]["stages"][-1]["set"]
    own = [f"{name}-{part}" for part in OWN_PARTS if name in recipe["sets"]]
    return list(dict.fromkeys([*own, *recipe["databases"]["tests"]]))


def _check_models(owner, recipe):
    for i, name in enumerate(recipe["databases"]["models"]):
        if name not in recipe["models"]:
            raise fault(owner, ["databases", "models", i], show(name), one_of(recipe["models"], name))


def _check_sets(owner, recipe):
    for i, name in enumerate(recipe["databases"]["sets"]):
        if name not in recipe["sets"]:
            raise fault(owner, ["databases", "sets", i], show(name), one_of(recipe["sets"], name))


def _check_tests(owner, recipe):
    parts = [f"{name}-{part}" for name in recipe["sets"] for part in PARTS]
    for i, dataset in enumerate(recipe["databases"]["tests"]):
        key = ["databases", "tests", i]
        if dataset not in parts:
            raise fault(owner, key, show(dataset), one_of(parts, dataset))
        name, _, part = dataset.partition("-")
        if not share_of(recipe["sets"][name]["split"], part):
            raise fault(owner, key, show(dataset), explain_empty(name, part))


def _check_limits(owner, recipe):
    for label in recipe["databases"]["below"]:
        if label not in recipe["labels"]:
            raise fault(owner, ["databases", "below"], show(label), one_of(recipe["labels"], label))
