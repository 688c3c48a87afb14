"""What the key ``cross_grid`` of a recipe stands for, written out: sets, models and predictions of many grids."""

from collections.abc import Callable, Mapping

from spectrolabe.recipe_files import fault, one_of, show


def expand_cross_grid(owner: str, recipe: dict, covered: Callable[[str], Mapping]) -> dict:
    """Give the recipe with everything that ``cross_grid`` asks for as ordinary sets, models and predictions.

    Per grid other than the model's own: each of its sets drawn from that grid (``<set>_<dataset>``) and the model
    trained on those (``<model>_<dataset>``). Every model predicts all test spectra and all that the main model
    predicts; predictions by others than the main model are marked ``derived``.

    Parameters
    ----------
    owner : how messages begin, such as "recipe 'demo'".
    recipe : a recipe that the schema accepts, defaults filled in.
    covered : name of a grid -> label -> [lowest, highest], empty where the grid's settings are unknown.

    Returns
    -------
    The recipe; its ``cross_grid`` gains ``models`` in the order of ``train_on``, ``datasets`` (names of predicted
    datasets) in the order of ``test_on``, and ``set``, the one that the main model is trained on last.

    Raises
    ------
    RecipeError
        For the first fault of ``cross_grid``; faults elsewhere are left for `spectrolabe.recipe_checks.check_recipe`.
    """
    settings = recipe.get("cross_grid")
    if settings is None:
        return recipe
    if settings["model"] not in recipe["models"]:
        raise fault(
            owner, ["cross_grid", "model"], show(settings["model"]), one_of(recipe["models"], settings["model"])
        )
    stages = recipe["models"][settings["model"]]["stages"]
    sources = {stage["set"]: recipe["sets"].get(stage["set"], {}).get("from") for stage in stages}
    base = stages[-1]["set"]
    if sources[base] not in recipe["datasets"]:
        return recipe
    _check_names(owner, recipe, base)
    _check_test_stars(owner, recipe, base)
    own = [name for name, source in sources.items() if source == sources[base]]
    _check_coverage(owner, recipe, own, covered)
    recipe = _add_sets(owner, recipe, base, own)
    recipe = _add_models(owner, recipe, sources[base], own)
    datasets = [f"{_test_set(recipe, base, name)}-test" for name in settings["test_on"]]
    models = [_derive(settings["model"], name, sources[base]) for name in settings["train_on"]]
    recipe = _add_predictions(recipe, models, datasets)
    return recipe | {"cross_grid": settings | {"set": base, "models": models, "datasets": datasets}}


def _derive(name: str, dataset: str, own: str) -> str:
    return name if dataset == own else f"{name}_{dataset}"


def _test_set(recipe, base, name):
    """Name the set that a name of ``test_on`` means: a set, or that of the model as drawn from a grid."""
    return name if name in recipe["sets"] else _derive(base, name, recipe["sets"][base]["from"])


def _check_names(owner, recipe, base):
    settings, own = recipe["cross_grid"], recipe["sets"][base]["from"]
    grids = [name for name, dataset in recipe["datasets"].items() if dataset["kind"] == "grid"]
    if own not in grids:
        found = f"{show(settings['model'])}, whose last stage trains on the survey '{own}'"
        raise fault(owner, ["cross_grid", "model"], found, "a model whose last stage trains on spectra of a grid")
    for key, known in (("train_on", grids), ("test_on", [*grids, *recipe["sets"]])):
        for i, name in enumerate(settings[key]):
            if name not in known:
                found = show(name) + (", a survey" if name in recipe["datasets"] else "")
                raise fault(owner, ["cross_grid", key, i], found, one_of(known, name))
    if own not in settings["train_on"]:
        expected = f"'{own}' among them, the grid of the model '{settings['model']}'"
        raise fault(owner, ["cross_grid", "train_on"], show(settings["train_on"]), expected)


def _check_test_stars(owner, recipe, base):
    for i, name in enumerate(recipe["cross_grid"]["test_on"]):
        entry = name if name in recipe["sets"] else base
        if recipe["sets"][entry]["split"]["test"] == 0:
            expected = f"a set with test stars (sets.{entry}.split.test is 0)"
            raise fault(owner, ["cross_grid", "test_on", i], show(name), expected)


def _grids(recipe):
    """Names of all grids that models are trained or tested on, each once."""
    settings = recipe["cross_grid"]
    names = dict.fromkeys([*settings["train_on"], *settings["test_on"]])
    return [name for name in names if name in recipe["datasets"]]


def _check_coverage(owner, recipe, own, covered):
    """Refuse a label box that one of the grids does not fill: models of different boxes cannot be compared."""
    for dataset in _grids(recipe):
        known = covered(recipe["datasets"][dataset].get("grid", ""))
        for name in own if known else []:
            ranges, key = recipe["sets"][name].get("ranges"), ["sets", name, "ranges"]
            if ranges is None:
                continue
            why = f"since cross_grid draws the set from the grid '{dataset}' too"
            for label, (low, high) in ranges.items():
                if label not in known:
                    raise fault(owner, key, show(label), f"{one_of(known, label)}, {why}")
                if low < known[label][0] or high > known[label][1]:
                    raise fault(owner, [*key, label], show([low, high]), f"a part of {show(known[label])}, {why}")
            for label in known:
                if label not in ranges and "stars" in recipe["sets"][name]:
                    raise fault(owner, [*key, label], "nothing", f"a part of {show(known[label])}, {why}")


def _add_sets(owner, recipe, base, own):
    sets = dict(recipe["sets"])
    for dataset in _grids(recipe):
        if dataset == recipe["sets"][base]["from"]:
            continue
        # A grid that no model is trained on gives test stars alone.
        for name in own if dataset in recipe["cross_grid"]["train_on"] else [base]:
            derived = _derive(name, dataset, recipe["sets"][base]["from"])
            for section, entries in (("sets", sets), ("datasets", recipe["datasets"])):
                _check_free(owner, section, derived, entries, f"the set '{name}' drawn from '{dataset}'")
            sets[derived] = recipe["sets"][name] | {"from": dataset}
    return recipe | {"sets": sets}


def _add_models(owner, recipe, source, own):
    settings, models = recipe["cross_grid"], dict(recipe["models"])
    main = models[settings["model"]]
    for dataset in settings["train_on"]:
        if dataset == source:
            continue
        derived = _derive(settings["model"], dataset, source)
        _check_free(owner, "models", derived, models, f"the model '{settings['model']}' trained on '{dataset}'")
        renamed = {name: _derive(name, dataset, source) for name in own}
        stages = [stage | {"set": renamed.get(stage["set"], stage["set"])} for stage in main["stages"]]
        models[derived] = main | {"stages": stages}
    return recipe | {"models": models}


def _check_free(owner, section, name, entries, what):
    if name in entries:
        raise fault(owner, [section, name], "a name that cross_grid gives", f"another name, since {what} is called so")


def _add_predictions(recipe, models, datasets):
    main = recipe["cross_grid"]["model"]
    listed = [(entry["model"], entry["dataset"]) for entry in recipe["predict"]]
    wanted = dict.fromkeys([*(dataset for model, dataset in listed if model == main), *datasets])
    added = [
        {"model": model, "dataset": dataset} | ({} if model == main else {"derived": True})
        for model in [main, *(model for model in models if model != main)]
        for dataset in wanted
        if (model, dataset) not in listed
    ]
    return recipe | {"predict": [*recipe["predict"], *added]}
