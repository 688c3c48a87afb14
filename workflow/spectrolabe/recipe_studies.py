"""What the key ``studies`` of a recipe stands for: values that the schema accepts, beside those of the base point."""

from spectrolabe.prepare.parts import PARTS
from spectrolabe.recipe_files import fault, one_of, show
from spectrolabe.recipe_folds import check_criterion, check_folds, check_stage
from spectrolabe.recipe_models import known_labels
from spectrolabe.recipe_ranges import read_range
from spectrolabe.recipe_schema import Schema
from spectrolabe.train.studies import HIDDEN, OF_OPTIMISER, list_settings, method_of, studied_part, write_value


def expand_studies(owner: str, recipe: dict, schema: Schema) -> dict:
    """Give the recipe with everything that its studies leave to be filled in.

    Parameters
    ----------
    owner : how messages begin, such as "recipe 'demo'".
    recipe : a recipe whose other parts have been checked, defaults filled in.
    schema : the schema of recipes, which says what values each setting takes.

    Returns
    -------
    The recipe; each study has ``labels``, ``stage``, ``measure``, ``epochs`` in ascending order, ``base`` (varied name
    -> the base point's value as text), ``choices`` (varied name -> text -> value; that of an optimiser with its
    options) and ``ranges`` (varied name -> range, see `spectrolabe.train.ranges`). A joint search chooses the base
    point's values too.

    Raises
    ------
    RecipeError
        For the first fault.
    """
    if "study" in recipe["validate"] and not recipe["studies"]:
        raise fault(owner, "validate", "'study' without studies", "the key studies, or no study in validate")
    return recipe | {"studies": {name: _expand(owner, recipe, schema, name) for name in recipe["studies"]}}


def _expand(owner, recipe, schema, name):
    study = recipe["studies"][name]
    if study["model"] not in recipe["models"]:
        raise fault(owner, ["studies", name, "model"], show(study["model"]), one_of(recipe["models"], study["model"]))
    model = recipe["models"][study["model"]]
    new = [stage["name"] for stage in model["stages"] if "start_from" not in stage]
    filled = {"labels": model["labels"], "stage": new[-1]} | study
    check_stage(owner, name, filled, model)
    model = studied_part(model, filled)
    stage = model["stages"][-1]
    entry = recipe["sets"][stage["set"]]
    filled = {"measure": f"{stage['set']}-validation"} | filled
    _check_labels(owner, recipe, name, filled)
    _check_measure(owner, recipe, name, filled["measure"])
    check_folds(owner, name, study, stage, entry)
    check_criterion(owner, name, filled)
    settings, choices, ranges = list_settings(model), {}, {}
    nodes = _nodes(schema, model, filled, compressed="compress" in entry)
    for setting, values in study["vary"].items():
        key = ["studies", name, "vary", setting]
        _check_setting(owner, key, filled, nodes)
        if isinstance(values, dict):
            ranges[setting] = read_range(owner, schema, key, values, nodes[setting], method_of(study))
        else:
            choices[setting] = _read_values(owner, schema, key, stage, values, nodes[setting])
    base = {setting: write_value(settings.get(setting)) for setting in study["vary"]}
    if method_of(study) == "joint":
        # The value itself is never looked at: in the base point nothing is changed.
        choices = {setting: {base[setting]: None} | values for setting, values in choices.items()}
    return filled | {"epochs": sorted(study["epochs"]), "base": base, "choices": choices, "ranges": ranges}


def _check_labels(owner, recipe, name, study):
    known = known_labels(recipe, study["model"])
    for place, label in enumerate(study["labels"]):
        if known is not None and label not in known:
            found = f"{show(label)}, which no set of model {show(study['model'])} has"
            raise fault(owner, ["studies", name, "labels", place], found, one_of(sorted(known), label))


def _check_measure(owner, recipe, name, measure):
    key, sets = ["studies", name, "measure"], recipe["sets"]
    held_out = [part for part in PARTS if part != "training"]
    parts = [f"{entry}-{part}" for entry in sets for part in held_out if sets[entry]["split"][part] != 0]
    if measure not in parts:
        raise fault(owner, key, show(measure), one_of(parts, measure))
    quoted = {entry["dataset"] for entry in recipe["predict"] if not entry.get("derived")}
    quoted |= {*recipe.get("databases", {}).get("tests", [])}
    if measure in quoted:
        expected = "another part, since what settings were chosen on says too much good of them"
        raise fault(owner, key, f"{show(measure)}, which results are quoted on", expected)


def _check_setting(owner, key, study, nodes):
    setting = key[-1]
    label = setting.removeprefix(HIDDEN)
    if label != setting and label in study["labels"] and not study["together"] and len(study["labels"]) > 1:
        expected = "together: true, since only networks of several labels have layers for one of them"
        raise fault(owner, key[:-1], show(setting), expected)
    if setting not in nodes:
        raise fault(owner, key[:-1], show(setting), one_of(nodes, setting))


def _read_values(owner, schema, key, stage, values, node):
    """Give the values of a varied setting by their texts, each as the schema accepts it."""
    for place, value in enumerate(values):
        schema.check_part(owner, [*key, place], value, node)
    if key[-1] != "optimiser":
        return {write_value(value): value for value in values}
    optimisers = {name: schema.fill_defaults({name: {}}, schema.root["$defs"]["optimiser"]) for name in values}
    return optimisers | {name: stage["optimiser"] for name in values if name in stage["optimiser"]}


def _nodes(schema, model, study, *, compressed):
    """Give the part of the schema for each setting that a study of a model can vary."""
    definitions = schema.root["$defs"]
    nodes = {}
    for part in ("network", "head"):
        (name,) = model[part]
        nodes |= definitions[part]["properties"][name].get("properties", {})
    layers = schema.resolve(nodes.get("hidden", {}), None)
    if layers.get("type") == "object":
        apart = study["labels"] if study["together"] or len(study["labels"]) == 1 else []
        nodes |= {f"{HIDDEN}{label}": schema.child(layers, label) for label in apart}
    nodes = {name: node for name, node in nodes.items() if schema.resolve(node, None).get("type") != "object"}
    stage = model["stages"][-1]
    nodes["batch"] = definitions["stage"]["properties"]["batch"]
    nodes["optimiser"] = {"enum": schema.alternatives("optimiser")}
    ((optimiser, _),) = stage["optimiser"].items()
    of_optimiser = definitions["optimiser"]["properties"][optimiser]["properties"]
    steered = {name: of_optimiser[name] for name in OF_OPTIMISER if name in of_optimiser}
    if "find_rate" in stage:
        steered.pop("learning_rate")
    # Of a compressed set the components are given.
    return {name: node for name, node in (nodes | steered).items() if not (compressed and name == "components")}
