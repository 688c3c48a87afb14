"""Averaged weights: the mean over the ends of cycles, with statistics of batch norms that belong to it."""

import keras
import numpy as np
import pandas as pd
import pytest

from spectrolabe.train.averaging import add_to_mean, ends_cycle, equal_size, recompute_statistics
from spectrolabe.train.checkpoints import snapshot_path
from spectrolabe.train.members import load_member
from spectrolabe.train.training import train_member

LABELS = ["teff", "logg"]
NETWORK = {"residual_conv": {"filters": [3], "kernel": 3, "stem_filters": 3, "stem_kernel": 3, "stem_stride": 2}}
STAGE = {
    "epochs": 4,
    "batch": 16,
    "optimiser": {"adam": {"learning_rate": 0.01}},
    "schedule": {"cosine_cycles": {"cycles": 2, "floor": 0.1}},
    "average": 2,
    "snapshots": [0, 2, 4],
}


def test_cycles_end_after_equal_numbers_of_epochs():
    assert [epoch for epoch in range(1, 5) if ends_cycle(STAGE, epoch)] == [2, 4]
    assert [epoch for epoch in range(1, 5) if ends_cycle(STAGE | {"average": 1}, epoch)] == [4]
    assert not ends_cycle(STAGE | {"average": 0}, 4)


def test_the_running_mean_counts_all_cycles_alike():
    mean = []
    for count, value in enumerate([1.0, 2.0, 6.0]):
        mean = add_to_mean(mean, count, [np.full(2, value, np.float32), np.float32([-value])])
    assert [part.tolist() for part in mean] == [[3, 3], [-3]]
    assert mean[0].dtype == float


def test_large_batches_are_about_equal():
    assert [equal_size(count) for count in (1, 1024, 1025, 3000)] == [1, 1024, 513, 1000]


def test_statistics_are_those_of_all_spectra_with_nothing_dropped():
    flux = np.random.default_rng(1).normal(3, [1, 2, 5], (60, 3)).astype(np.float32)
    inputs = keras.Input((3,))
    dropped = keras.layers.Dropout(0.5, seed=1)(inputs)
    model = keras.Model(inputs, keras.layers.BatchNormalization(momentum=0.9)(dropped))
    norm, drop = model.layers[2], model.layers[1]
    recompute_statistics(model, [(flux[:20], None), (flux[20:40], None), (flux[40:], None)])
    np.testing.assert_allclose(norm.moving_mean, flux.mean(axis=0), rtol=1e-5)
    within = np.mean([flux[start : start + 20].var(axis=0) for start in (0, 20, 40)], axis=0)
    np.testing.assert_allclose(norm.moving_variance, within, rtol=1e-4)
    assert (norm.momentum, drop.rate) == (0.9, 0.5)


class Killed(Exception):
    """What ends a training from outside."""


def train(make_set, checkpoint, killed_after=None, **changes):
    lines = []

    def report(line):
        lines.append(line)
        if len(lines) == killed_after:
            raise Killed

    settings = {"labels": LABELS, "network": NETWORK, "head": {"point": {}}, "stage": STAGE | changes, "seed": 3}
    steps = [{"add_noise": {"max": 0.02}}]
    sets = make_set(32, 1), make_set(16, 2)
    return train_member(*sets, checkpoint=checkpoint, report=report, on_the_fly=steps, **settings)


def test_the_member_is_the_mean_of_the_cycles_whenever_the_training_was_killed(make_set, tmp_path):
    whole, history = train(make_set, tmp_path / "whole.npz")
    with pytest.raises(Killed):
        train(make_set, tmp_path / "killed.npz", killed_after=3)
    resumed, its_history = train(make_set, tmp_path / "killed.npz")
    assert all(np.array_equal(a, b) for a, b in zip(whole.get_weights(), resumed.get_weights(), strict=True))
    pd.testing.assert_frame_equal(history.drop(columns="seconds"), its_history.drop(columns="seconds"))
    assert history["val_loss_averaged"].isna().tolist() == [True] * 3 + [False]
    start, *ends = (load_member(snapshot_path(tmp_path / "whole.npz", epoch)) for epoch in (0, 2, 4))
    trained = [variable.path for variable in whole.trainable_variables]
    for number, path in enumerate(trained):
        first, last, mean = (np.asarray(model.trainable_variables[number]) for model in (*ends, whole))
        np.testing.assert_allclose(mean, (first + last) / 2, rtol=1e-5, atol=1e-7, err_msg=path)
    assert not np.array_equal(start.get_weights()[0], ends[0].get_weights()[0])


def test_a_training_whose_rates_differ_by_layers_resumes_to_the_same_bits(make_set, tmp_path):
    slow = {"layer_rates": {"share": 1.0}, "average": 0, "epochs": 2}
    whole, _ = train(make_set, tmp_path / "whole.npz", **slow)
    with pytest.raises(Killed):
        train(make_set, tmp_path / "killed.npz", killed_after=1, **slow)
    resumed, _ = train(make_set, tmp_path / "killed.npz", **slow)
    assert all(np.array_equal(a, b) for a, b in zip(whole.get_weights(), resumed.get_weights(), strict=True))
