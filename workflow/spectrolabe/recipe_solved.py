"""What networks whose weights are solved for need of a recipe: one pass over spectra as they are, nothing random."""

from spectrolabe.recipe_files import fault, show

#: Networks whose weights are solved for.
SOLVED = ("linear", "quadratic")
#: Keys of a stage that have a meaning for training alone.
OF_TRAINING = ("find_rate", "start_from", "snapshots", "early_stop")


def check_solved(owner: str, recipe: dict) -> None:
    """Refuse models whose weights are solved for where the recipe asks for what only training can do.

    Raises
    ------
    RecipeError
        For the first fault.
    """
    for name, model in recipe["models"].items():
        (network,) = model["network"]
        if network in SOLVED:
            why = f"since the weights of '{network}' are solved for"
            _check_model(owner, name, model, why)
            for place, stage in enumerate(model["stages"]):
                _check_stage(owner, ["models", name, "stages", place], stage, recipe["sets"][stage["set"]], why)
            _check_studies(owner, recipe, name, why)


def _check_model(owner: str, name: str, model: dict, why: str) -> None:
    key = ["models", name]
    if model["members"] != 1:
        expected = f"1, {why}: they do not depend on a seed"
        raise fault(owner, [*key, "members"], show(model["members"]), expected)
    if len(model["stages"]) != 1:
        raise fault(owner, [*key, "stages"], f"{len(model['stages'])} stages", f"one, {why}")
    ((head, options),) = model["head"].items()
    if head != "point":
        raise fault(owner, [*key, "head"], show(head), f"point, {why}")
    if options.get("hidden"):
        expected = f"no such key, {why}: no layer of a label's own follows"
        raise fault(owner, [*key, "head", head, "hidden"], show(options["hidden"]), expected)


def _check_stage(owner: str, key: list, stage: dict, entry: dict, why: str) -> None:
    if stage["epochs"] != 1:
        raise fault(owner, [*key, "epochs"], show(stage["epochs"]), f"1, {why}")
    for option in OF_TRAINING:
        if option in stage:
            raise fault(owner, [*key, option], show(stage[option]), f"no such key, {why}")
    for option, none in (("redraw", False), ("average", 0)):
        if stage[option]:
            raise fault(owner, [*key, option], show(stage[option]), f"{show(none)}, {why}")
    for option in ("on_the_fly", "compress"):
        if entry.get(option):
            found = f"{show(stage['set'])}, which has {option}"
            raise fault(owner, [*key, "set"], found, f"a set without it, {why}")


def _check_studies(owner: str, recipe: dict, name: str, why: str) -> None:
    for study, settings in recipe["studies"].items():
        if settings["model"] == name:
            expected = f"a model that is trained, {why}"
            raise fault(owner, ["studies", study, "model"], show(name), expected)
