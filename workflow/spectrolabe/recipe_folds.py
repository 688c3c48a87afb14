"""Which stage the studies of a recipe vary, what they compare trials by, and when they may do so by folds."""

from spectrolabe.recipe_files import fault, one_of, show
from spectrolabe.train.studies import OF_LOSS, method_of

#: Schedules by which the rate falls with the number of epochs.
FALLING = ("cosine", "warmup_cosine", "cosine_cycles")


def check_stage(owner: str, name: str, study: dict, model: dict) -> None:
    """Refuse a stage that does not start from new weights, or that cannot be cut at the epochs of the study.

    Parameters
    ----------
    owner : how messages begin, such as "recipe 'demo'".
    name, study : of the study, with ``stage``.
    model : the one that is studied.

    Raises
    ------
    RecipeError
        For the first fault.
    """
    key, where = ["studies", name, "stage"], f"stage {show(study['stage'])} of model {show(study['model'])}"
    stages = {stage["name"]: stage for stage in model["stages"]}
    if study["stage"] not in stages:
        raise fault(owner, key, show(study["stage"]), one_of(stages, study["stage"]))
    stage = stages[study["stage"]]
    if "start_from" in stage:
        raise fault(owner, key, show(study["stage"]), f"a stage that starts from new weights ({where} has start_from)")
    ((schedule, options),) = stage["schedule"].items()
    epochs = study["epochs"]
    if schedule in FALLING and len(epochs) > 1:
        falls = f"falls with them ({schedule})"
        expected = f"one number: the rate of {where} {falls}, so that one run cannot stand for several"
        raise fault(owner, ["studies", name, "epochs"], show(epochs), expected)
    cycles = options.get("cycles", 1)
    if epochs[-1] % cycles:
        expected = f"a multiple of the {cycles} cycles of {where}"
        raise fault(owner, ["studies", name, "epochs"], show(epochs), expected)


def check_folds(owner: str, name: str, study: dict, stage: dict, entry: dict) -> None:
    """Refuse folds where something else repeats the trials or says what they are compared on.

    Parameters
    ----------
    study : as the recipe has it.
    stage : the one that is studied.
    entry : the set that it learns from.
    owner, name : see `check_stage`.

    Raises
    ------
    RecipeError
        For the first fault.
    """
    if "folds" not in study:
        return
    key, folds = ["studies", name, "folds"], show(study["folds"])
    if "measure" in study:
        expected = "no measure, since each fold is what its trials are compared on"
        raise fault(owner, ["studies", name, "measure"], f"{show(study['measure'])} beside folds", expected)
    if study["seeds"] != 1:
        expected = "1 where there are folds, which repeat each trial"
        raise fault(owner, ["studies", name, "seeds"], show(study["seeds"]), expected)
    if method_of(study) == "joint":
        expected = "no folds with the method joint, which judges each trial by one training"
        raise fault(owner, key, folds, expected)
    if entry["on_the_fly"]:
        expected = f"no folds, since training spectra of the set {show(stage['set'])} lack the steps on_the_fly"
        raise fault(owner, key, folds, expected)
    if stage["redraw"]:
        expected = f"no folds, since stage {show(stage['name'])} draws stars of its own (redraw)"
        raise fault(owner, key, folds, expected)


def check_criterion(owner: str, name: str, study: dict) -> None:
    """Refuse to compare trials by losses that are not alike, or that a joint search does not look at.

    Raises
    ------
    RecipeError
        For the first fault.
    """
    if study["criterion"] != "loss":
        return
    key = ["studies", name, "criterion"]
    if method_of(study) == "joint":
        raise fault(owner, key, "'loss'", "'error' with the method joint, which gives trials up by their errors")
    varied = next((setting for setting in OF_LOSS if setting in study["vary"]), None)
    if varied:
        raise fault(
            owner, key, "'loss'", f"'error' where {varied} varies, since each value of it has a loss of its own"
        )
