"""Schedules, averages, rates of layers and networks per arm: what they are filled with, and what they refuse."""

import copy

import pytest
from tiny_recipe import changed, load, message

STAGE = {"name": "train", "set": "synthetic", "epochs": 8, "schedule": {"cosine_cycles": {}}}
LATER = {"name": "finetune", "set": "synthetic", "epochs": 4, "start_from": "train", "layer_rates": {}}
ARMS = [{"start": 5000, "stop": 5010, "step": 0.5}, {"start": 5020, "stop": 5030, "step": 0.5}]
OF_STAGE = "key 'models.cnn.stages[0]"
PER_ARM = "key 'models.cnn.network.residual_conv.per_arm': found true; expected false, since "


def staged(changes):
    settings = {"models.cnn.network": {"residual_conv": {}}, "models.cnn.stages": [STAGE, LATER]}
    # Copied, since a change goes on into the value of another.
    return changed(copy.deepcopy(settings | changes))


def test_defaults_are_filled_in(tmp_path):
    model = load(tmp_path, staged({"models.cnn.stages.0.average": 1, "models.cnn.stages.0.snapshots": [0, 8]}))
    first, second = model["models"]["cnn"]["stages"]
    assert first["schedule"] == {"cosine_cycles": {"cycles": 4, "floor": 0.01}}
    assert (first["average"], first["snapshots"], second["average"]) == (1, [0, 8], 0)
    assert second["layer_rates"] == {"share": 0.1}
    network = model["models"]["cnn"]["network"]["residual_conv"]
    assert (network["activation"], network["per_arm"], network["filters"]) == ("mish", False, [8, 8, 16, 16, 32])


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"models.cnn.stages.0.epochs": 6}, f"{OF_STAGE}.epochs': found 6; expected a multiple of the 4 cycles"),
        (
            {"models.cnn.stages.0.average": 1, "models.cnn.stages.0.schedule": {"cosine": {}}},
            f"{OF_STAGE}.schedule': found 'cosine'; expected cosine_cycles, since weights are averaged at the ends of",
        ),
        (
            {"models.cnn.stages.0.average": 1, "models.cnn.stages.0.early_stop": {}},
            OF_STAGE + ".early_stop': found {patience: 10}; expected no such key, since the mean of the weights",
        ),
        ({"models.cnn.stages.0.average": 5}, f"{OF_STAGE}.average': found 5; expected at most the 4 cycles of its"),
        ({"models.cnn.stages.0.snapshots": [-1]}, f"{OF_STAGE}.snapshots[0]': found -1; expected a whole number of"),
        (
            {"models.cnn.stages.0.layer_rates": {}},
            OF_STAGE + ".layer_rates': found {share: 0.1}; expected start_from beside it",
        ),
        (
            {"models.cnn.network": {"conv": {}}},
            "key 'models.cnn.stages[1].layer_rates': found {share: 0.1}; expected no such key, since the network",
        ),
        ({"models.cnn.network.residual_conv.per_arm": True}, f"{PER_ARM}the recipe has one wavelength arm"),
        (
            {
                "models.cnn.network.residual_conv.per_arm": True,
                "wavelength.arms": [ARMS[0], {"start": 5011, "stop": 5020, "step": 0.5}],
            },
            f"{PER_ARM}two arms lie side by side",
        ),
        (
            {"models.cnn.network.residual_conv.per_arm": True, "wavelength.arms": ARMS},
            f"{PER_ARM}the head 'gaussian' reads one arm",
        ),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path, changes, sentence):
    assert sentence in message(tmp_path, staged(changes))


def test_coefficients_have_no_arms(tmp_path):
    bins = {"teff": [3000, 8000, 100], "logg": [0, 6, 0.1], "vsini": [0, 100, 2]}
    spans = {label: dict(zip(("start", "stop", "width"), span, strict=True)) for label, span in bins.items()}
    changes = {
        "models.cnn.network.residual_conv.per_arm": True,
        "models.cnn.head": {"binned": {"bins": spans}},
        "wavelength.arms": ARMS,
    }
    assert load(tmp_path, staged(changes))
    found = message(tmp_path, staged(changes | {"sets.synthetic.compress": {"components": 3}}))
    assert f"{PER_ARM}coefficients of the set 'synthetic', which is compressed, have no arms" in found
