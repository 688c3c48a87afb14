"""The figure of a network's layers: rows, shortcuts, and what is folded."""

import pytest

from spectrolabe.validate.architecture_figures import MOST, arrange_layers, fold_layers, plot_architecture

BRANCHES = {"flux": [], "stem": ["flux"], "one": ["stem"], "two": ["one"], "sum": ["two", "stem"], "labels": ["sum"]}


def layer(name, inputs, size="16", parameters=10):
    return {"name": name, "kind": "Dense", "size": size, "shape": [16], "parameters": parameters, "inputs": inputs}


def test_a_shortcut_passes_beside_the_layers_that_it_skips():
    places, routes = arrange_layers(BRANCHES)
    assert {name: row for name, (_, row) in places.items()} == {
        "flux": 0, "stem": 1, "one": 2, "two": 3, "sum": 4, "labels": 5,
    }  # fmt: skip
    (shortcut,) = [route for route in routes if len(route) > 2]
    assert [row for _, row in shortcut] == [1, 2, 3, 4]
    assert abs(shortcut[1][0] - places["one"][0]) == 1
    assert abs(shortcut[2][0] - places["two"][0]) == 1
    assert places["sum"][0] == pytest.approx(places["stem"][0])


def test_heads_stand_beside_each_other():
    heads = {"trunk": [], "a": ["trunk"], "b": ["trunk"], "c": ["trunk"], "labels": ["a", "b", "c"]}
    places, _ = arrange_layers(heads)
    assert [places[name][0] for name in heads] == pytest.approx([0, -1, 0, 1, 0])


def test_like_layers_that_follow_each_other_are_one_box():
    layers = [layer("a", []), layer("b", ["a"]), layer("c", ["b"]), layer("d", ["c"], "8"), layer("e", ["c"], "8")]
    folded = fold_layers(layers)
    assert [(box["name"], box["count"], box["parameters"]) for box in folded] == [
        ("a", 3, 30), ("d", 1, 10), ("e", 1, 10),
    ]  # fmt: skip
    assert [box["inputs"] for box in folded] == [[], ["a"], ["a"]]


def test_layers_on_both_ways_of_a_branch_are_not_folded():
    layers = [layer("a", []), layer("b", ["a"]), layer("c", ["a"])]
    assert [box["count"] for box in fold_layers(layers)] == [1, 1, 1]


def test_boxes_say_kind_size_shape_and_parameters():
    network = {"parameters": 1234, "layers": [layer("a", [], "", 0) | {"kind": "InputLayer"}, layer("b", ["a"])]}
    (axes,) = plot_architecture(network).axes
    words = [text.get_text() for text in axes.texts]
    assert [word for word in words if word] == ["Input", "16", "Dense 16", "16   10 parameters"]
    assert axes.get_title(loc="left") == "1,234 trainable parameters"


def test_too_many_layers_are_counted_in_words():
    layers = [layer(str(number), [str(number - 1)] if number else [], str(number)) for number in range(MOST + 1)]
    figure = plot_architecture({"parameters": 5, "layers": layers})
    assert figure.texts[0].get_text() == f"{MOST + 1} layers and operations, 5 parameters: too many to draw"
