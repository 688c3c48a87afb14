"""Models whose weights are solved for: what they are filled with, and what they refuse."""

import copy

import pytest
from tiny_recipe import changed, load, message

STAGE = {"name": "train", "set": "synthetic", "epochs": 1}
SOLVED = {
    "models.cnn": {"network": {"linear": {}}, "head": {"point": {}}, "members": 1, "stages": [STAGE]},
    "sets.synthetic.on_the_fly": [],
}
WHY = "since the weights of 'linear' are solved for"


def solved(changes):
    # Copied, since a change goes on into the value of another.
    return changed(copy.deepcopy(SOLVED | changes))


def test_defaults_are_filled_in(tmp_path):
    assert load(tmp_path, solved({}))["models"]["cnn"]["network"] == {"linear": {"penalties": [0]}}
    network = {"models.cnn.network": {"quadratic": {}}}
    assert load(tmp_path, solved(network))["models"]["cnn"]["network"] == {"quadratic": {"iterations": 10}}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"models.cnn.network": {"linear": {"penalties": [-1]}}},
            "key 'models.cnn.network.linear.penalties[0]': found -1; expected a number of at least 0",
        ),
        (
            {"models.cnn.members": 3},
            f"key 'models.cnn.members': found 3; expected 1, {WHY}: they do not depend on a seed",
        ),
        (
            {"models.cnn.stages": [STAGE, STAGE | {"name": "again"}]},
            f"key 'models.cnn.stages': found 2 stages; expected one, {WHY}",
        ),
        ({"models.cnn.head": {"gaussian": {}}}, f"key 'models.cnn.head': found 'gaussian'; expected point, {WHY}"),
        (
            {"models.cnn.head": {"point": {"hidden": {"teff": [8]}}}},
            "key 'models.cnn.head.point.hidden': found {teff: [8]}; expected no such key, "
            + WHY
            + ": no layer of a label's own follows",
        ),
        (
            {"models.cnn.stages.0.epochs": 5},
            f"key 'models.cnn.stages[0].epochs': found 5; expected 1, {WHY}",
        ),
        (
            {"models.cnn.stages.0.snapshots": [1]},
            f"key 'models.cnn.stages[0].snapshots': found [1]; expected no such key, {WHY}",
        ),
        (
            {"models.cnn.stages.0.early_stop": {}},
            "key 'models.cnn.stages[0].early_stop': found {patience: 10}; expected no such key, " + WHY,
        ),
        (
            {"sets.synthetic.on_the_fly": [{"zero_pixels": {}}]},
            "key 'models.cnn.stages[0].set': found 'synthetic', which has on_the_fly; expected a set without it, "
            + WHY,
        ),
        (
            {"sets.synthetic.compress": {"components": 5}},
            "key 'models.cnn.stages[0].set': found 'synthetic', which has compress; expected a set without it, " + WHY,
        ),
        (
            {"studies": {"sweep": {"model": "cnn", "epochs": [1], "vary": {"batch": [8, 16]}}}},
            f"key 'studies.sweep.model': found 'cnn'; expected a model that is trained, {WHY}",
        ),
    ],
)
def test_what_only_training_can_do_is_refused(tmp_path, changes, sentence):
    assert message(tmp_path, solved(changes)) == f"recipe 'x': {sentence}"


def test_stars_are_redrawn_for_trained_members_alone(tmp_path):
    sets = {"sets.observed": {"from": "survey"}, "labels": ["teff", "logg"]}
    stage = {"models.cnn.stages": [STAGE | {"set": "observed", "redraw": True}]}
    found = message(tmp_path, solved(sets | stage))
    assert found == f"recipe 'x': key 'models.cnn.stages[0].redraw': found true; expected false, {WHY}"
