"""Optimisers: each goes on from a checkpoint as if it had never stopped."""

import keras
import numpy as np
import pytest

from spectrolabe.train.optimisers import OPTIMISERS
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
