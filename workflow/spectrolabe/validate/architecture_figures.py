"""The figure of a network: its layers as boxes, from the flux above to the labels below."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Rectangle

from spectrolabe.validate.architecture_groups import group_layers
from spectrolabe.validate.style import BLUE, GREY, INK, draw_message, new_figure, styled

#: Of a box, with what is around it (inches), and the share of that which the box fills.
WIDTH, HEIGHT = 2.1, 0.62
FILLED = (0.92, 0.66)
#: Boxes that must fit beside each other, so that the title does, or the words beside an arm's boxes.
LEAST_LANES, LEAST_FRAMED = 1.8, 2.6
#: How much higher rows are whose boxes have a third line of words.
NOTED = 1.35
#: Characters of a small line that fit in a box.
LONGEST = 33
#: Boxes beyond which nobody could read them.
MOST = 60
WORDS = {"InputLayer": "Input"}


@styled
def plot_architecture(network: Mapping) -> Figure:
    """Draw a network's layers with their sizes and parameters; like ones that follow each other are one box.

    Layers that belong together by their names are one box too, and arms that are alike are drawn once, in a frame (see
    `spectrolabe.validate.architecture_groups.group_layers`).

    Parameters
    ----------
    network : as `spectrolabe.train.architectures.describe_network` gives it.
    """
    layers = fold_layers(group_layers(network["layers"]))
    if len(layers) > MOST:
        found = f"{len(network['layers'])} layers and operations, {network['parameters']:,} parameters"
        return draw_message(f"{found}: too many to draw")
    places, routes = arrange_layers({layer["name"]: layer["inputs"] for layer in layers})
    across, down = np.array(list(places.values())).T
    framed = {places[layer["name"]][1]: layer["arms"] for layer in layers if "arms" in layer}
    least, middle = LEAST_FRAMED if framed else LEAST_LANES, (across.min() + across.max()) / 2
    lanes, height = max(np.ptp(across) + 1.1, least), HEIGHT * (NOTED if any(map(_note, layers)) else 1)
    figure = new_figure(WIDTH * lanes, height * (down.max() + 1) + 0.4)
    axes = figure.subplots()
    axes.set(xlim=(middle - lanes / 2, middle + lanes / 2), ylim=(down.max() + 0.5, -0.5))
    axes.set_axis_off()
    axes.set_title(f"{network['parameters']:,} trainable parameters")
    if framed:
        _draw_frame(axes, framed)
    for route in routes:
        _draw_arrow(axes, route)
    for layer in layers:
        _draw_box(axes, layer, places[layer["name"]])
    return figure


def _note(layer):
    return layer.get("note", "")


def _draw_frame(axes, framed):
    """Frame the rows that stand for several arms, row -> how many, and say so."""
    (left, right), first = axes.get_xlim(), min(framed)
    corner = left + 0.03, first - 0.45
    axes.add_patch(Rectangle(corner, right - left - 0.06, max(framed) - first + 0.9, fc="none", ec=GREY, lw=1, ls="--"))
    words = f"× {framed[first]}, one for each arm"
    axes.text(corner[0] + 0.05, corner[1] + 0.1, words, ha="left", va="top", fontsize=8.5, color=INK)


def _draw_box(axes, layer, place):
    width, height = FILLED
    corner = place[0] - width / 2, place[1] - height / 2
    face, edge = ("#dcebf5", BLUE) if layer["parameters"] else ("#f4f4f4", GREY)
    style = "round,pad=0,rounding_size=0.06"
    axes.add_patch(FancyBboxPatch(corner, width, height, boxstyle=style, fc=face, ec=edge, lw=1, zorder=2))
    name = f"{WORDS.get(layer['kind'], layer['kind'])} {layer['size']}".strip()
    name += f" (× {layer['count']})" if layer["count"] > 1 else ""
    gives = " × ".join(map(str, layer["shape"]))
    told = f"{gives}   {layer['parameters']:,} parameters" if layer["parameters"] else gives
    look = {"ha": "center", "va": "center", "zorder": 3}
    first, *others = (-0.19, 0.04, 0.21) if _note(layer) else (-0.13, 0.17)
    axes.text(place[0], place[1] + first, name, fontsize=8.5, color=INK, **look)
    for line, words in zip(others, (told, _note(layer)), strict=False):
        size = 7 * min(1, LONGEST / max(1, len(words))) if "note" in layer else 7
        axes.text(place[0], place[1] + line, words, fontsize=size, color="#555555", **look)


def _draw_arrow(axes, route):
    """Draw the way from one box to the next, past those between them, from its lower to its upper edge."""
    points = np.array(route, float)
    points[0, 1] += FILLED[1] / 2
    points[-1, 1] -= FILLED[1] / 2
    line = {"color": GREY, "lw": 1.1, "zorder": 1}
    axes.plot(*points[:-1].T, **line, solid_capstyle="round")
    head = {"arrowstyle": "-|>", "color": GREY, "lw": 1.1, "shrinkA": 0, "shrinkB": 0, "mutation_scale": 9}
    axes.annotate("", points[-1], points[-2], arrowprops=head, zorder=1)


def fold_layers(layers: Sequence[Mapping]) -> list[dict]:
    """Join layers that are alike and follow each other alone into one, with their ``count`` and their parameters.

    Parameters
    ----------
    layers : each ``name``, ``kind``, ``size``, ``shape``, ``parameters``, ``inputs``, in any order.
    """
    readers: dict[str, int] = {}
    for layer in layers:
        for name in layer["inputs"]:
            readers[name] = readers.get(name, 0) + 1
    folded: dict[str, dict] = {}
    renamed: dict[str, str] = {}
    for layer in _in_order(layers):
        inputs = [renamed.get(name, name) for name in layer["inputs"]]
        before = folded.get(inputs[0]) if len(inputs) == 1 and readers[layer["inputs"][0]] == 1 else None
        if before and all(before.get(key) == layer.get(key) for key in ("kind", "size", "shape", "note")):
            before["count"] += 1
            before["parameters"] += layer["parameters"]
            renamed[layer["name"]] = before["name"]
        else:
            folded[layer["name"]] = dict(layer) | {"inputs": inputs, "count": 1}
    return list(folded.values())


def _in_order(layers):
    """Give layers after all that they read."""
    depths = measure_depths({layer["name"]: layer["inputs"] for layer in layers})
    return sorted(layers, key=lambda layer: depths[layer["name"]])


def measure_depths(inputs: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Give how many layers lie on the longest way from the input to each layer, 0 for the input itself."""
    depths: dict[str, int] = {}
    while len(depths) < len(inputs):
        for name, sources in inputs.items():
            if name not in depths and all(source in depths for source in sources):
                depths[name] = max((depths[source] + 1 for source in sources), default=0)
    return depths


def arrange_layers(inputs: Mapping[str, Sequence[str]]) -> tuple[dict[str, tuple], list[list[tuple]]]:
    """Place layers in rows, each below all that it reads, and lead arrows past the rows between.

    Parameters
    ----------
    inputs : layer -> the layers that it reads.

    Returns
    -------
    Layer -> (place across, row), and for each arrow the points that it passes. Two in a row are 1 apart or more.
    """
    depths = measure_depths(inputs)
    edges = [(source, name) for name, sources in inputs.items() for source in sources]
    # An arrow that passes a row takes a place in it.
    chains = [[source, *((source, name, row) for row in range(depths[source] + 1, depths[name])), name]
              for source, name in edges]  # fmt: skip
    parents: dict[object, list] = {name: [] for name in inputs}
    for chain in chains:
        for before, after in zip(chain, chain[1:], strict=False):
            parents.setdefault(after, []).append(before)
    rows: dict[int, list] = {}
    for node in parents:
        rows.setdefault(depths[node] if node in depths else node[2], []).append(node)
    across: dict[object, float] = {}
    for row in sorted(rows):
        wanted = {node: np.mean([across[parent] for parent in parents[node]] or [0.0]) for node in rows[row]}
        ordered = sorted(rows[row], key=wanted.get)
        taken: list[float] = []
        for node in ordered:
            taken.append(max(wanted[node], taken[-1] + 1) if taken else wanted[node])
        moved = np.mean(taken) - np.mean(list(wanted.values()))
        across |= {node: float(place - moved) for node, place in zip(ordered, taken, strict=True)}
    places = {name: (across[name], depths[name]) for name in inputs}
    routes = [[(across[node], depths[node] if node in depths else node[2]) for node in chain] for chain in chains]
    return places, routes
