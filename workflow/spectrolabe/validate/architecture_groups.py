"""Layers of a network that belong together by their names: stem, residual modules, branches of labels, like arms."""

import re
from collections.abc import Iterable, Mapping, Sequence

from spectrolabe.train.outputs import FEATURES_LAYER
from spectrolabe.validate.style import name_of

#: Names of layers before the labels part, and of those of one label's branches; arms of a spectrum may stand in both.
TRUNK = re.compile(r"(?:arm(?P<arm>\d+)_)?(?:(?P<part>stem|module\d+)_.+|(?P<end>mean|highest|features))")
BRANCH = re.compile(r"(?:unit_)?(?P<kind>logits|temperature|embedding)_(?:arm(?P<arm>\d+)_)?(?P<label>.+)")
#: What only leads features on: kinds of layers, and names.
LEADING, SHARED = ("GetItem", "Identity"), ("all_features", FEATURES_LAYER)
#: Operations that no box is named after.
OPERATIONS = ("NotEqual", "Cast", "Multiply")
SCALING, OUTPUTS, POOLED = "scaling", "outputs", "pooled"


def group_layers(layers: Sequence[Mapping]) -> list[dict]:
    """Join the layers of a stem, of a residual module, of a label's branch into one, and arms that are alike.

    Layers are known by their names (see `spectrolabe.train.residual_conv` and `spectrolabe.train.binned_layers`); what
    scales the flux before a stem is one too, and so is all that follows the branches. Networks that have neither stem
    nor branches are left as they are.

    Parameters
    ----------
    layers : as `spectrolabe.train.architectures.describe_network` gives them.

    Returns
    -------
    Layers as those given, with a third line of words in ``note``; of what stands for several arms, ``arms`` says how
    many, the parameters are those of one, and unlike lengths are joined by "or".
    """
    places = _place_layers(layers)
    if not places:
        return [dict(layer) for layer in layers]
    sources = {layer["name"]: layer["inputs"] for layer in layers}
    members: dict[tuple, list] = {}
    for layer in layers:
        if layer["name"] in places:
            members.setdefault(places[layer["name"]], []).append(layer)
    arms = sorted({arm for arm, _ in members if arm})
    boxes = {}
    for place, own in members.items():
        found = dict.fromkeys(each for layer in own for each in _look_up(layer["inputs"], sources, places))
        inputs = [each for each in found if each != place and _is_read(each, place, found)]
        boxes[place] = _describe(place, own, len(arms)) | {"inputs": inputs}
    boxes = _join_arms(boxes, arms) if len(arms) > 1 else boxes
    boxes = _in_order_of_labels(_drop_detours(boxes))
    return [box | {"name": _name(place), "inputs": [*map(_name, box["inputs"])]} for place, box in boxes.items()]


def _is_read(source, place, found):
    """Whether an arm reads it: what leads on the features of all arms gives to each its own, where it has any."""
    own = [each for each in found if each[0] == place[0] and each != place]
    return not place[0] or not own or source in own


def _name(place):
    return f"arm{place[0]}_{place[1]}" if place[0] else place[1]


def _place_layers(layers):
    """Give layer -> (arm, 0 where there are none, and the group's name), but for layers that only lead on."""
    sources = {layer["name"]: layer["inputs"] for layer in layers}
    readers = {name: [each for each in sources if name in sources[each]] for name in sources}
    kinds = {layer["name"]: layer["kind"] for layer in layers}
    places = _place_by_name(sources)
    if not places:
        return {}
    branches = [name for name, (_, part) in places.items() if _is_branch(part)]
    for name in branches:
        if not name.startswith("temperature_"):
            places |= dict.fromkeys(_layers_before(name, sources, readers, {*places}, kinds), places[name])
    before, behind = _reach(branches, sources), _reach(branches, readers)
    stems = [_reach([name], sources) for name, (_, part) in places.items() if part == "stem"]
    scaling = {name for name in set.intersection(*stems) if sources[name]} if stems else set()
    scaling -= {*places}
    outputs = behind - before - {*places}
    trained = before.union(*stems)
    beside = _reach(outputs, sources) - trained - {*places} - outputs
    for name in sources:
        if name in places or (kinds[name] == "GetItem" or name in SHARED or name in beside):
            continue
        if name in outputs or name in scaling:
            places[name] = (0, OUTPUTS if name in outputs else SCALING)
        elif name not in behind:
            places[name] = (0, name)
    return places


def _place_by_name(names: Iterable[str]) -> dict[str, tuple[int, str]]:
    places, pooled = {}, {}
    for name in names:
        if found := BRANCH.fullmatch(name):
            kind = "embedding" if found["kind"] == "embedding" else "logits"
            places[name] = (int(found["arm"] or 0), f"{kind} {found['label']}")
        elif found := TRUNK.fullmatch(name):
            if found["part"]:
                places[name] = (int(found["arm"] or 0), found["part"])
            else:
                pooled[name] = (int(found["arm"] or 0), POOLED)
    # Words as common as these tell nothing where there is no stem.
    return places | {name: place for name, place in pooled.items() if (place[0], "stem") in places.values()}


def _is_branch(part):
    return part.startswith(("logits ", "embedding "))


def _layers_before(name, sources, readers, taken, kinds):
    """Give the layers that lead to this one alone."""
    found = []
    while len(sources[name]) == 1:
        (name,) = sources[name]
        if name in taken or len(readers[name]) > 1 or not sources[name] or kinds[name] in LEADING:
            break
        found.append(name)
    return found


def _reach(starts, edges):
    """Give all that edges lead to, without the starts that none leads to."""
    found, left = set(), [*starts]
    while left:
        new = {*edges[left.pop()]} - found
        found |= new
        left += new
    return found


def _look_up(inputs, sources, places):
    """Give the places behind inputs, past layers that have none."""
    for name in inputs:
        if name in places:
            yield places[name]
        else:
            yield from _look_up(sources[name], sources, places)


def _describe(place, members, arms):
    """Say what a group is in a layer's words."""
    part, told = place[1], {"size": "", "note": ""}
    convolution = next((layer for layer in members if "stride" in layer), {})
    size, stride = convolution.get("size", ""), f"stride {convolution.get('stride')}"
    if part == "stem":
        words = [layer["size"] or layer["kind"] for layer in members if layer["kind"] not in ("Reshape", "Conv1D")]
        told |= {"kind": f"Stem: {convolution['kind']}", "size": size, "note": ", ".join([stride, *words])}
    elif part.startswith("module"):
        way = "projection" if any(layer["name"].endswith("_shortcut") for layer in members) else "identity"
        told |= {"kind": "Residual module", "size": size, "note": f"{stride}, {way} as shortcut"}
    elif _is_branch(part):
        told |= _describe_branch(part, members)
        members = sorted(members, key=lambda layer: layer["name"].startswith(("logits_", "embedding_")))
        return told | {"shape": members[-1]["shape"], "parameters": _count(members)}
    elif part == POOLED:
        told |= {"kind": "Mean and maximum of filters"}
    elif part == OUTPUTS:
        kind = "Conflation of the arms" if arms > 1 else "Distributions"
        told |= {"kind": kind, "note": "mean and variance of each label"}
    elif part == SCALING:
        kinds = [layer["kind"] for layer in members if layer["kind"] not in OPERATIONS] or ["Scaling"]
        told |= {"kind": " + ".join(dict.fromkeys(kinds))}
        told |= {"note": "missing pixels become mean ones" if any(own["kind"] == "NotEqual" for own in members) else ""}
    else:
        return dict(members[0])
    read = {name for layer in members for name in layer["inputs"]}
    last = [layer for layer in members if layer["name"] not in read][-1]
    return told | {"shape": last["shape"], "parameters": _count(members)}


def _describe_branch(part, members):
    # The last layer is as wide as what the branch gives, which is said above.
    kind, label = part.split(" ", 1)
    words = [f"{layer['kind']} {layer['size']}" for layer in members if layer["name"].startswith("dense")]
    ends = {"temperature": "temperature", "unit_embedding": "unit length"}
    words += [word for name, word in ends.items() if any(layer["name"].startswith(name) for layer in members)]
    title = "Classification" if kind == "logits" else "Embedding"
    return {"kind": f"{title}, {name_of(label)}", "note": ", ".join(words)}


def _count(members):
    return sum(layer["parameters"] for layer in members)


def _join_arms(boxes, arms):
    """Keep the first arm where all are alike but for their lengths; else say of each branch and stem whose it is."""
    own = [{part: box for (number, part), box in boxes.items() if number == arm} for arm in arms]
    if any(_likeness(other) != _likeness(own[0]) for other in own[1:]):
        named = {place for place in boxes if place[0] and (place[1] == "stem" or _is_branch(place[1]))}
        return {
            place: box | ({"kind": f"Arm {place[0]}, {box['kind']}"} if place in named else {})
            for place, box in boxes.items()
        }
    joined = {}
    for (arm, part), box in boxes.items():
        inputs = list(dict.fromkeys((arms[0] if number else 0, name) for number, name in box["inputs"]))
        if not arm:
            joined[0, part] = box | {"inputs": inputs}
        elif arm == arms[0]:
            shapes = zip(*(other[part]["shape"] for other in own), strict=True)
            shape = [" or ".join(map(str, dict.fromkeys(lengths))) for lengths in shapes]
            joined[arm, part] = box | {"inputs": inputs, "shape": shape, "arms": len(arms)}
    return joined


def _likeness(arm):
    told = ("kind", "size", "note", "parameters")
    return {
        part: ([box[key] for key in told], len(box["shape"]), {name for _, name in box["inputs"]})
        for part, box in arm.items()
    }


def _drop_detours(boxes):
    """Leave out what leads to a branch or to the outputs beside a longer way there: masks, and logits themselves."""
    sources = {place: box["inputs"] for place, box in boxes.items()}
    shown = dict(boxes)
    for place, box in boxes.items():
        if place[1] == OUTPUTS or _is_branch(place[1]):
            led = set().union(*(_reach([source], sources) for source in box["inputs"]))
            shown[place] = box | {"inputs": [source for source in box["inputs"] if source not in led]}
    return shown


def _in_order_of_labels(boxes):
    labels = list(dict.fromkeys(part.split(" ", 1)[1] for _, part in boxes if _is_branch(part)))

    def order(item):
        (arm, part), _ = item
        return (arm, labels.index(part.split(" ", 1)[1])) if _is_branch(part) else (-1, 0)

    return dict(sorted(boxes.items(), key=order))
