"""What schedules, averaged weights, rates of layers and networks per arm need of a recipe."""

from spectrolabe.recipe_files import fault, show
from spectrolabe.spectra.plain_wavelengths import are_parted

#: Networks whose layers have a depth, which rates can depend on.
OF_DEPTH = ("residual_conv",)
#: Heads that read the features of several arms.
OF_ARMS = ("binned",)


def check_trainings(owner: str, recipe: dict) -> None:
    """Refuse stages whose schedule, average or rates of layers do not fit them, and networks per arm without arms.

    Raises
    ------
    RecipeError
        For the first fault.
    """
    for name, model in recipe["models"].items():
        for place, stage in enumerate(model["stages"]):
            key = ["models", name, "stages", place]
            _check_schedule(owner, key, stage)
            _check_rates(owner, key, stage, model)
        _check_arms(owner, recipe, name)


def _check_schedule(owner: str, key: list, stage: dict) -> None:
    ((schedule, options),) = stage["schedule"].items()
    if schedule == "cosine_cycles" and stage["epochs"] % options["cycles"]:
        expected = f"a multiple of the {options['cycles']} cycles of its schedule"
        raise fault(owner, [*key, "epochs"], show(stage["epochs"]), expected)
    if stage["average"] and schedule != "cosine_cycles":
        expected = "cosine_cycles, since weights are averaged at the ends of cycles (or average: 0)"
        raise fault(owner, [*key, "schedule"], show(schedule), expected)
    if stage["average"] and "early_stop" in stage:
        expected = "no such key, since the mean of the weights stands for whole cycles (or average: 0)"
        raise fault(owner, [*key, "early_stop"], show(stage["early_stop"]), expected)
    if stage["average"] and stage["average"] > options["cycles"]:
        expected = f"at most the {options['cycles']} cycles of its schedule"
        raise fault(owner, [*key, "average"], show(stage["average"]), expected)


def _check_rates(owner: str, key: list, stage: dict, model: dict) -> None:
    if "layer_rates" not in stage:
        return
    (network,) = model["network"]
    if network not in OF_DEPTH:
        expected = f"no such key, since the network {show(network)} has no modules ({', '.join(OF_DEPTH)} has)"
        raise fault(owner, [*key, "layer_rates"], show(stage["layer_rates"]), expected)
    if "start_from" not in stage:
        expected = "start_from beside it, since new weights are not to be spared"
        raise fault(owner, [*key, "layer_rates"], show(stage["layer_rates"]), expected)


def _check_arms(owner: str, recipe: dict, name: str) -> None:
    model, arms = recipe["models"][name], recipe["wavelength"]["arms"]
    ((network, options),), (head,) = model["network"].items(), model["head"]
    if not options.get("per_arm"):
        return
    key = ["models", name, "network", network, "per_arm"]
    if len(arms) == 1:
        raise fault(owner, key, "true", "false, since the recipe has one wavelength arm")
    if not are_parted(arms):
        expected = "false, since two arms lie side by side (a gap of more than five steps parts them)"
        raise fault(owner, key, "true", expected)
    if head not in OF_ARMS:
        expected = f"false, since the head {show(head)} reads one arm ({', '.join(OF_ARMS)} reads several)"
        raise fault(owner, key, "true", expected)
    for stage in model["stages"]:
        if "compress" in recipe["sets"][stage["set"]]:
            expected = f"false, since coefficients of the set {show(stage['set'])}, which is compressed, have no arms"
            raise fault(owner, key, "true", expected)
