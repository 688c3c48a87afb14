"""Networks of arms, residual modules and labels' branches are drawn as a few boxes; all others as they are."""

import numpy as np
import pytest

from spectrolabe.train.architectures import describe_network
from spectrolabe.train.binned import BinnedHead
from spectrolabe.train.heads import GaussianHead
from spectrolabe.train.members import build_model, save_member
from spectrolabe.train.scaling import LabelScaling
from spectrolabe.validate.architecture_figures import fold_layers, plot_architecture
from spectrolabe.validate.architecture_groups import group_layers
from spectrolabe.validate.style import save_figure

BINS = {"teff": {"start": 3000, "stop": 7000, "width": 80}, "logg": {"start": 1.0, "stop": 5.5, "width": 0.1}}
SCALING = LabelScaling(*[np.ones(2, np.float32)] * 4, names=("teff", "logg"))
RESIDUAL = {"filters": [4, 4, 6], "kernel": 3, "stem_filters": 4, "stem_kernel": 5, "stem_stride": 2}
PER_ARM = {"residual_conv": RESIDUAL | {"per_arm": True}}


@pytest.fixture
def describe(make_set, tmp_path):
    """Give a function (network, head, arms) -> what its saved layers are."""

    def describe(network, head, arms=()):
        model = build_model(make_set(8, 1).flux, network, head, SCALING, 3, arms=arms)
        save_member(model, tmp_path / "0.keras")
        return describe_network(tmp_path / "0.keras")

    return describe


def words(figure):
    return [text.get_text() for text in figure.axes[0].texts if text.get_text()]


def test_arms_that_are_alike_are_drawn_once(describe, tmp_path):
    head = BinnedHead(BINS, embedding=4, hidden=[8])
    network = describe(PER_ARM, head, [slice(0, 12), slice(12, 20)])
    boxes = {box["name"]: box for box in group_layers(network["layers"])}
    modules = [f"arm1_module{number}" for number in (1, 2, 3)]
    branches = [f"arm1_{kind} {label}" for label in ("teff", "logg") for kind in ("logits", "embedding")]
    assert list(boxes) == ["flux", "scaling", "arm1_stem", *modules, "arm1_pooled", "outputs", *branches]
    own = [name for name in boxes if name.startswith("arm1_")]
    chain = ["flux", "scaling", *own[:5]]
    assert [boxes[name]["inputs"] for name in chain[1:]] == [[name] for name in chain[:-1]]
    # Masks and logits lead to the end too, which no arrow shows.
    assert all(boxes[name]["inputs"] == ["arm1_pooled"] for name in branches)
    assert {*boxes["outputs"]["inputs"]} == {*branches}
    assert {boxes[name]["arms"] for name in own} == {2}
    assert 2 * sum(boxes[name]["parameters"] for name in own) == network["parameters"]
    assert (boxes["arm1_stem"]["shape"], boxes["arm1_pooled"]["shape"]) == (["6 or 4", "4"], ["12"])
    figure = plot_architecture(network)
    shown = words(figure)
    assert shown.count("× 2, one for each arm") == 1
    assert {"Stem: Conv1D 4 × 5", "stride 2, BatchNormalization, mish", "Conflation of the arms"} <= {*shown}
    # Convolutions of 4 × 4 × 3 and norms of 2 × 4, two each in two modules.
    assert {"Residual module 4 × 3 (× 2)", "6 or 4 × 4   224 parameters", "stride 1, identity as shortcut"} <= {*shown}
    # 4 × 6 × 3 and 6 × 6 × 3, norms of 2 × 6, and a projection of 4 × 6 with a bias.
    assert {"Residual module 6 × 3", "3 or 2 × 6   234 parameters", "stride 2, projection as shortcut"} <= {*shown}
    # 12 features, 8 units, 50 bins, one temperature; biases.
    assert {"50   555 parameters", "Dense 8 mish, temperature", "Dense 8 mish, unit length"} <= {*shown}
    save_figure(figure, tmp_path / "figure.png")


def test_arms_that_differ_stand_beside_each_other(describe):
    network = describe(PER_ARM, BinnedHead(BINS, embedding=0, triplet=0.0), [slice(0, 12), slice(12, 20)])
    for layer in network["layers"]:
        if layer["name"] == "arm2_module1_conv1":
            layer["size"] = "4 × 7"
    boxes = {box["name"]: box for box in group_layers(network["layers"])}
    assert not any("arms" in box for box in boxes.values())
    assert [boxes[f"arm{arm}_module1"]["size"] for arm in (1, 2)] == ["4 × 3", "4 × 7"]
    assert [boxes[f"arm{arm}_stem"]["kind"] for arm in (1, 2)] == ["Arm 1, Stem: Conv1D", "Arm 2, Stem: Conv1D"]
    # Features of all arms go through one layer, but each branch reads its own.
    assert [boxes[f"arm{arm}_logits logg"]["inputs"] for arm in (1, 2)] == [["arm1_pooled"], ["arm2_pooled"]]
    assert len(boxes["outputs"]["inputs"]) == 4


def test_branches_stand_behind_any_network(describe):
    head = BinnedHead(BINS, embedding=0, triplet=0.0, hidden=[], temperature=False)
    network = describe({"perceptron": {"units": [16]}}, head)
    boxes = {box["name"]: box for box in group_layers(network["layers"])}
    (dense,) = [name for name, box in boxes.items() if box["kind"] == "Dense"]
    assert boxes["logits teff"]["inputs"] == boxes["logits logg"]["inputs"] == [dense]
    assert boxes["outputs"]["inputs"] == ["logits teff", "logits logg"]
    assert boxes["outputs"]["kind"] == "Distributions"
    assert sum(box["parameters"] for box in boxes.values()) == network["parameters"]


def test_modules_stand_before_any_head(describe):
    network = describe({"residual_conv": RESIDUAL}, GaussianHead())
    boxes = fold_layers(group_layers(network["layers"]))
    kinds = ["InputLayer", "Normalization", "Stem: Conv1D", *["Residual module"] * 2, "Mean and maximum of filters"]
    assert [box["kind"] for box in boxes[:6]] == kinds
    assert sum(box["parameters"] for box in boxes) == network["parameters"]
    assert boxes[-1]["name"] == "labels"


def test_other_networks_are_left_as_they_are(describe):
    layers = describe({"perceptron": {"units": [16, 16]}}, GaussianHead(hidden={"teff": [8]}))["layers"]
    assert group_layers(layers) == layers
