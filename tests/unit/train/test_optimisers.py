"""Optimisers: each goes on from a checkpoint as if it had never stopped."""

import keras
import numpy as np
import pytest

from spectrolabe.train.optimisers import OPTIMISERS, layer_shares, with_layer_rates
from spectrolabe.train.training import train_member

NETWORK = {"pca_conv": {"filters": [2], "kernel": 3, "dense": [6], "dropout": 0.3, "components": 2}}


class Killed(Exception):
    """What ends a training from outside."""


def weights(parts, name, checkpoint, report):
    stage = {"epochs": 2, "batch": 8, "optimiser": {name: {}}, "schedule": {"constant": {}}}
    settings = {"labels": ["teff", "logg"], "network": NETWORK, "head": {"point": {"loss": "msle"}}, "seed": 3}
    model, history = train_member(*parts, **settings, stage=stage, checkpoint=checkpoint, report=report)
    assert np.isfinite(history["loss"]).all()
    return model.get_weights()


@pytest.mark.parametrize("name", OPTIMISERS)
def test_a_resumed_training_ends_in_the_same_bits(name, make_set, tmp_path):
    parts = make_set(32, 1), make_set(16, 2)

    def kill(line):
        raise Killed

    whole = weights(parts, name, tmp_path / "whole.npz", lambda line: None)
    with pytest.raises(Killed):
        weights(parts, name, tmp_path / "killed.npz", kill)
    resumed = weights(parts, name, tmp_path / "killed.npz", lambda line: None)
    assert all(np.array_equal(a, b) for a, b in zip(whole, resumed, strict=True))


def test_decay_takes_a_share_of_the_weights_whatever_the_gradient():
    moved = []
    for decay in (0.0, 0.01):
        weights = keras.Variable([4.0, -2.0])
        optimiser = OPTIMISERS["adamw"](learning_rate=0.5, weight_decay=decay)
        optimiser.build([weights])
        optimiser.apply([keras.ops.convert_to_tensor([1e3, 1e-3])])
        moved.append(np.asarray(weights))
    # Both weights lose 0.5 * 0.01 of themselves, and the same step else.
    np.testing.assert_allclose(moved[0] - moved[1], [0.02, -0.01], rtol=1e-4)
    np.testing.assert_allclose(moved[0], [3.5, -2.5], rtol=1e-3)


PATHS = ["stem_conv/kernel", "arm2_module1_conv1/kernel", "module2_shortcut/bias", "module3_x/kernel", "mean_teff/bias"]


def test_shares_of_the_rate_fall_with_the_depth_below_the_head():
    found = layer_shares(PATHS, 0.1)
    assert list(found.values()) == pytest.approx([0.1 / 5, 0.1 / 4, 0.1 / 3, 0.1 / 2, 0.1])
    # A label may be named like a module: its layers have the label at the end of their names.
    assert layer_shares(["logits_module1_x/kernel", "arm1_module1_conv1/kernel"], 1.0) == {
        "logits_module1_x/kernel": 1.0,
        "arm1_module1_conv1/kernel": 0.5,
    }


@pytest.mark.parametrize("name", OPTIMISERS)
def test_one_step_moves_weights_by_the_shares_of_their_layers(name):
    moved = []
    for slower in (False, True):
        weights = [keras.Variable([2.0, -1.0], name=f"v{number}") for number in range(2)]
        optimiser = OPTIMISERS[name](learning_rate=0.5)
        if slower:
            optimiser = with_layer_rates(optimiser, {weights[1].path: 0.25})
        optimiser.build(weights)
        optimiser.apply([keras.ops.convert_to_tensor([0.3, -4.0])] * 2)
        moved.append([np.asarray(weight) - [2.0, -1.0] for weight in weights])
    (plain, _), (same, quarter) = moved
    assert np.abs(plain).min() > 1e-4
    np.testing.assert_array_equal(same, plain)
    np.testing.assert_allclose(quarter, plain / 4, rtol=1e-4)


def test_an_optimiser_by_layers_goes_on_with_all_of_its_settings():
    optimiser = with_layer_rates(OPTIMISERS["adamw"](learning_rate=0.5, weight_decay=0.01), {})
    assert (float(optimiser.learning_rate), optimiser.weight_decay) == (0.5, 0.01)
