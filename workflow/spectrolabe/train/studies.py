"""Studies of hyperparameters: which trials there are, and what network and training each of them is.

A study here is a mapping as `spectrolabe.recipe.load_recipe` gives it: ``labels``, ``together``, ``epochs``
(ascending), ``stage`` (the name of the one that it varies), ``seeds`` or ``folds``, ``criterion``, ``method``,
``base`` (varied name -> the base point's value as text), ``choices`` (varied name -> text -> value) and ``ranges``
(varied name -> range, see `spectrolabe.train.ranges`). A model's ``network`` and ``head`` are mappings with one key;
where a function varies it, the stage that is studied is its last (see `studied_part`). ``hidden.<label>`` names the
layers that a head has for one label.
"""

from collections.abc import Mapping, Sequence
from itertools import product

from spectrolabe.train.ranges import read_number

#: Settings of its stage that a study can vary; all others are options of the network or of the head.
OF_STAGE = ("batch", "optimiser")
#: Those of its optimiser, which has a weight decay or has none.
OF_OPTIMISER = ("learning_rate", "weight_decay")
#: How the names of the layers of one label begin.
HIDDEN = "hidden."
#: Settings that say what a loss is: by the loss, trials that differ in them cannot be compared.
OF_LOSS = ("loss", "focusing", "triplet", "margin", "mining")
#: Keys of a stage that do not count in a trial, which is judged by the weights as they are after its epochs.
LEFT_OUT = ("early_stop", "snapshots", "average")
#: What trials are compared by -> its column in the tables of trials.
CRITERIA = {"error": "std", "loss": "val_loss"}
#: What stands for a label where one network predicts all labels of a study.
ALL = "all"
#: Parameter and value of the trial that all sweeps share.
BASE = "base"


def write_value(value) -> str:
    """Write a value as it stands in the names of files and in tables: 0.3, relu, 8-4-4; none where there is none."""
    if isinstance(value, list):
        return "-".join(write_value(item) for item in value) or "none"
    words = {None: "none", True: "true", False: "false"}
    if value is None or isinstance(value, bool):
        return words[value]
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def studied_part(model: Mapping, study: Mapping) -> dict:
    """Give a model up to the stage that a study varies, which is the last there."""
    names = [stage["name"] for stage in model["stages"]]
    return {**model, "stages": model["stages"][: names.index(study["stage"]) + 1]}


def repeats_of(study: Mapping) -> tuple[str, int]:
    """Name what the trials of a study are repeated over, ``fold`` or ``seed``, and say how often."""
    return ("fold", study["folds"]) if "folds" in study else ("seed", study["seeds"])


def layers_by_label(head: Mapping) -> Mapping:
    """Give the layers that a head's options name label by label; none where a list is meant for all labels."""
    layers = head.get("hidden", {})
    return layers if isinstance(layers, Mapping) else {}


def list_settings(model: Mapping) -> dict:
    """Give all settings of a model that a study can vary, by name; a rate that is to be found is none of them."""
    (options,), (of_head,), stage = model["network"].values(), model["head"].values(), model["stages"][-1]
    ((optimiser, of_optimiser),) = stage["optimiser"].items()
    hidden = {f"{HIDDEN}{label}": units for label, units in layers_by_label(of_head).items()}
    of_head = {name: value for name, value in of_head.items() if not isinstance(value, Mapping)}
    options = {name: value for name, value in options.items() if not isinstance(value, Mapping)}
    steered = {name: of_optimiser[name] for name in OF_OPTIMISER if name in of_optimiser}
    if "find_rate" in stage:
        steered.pop("learning_rate")
    return {**options, **of_head, **hidden, "batch": stage["batch"], "optimiser": optimiser, **steered}


def apply_settings(model: Mapping, changes: Mapping) -> dict:
    """Give a model with other settings.

    Parameters
    ----------
    changes : name -> value; that of the optimiser is a mapping with one key, its name, and its options. A weight decay
        is left out where the optimiser has none.
    """
    ((network, options),), ((head, of_head),) = model["network"].items(), model["head"].items()
    *earlier, stage = model["stages"]
    stage = stage | {name: changes[name] for name in OF_STAGE if name in changes}
    ((optimiser, of_optimiser),) = stage["optimiser"].items()
    steered = {name: changes[name] for name in OF_OPTIMISER if name in changes and name in of_optimiser}
    stage["optimiser"] = {optimiser: of_optimiser | steered}
    others = {name: value for name, value in changes.items() if name not in (*OF_STAGE, *OF_OPTIMISER)}
    hidden = {name.removeprefix(HIDDEN): others.pop(name) for name in list(others) if name.startswith(HIDDEN)}
    ours = {name: others.pop(name) for name in list(others) if name in of_head}
    if hidden:
        ours["hidden"] = of_head.get("hidden", {}) | hidden
    parts = {"network": {network: options | others}, "head": {head: of_head | ours}}
    return {**model, **parts, "stages": [*earlier, stage]}


def keep_labels(model: Mapping, labels: Sequence[str]) -> dict:
    """Give a model whose head has layers for some labels alone."""
    ((head, of_head),) = model["head"].items()
    if not layers_by_label(of_head):
        return dict(model)
    hidden = {label: units for label, units in layers_by_label(of_head).items() if label in labels}
    return {**model, "head": {head: of_head | {"hidden": hidden}}}


def read_changes(study: Mapping, texts: Mapping[str, str]) -> dict:
    """Give what differs from the base point where some varied names have the values that texts stand for."""
    changed = {name: text for name, text in texts.items() if text != study["base"][name]}
    return {
        name: read_number(study["ranges"][name], text) if name in study["ranges"] else study["choices"][name][text]
        for name, text in changed.items()
    }


def networks_of(study: Mapping) -> dict[str, list[str]]:
    """Name the networks of each trial with the labels that they predict: one for each label, or ``all`` for all."""
    return {ALL: study["labels"]} if study["together"] else {label: [label] for label in study["labels"]}


def share_networks(one: Mapping, other: Mapping) -> bool:
    """Say whether two studies have networks that predict the same, so that their errors can be compared."""
    return any(networks_of(other).get(name) == labels for name, labels in networks_of(one).items())


def describe_trial(model: Mapping, changes: Mapping, epochs: list[int], labels: Sequence[str]) -> dict:
    """Give what a trial of some labels trains: ``network``, ``head``, ``stage`` and all of its ``settings``.

    It goes on to the last of ``epochs``, whatever its loss does, keeps no networks and averages no weights.
    """
    changed = keep_labels(apply_settings(model, changes), labels)
    stage = {key: value for key, value in changed["stages"][-1].items() if key not in LEFT_OUT}
    parts = {"network": changed["network"], "head": changed["head"], "stage": stage | {"epochs": epochs[-1]}}
    return parts | {"settings": list_settings(changed)}


def method_of(study: Mapping) -> str:
    """Name a study's method: one_at_a_time, grid or joint."""
    (method,) = study["method"]
    return method


def plan_trials(study: Mapping) -> list[dict]:
    """List the trials of a study: ``label``, ``parameter``, ``value`` (text) and ``seed`` (0, 1, ...) of each.

    In place of the seed is ``fold`` (0, 1, ...) where a study has folds.

    The label is ``all`` where one network predicts them together. One trial per label and seed is the base point
    (parameter and value ``base``), which is not repeated among the others: a varied name with one of its values, or
    ``grid`` with the number of the combination. The trials of a joint search are ``joint`` with their numbers, the
    first of them the base point; their seeds take turns.
    """
    repeat, times = repeats_of(study)
    if method_of(study) == "joint":
        count = study["method"]["joint"]["trials"]
        trials = [("joint", str(number), [number % times]) for number in range(count)]
    else:
        named = _combinations(study) if method_of(study) == "grid" else _single_changes(study)
        trials = [(parameter, value, range(times)) for parameter, value in [(BASE, BASE), *named]]
    return [
        {"label": label, "parameter": parameter, "value": value, repeat: number}
        for label in networks_of(study)
        for parameter, value, numbers in trials
        for number in numbers
    ]


def find_texts(study: Mapping, parameter: str, value: str) -> dict[str, str]:
    """Give the varied names in which a planned trial may differ from the base point, with their values as text."""
    if parameter == BASE:
        return {}
    return _combinations(study)["grid", value] if parameter == "grid" else {parameter: value}


def count_epochs(study: Mapping) -> int:
    """Count the epochs that a joint search may spend for each label.

    They are those that varying one setting at a time takes; where there are ranges, which nothing can be varied through
    one by one, those of all trials.
    """
    if study["ranges"]:
        return study["method"]["joint"]["trials"] * study["epochs"][-1]
    return (1 + len(_single_changes(study))) * study["seeds"] * study["epochs"][-1]


def _single_changes(study):
    return [(name, text) for name, values in study["choices"].items() for text in values if text != study["base"][name]]


def _combinations(study):
    """("grid", number) -> varied name -> text, without the base point."""
    names = list(study["choices"])
    texts = [dict(zip(names, chosen, strict=True)) for chosen in product(*study["choices"].values())]
    return {("grid", str(number)): chosen for number, chosen in enumerate(texts) if chosen != study["base"]}
