"""Training of one member: resumable to the last bit, its best epoch kept, its file open to plain Keras."""

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from spectrolabe.train import training
from spectrolabe.train.checkpoints import finish_training
from spectrolabe.train.heads import HEADS
from spectrolabe.train.members import build, build_model, load_member, save_member, write_history
from spectrolabe.train.scaling import LabelScaling
from spectrolabe.train.training import train_member

LABELS = ["teff", "logg"]
NETWORK = {"conv": {"filters": [2], "kernel": 3, "pool": 2, "dense": [8], "dropout": 0.5}}
STAGE = {
    "epochs": 4,
    "batch": 16,
    "optimiser": {"adam": {"learning_rate": 0.01}},
    "schedule": {"cosine": {"floor": 0.1}},
}


class Killed(Exception):
    """What ends a training from outside."""


@pytest.fixture
def train(make_set, tmp_path):
    """Give a function that trains on tiny sets and gives (model, history, lines reported)."""

    def run(fitted=None, validation=None, killed_after=None, checkpoint="checkpoint.npz", **changes):
        lines = []

        def report(line):
            lines.append(line)
            if len(lines) == killed_after:
                raise Killed

        settings = {"labels": LABELS, "network": NETWORK, "head": {"gaussian": {}}, "stage": STAGE, "seed": 3} | changes
        sets = [make_set(64, 1) if fitted is None else fitted, make_set(32, 2) if validation is None else validation]
        model, history = train_member(*sets, checkpoint=tmp_path / checkpoint, report=report, **settings)
        return model, history, lines

    return run


def same_weights(first, second):
    return all(np.array_equal(a, b) for a, b in zip(first.get_weights(), second.get_weights(), strict=True))


@pytest.mark.parametrize("steps", [[], [{"zero_pixels": {"max": 0.3}}, {"add_noise": {"max": 0.05}}]])
def test_a_resumed_training_ends_in_the_same_bits(train, steps):
    model, history, lines = train(checkpoint="whole.npz", on_the_fly=steps)
    with pytest.raises(Killed):
        train(killed_after=2, on_the_fly=steps)
    resumed, its_history, its_lines = train(on_the_fly=steps)
    assert same_weights(model, resumed)
    pd.testing.assert_frame_equal(history.drop(columns="seconds"), its_history.drop(columns="seconds"))
    assert [line.split()[1] for line in lines + its_lines] == ["1/4", "2/4", "3/4", "4/4", "3/4", "4/4"]
    assert list(history) == ["epoch", "loss", "val_loss", "learning_rate", "seconds"]
    assert history["epoch"].tolist() == [1, 2, 3, 4]
    assert history["learning_rate"].to_numpy() == pytest.approx([0.01, 0.00775, 0.00325, 0.001])


COMPACT = {"residual": {"stem": 8, "stem_dropout": 0.2, "blocks": [6], "dropout": 0.3, "flux_scaling": "none"}}
OWN_LAYERS = {"point": {"loss": "huber", "scaling": "robust", "weights": "inverse_variance", "hidden": {"teff": [4]}}}


def test_a_resumed_training_whose_rate_changes_by_steps_ends_in_the_same_bits(train):
    stage = STAGE | {
        "optimiser": {"adamw": {"learning_rate": 0.01, "weight_decay": 0.1}},
        "schedule": {"warmup_cosine": {"warmup": 0.25, "floor": 0.1}},
    }
    changes = {"stage": stage, "network": COMPACT, "head": OWN_LAYERS}
    model, history, _ = train(checkpoint="whole.npz", **changes)
    with pytest.raises(Killed):
        train(killed_after=2, **changes)
    resumed, its_history, _ = train(**changes)
    assert same_weights(model, resumed)
    pd.testing.assert_frame_equal(history.drop(columns="seconds"), its_history.drop(columns="seconds"))
    # Four steps an epoch: it rises in the first, and is noted at the end of each.
    assert history["learning_rate"].to_numpy() == pytest.approx([0.01, 0.00775, 0.00325, 0.001])
    steady, _, _ = train(checkpoint="steady.npz", **changes | {"stage": stage | {"schedule": {"constant": {}}}})
    assert not same_weights(model, steady)


def test_every_step_has_its_own_rate(train, monkeypatch):
    used = []

    def note(callback, batch, logs=None):
        used.append(float(callback.model.optimizer.learning_rate))

    monkeypatch.setattr(training.StepRates, "on_train_batch_end", note)
    schedule = {"warmup_cosine": {"warmup": 0.5, "floor": 0.1}}
    train(stage=STAGE | {"epochs": 2, "schedule": schedule})
    assert used[:4] == pytest.approx([0.0025, 0.005, 0.0075, 0.01])
    assert used == pytest.approx(training.epoch_rates(schedule, 0.01, 0, 1, 8))


def test_a_compact_network_learns_labels_with_layers_of_their_own(train, make_set):
    stage = STAGE | {"epochs": 30, "optimiser": {"adamw": {"learning_rate": 0.02}}}
    network = {"residual": COMPACT["residual"] | {"stem_dropout": 0.0, "dropout": 0.0}}
    held_out = make_set(32, 2)
    model, _, _ = train(make_set(256, 1), head=OWN_LAYERS, stage=stage, network=network)
    error = np.abs(np.asarray(model(held_out.flux)) - held_out.table[LABELS].to_numpy())
    assert (error.mean(axis=0) < [300, 0.4]).all()


def test_spectra_are_distorted_on_the_fly(train):
    plain, _, _ = train(checkpoint="plain.npz")
    distorted, history, _ = train(checkpoint="distorted.npz", on_the_fly=[{"zero_pixels": {"max": 0.3}}])
    assert not same_weights(plain, distorted)
    assert np.isfinite(history["val_loss"]).all()


def test_what_preparation_removed_is_not_learnt(train, make_set):
    # Labels with half of them marked as removed train the same member as labels halved.
    parts = []
    for half in (False, True):
        for spectra in (make_set(64, 1), make_set(32, 2)):
            table = spectra.table.assign(teff=spectra.table["teff"] / 2)
            marked = spectra.table.assign(teff_removed=spectra.table["teff"] / 2)
            parts.append(replace(spectra, table=table if half else marked))
    stage = STAGE | {"epochs": 2}
    marked, history, _ = train(*parts[:2], stage=stage, checkpoint="marked.npz")
    halved, its_history, _ = train(*parts[2:], stage=stage, checkpoint="halved.npz")
    assert same_weights(marked, halved)
    pd.testing.assert_frame_equal(history.drop(columns="seconds"), its_history.drop(columns="seconds"))


@pytest.fixture
def scripted(monkeypatch):
    """Give a function that replaces epochs by a list of validation losses, and weights by the number of the epoch."""

    def script(losses):
        def run_epoch(model, batches, validation, stage, progress):
            epoch = len(progress.history) + 1
            loss = losses[epoch - 1]
            model.set_weights([np.full_like(weight, epoch) for weight in model.get_weights()])
            if loss < min(progress.losses, default=np.inf):
                progress.best_weights = model.get_weights()
            row = {"epoch": epoch, "loss": loss, "val_loss": loss, "learning_rate": 0.01, "seconds": 0.0}
            progress.history.append(row)

        monkeypatch.setattr(training, "run_epoch", run_epoch)

    return script


def test_training_stops_early_and_keeps_the_best_epoch(train, scripted):
    scripted([5, 3, 4, 4, 2, 2, 6, 1])
    model, history, _ = train(stage=STAGE | {"epochs": 8, "early_stop": {"patience": 2}}, checkpoint="two.npz")
    assert history["val_loss"].tolist() == [5, 3, 4, 4]
    assert model.get_weights()[0].max() == 2
    model, history, _ = train(stage=STAGE | {"epochs": 8, "early_stop": {"patience": 3}}, checkpoint="three.npz")
    assert len(history) == 8
    assert model.get_weights()[0].max() == 8
    model, history, _ = train(stage=STAGE | {"epochs": 7}, checkpoint="never.npz")
    assert len(history) == 7
    assert model.get_weights()[0].max() == 5


def snapshots_of(folder):
    return {path.name: load_member(path) for path in sorted(folder.glob("*.keras"))}


def test_a_killed_training_keeps_the_epochs_that_were_asked_for(train, tmp_path):
    stage = STAGE | {"snapshots": [1, 3, 4]}
    train(checkpoint="whole.npz", stage=stage)
    with pytest.raises(Killed):
        train(killed_after=2, stage=stage)
    train(stage=stage)
    whole, resumed = snapshots_of(tmp_path / "whole"), snapshots_of(tmp_path / "checkpoint")
    assert list(whole) == list(resumed) == ["1.keras", "3.keras", "4.keras"]
    for name, model in whole.items():
        assert same_weights(model, resumed[name])
    assert not same_weights(whole["1.keras"], whole["3.keras"])


def test_a_snapshot_is_the_network_after_that_epoch_not_the_best_one(train, scripted, tmp_path):
    scripted([5, 1, 4, 6])
    model, _, _ = train(stage=STAGE | {"snapshots": [1, 3]})
    assert {name: kept.get_weights()[0].max() for name, kept in snapshots_of(tmp_path / "checkpoint").items()} == {
        "1.keras": 1,
        "3.keras": 3,
    }
    assert model.get_weights()[0].max() == 2


def test_a_finished_training_leaves_its_snapshots_alone_behind(train, scripted, tmp_path):
    scripted([1, 1, 1, 1])
    train(stage=STAGE | {"snapshots": [2]})
    finish_training(tmp_path / "checkpoint.npz", tmp_path / "snapshots")
    train(checkpoint="without.npz")
    finish_training(tmp_path / "without.npz", tmp_path / "none")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["2.keras", "none", "snapshots"]


def test_snapshots_of_another_training_are_forgotten(train, scripted, tmp_path):
    scripted([1, 1, 1, 1])
    train(stage=STAGE | {"snapshots": [2, 3]})
    train(stage=STAGE | {"snapshots": [1]})
    assert list(snapshots_of(tmp_path / "checkpoint")) == ["1.keras"]


def test_every_member_redraws_its_stars_where_it_shall(train, make_set):
    stars = {name: make_set(count, seed) for name, count, seed in [("fitted", 64, 1), ("validation", 32, 2)]}
    stars["validation"] = replace(
        stars["validation"],
        table=stars["validation"].table.assign(source_id=[f"other-{row}" for row in range(32)]),
    )
    kept, history, _ = train(**stars, checkpoint="kept.npz")
    redrawn, its_history, _ = train(**stars, stage=STAGE | {"redraw": True}, checkpoint="redrawn.npz")
    assert not same_weights(kept, redrawn)
    assert history["val_loss"].tolist() != its_history["val_loss"].tolist()


def test_a_checkpoint_counts_for_its_own_data_and_settings_alone(train, make_set, scripted):
    scripted([1, 1, 1, 1])
    for changes, epochs in [
        ({}, 4),
        ({}, 0),
        ({"fitted": make_set(64, 5)}, 4),
        ({}, 4),
        ({"validation": make_set(32, 5)}, 4),
        ({"on_the_fly": [{"zero_pixels": {"max": 0.1}}]}, 4),
        ({"seed": 4}, 4),
        ({"seed": 4, "stage": STAGE | {"batch": 8}}, 4),
        ({"seed": 4, "stage": STAGE | {"batch": 8}}, 0),
    ]:
        assert len(train(**changes)[2]) == epochs, changes


def test_a_checkpoint_counts_for_the_member_it_started_from(train, make_set, scripted, tmp_path):
    scripted([1, 1, 1, 1])
    for weight, name in enumerate(["one.keras", "two.keras"]):
        model = untrained({"gaussian": {}}, make_set(64, 1))
        model.set_weights([array + weight for array in model.get_weights()])
        save_member(model, tmp_path / name)
    for name, epochs in [("one.keras", 4), ("one.keras", 0), ("two.keras", 4)]:
        assert len(train(start_from=tmp_path / name)[2]) == epochs


@pytest.mark.parametrize("damage", [lambda content: content[:500], lambda content: b"", lambda content: b"no archive"])
def test_a_damaged_checkpoint_counts_as_none(train, scripted, tmp_path, damage):
    scripted([1, 1, 1, 1])
    path = tmp_path / "checkpoint.npz"
    train()
    path.write_bytes(damage(path.read_bytes()))
    assert len(train()[2]) == 4


def test_a_later_stage_starts_from_an_earlier_member(train, tmp_path, make_set):
    model = untrained({"gaussian": {}}, make_set(64, 1))
    save_member(model, tmp_path / "first.keras")
    still = STAGE | {"epochs": 1, "optimiser": {"adam": {"learning_rate": 0.0}}}
    tuned, _, _ = train(start_from=tmp_path / "first.keras", stage=still, checkpoint="second.npz")
    assert same_weights(model, tuned)


def test_the_best_epoch_is_kept(train, make_set):
    # Validated on the opposite labels, so that learning makes it worse.
    held_out = make_set(32, 2)
    swapped = held_out.table.assign(teff=11000 - held_out.table["teff"], logg=6 - held_out.table["logg"])
    stage = STAGE | {"schedule": {"constant": {}}, "batch": 8, "optimiser": {"adam": {"learning_rate": 0.05}}}
    network = {"conv": NETWORK["conv"] | {"dropout": 0.0}}
    validation = replace(held_out, table=swapped)
    model, history, _ = train(validation=validation, head={"point": {"loss": "mse"}}, stage=stage, network=network)
    assert history["val_loss"].idxmin() < 3
    scaling = LabelScaling.fit(make_set(64, 1).table[LABELS].to_numpy(np.float32), LABELS)
    residuals = scaling.encode(np.asarray(model(held_out.flux))) - scaling.encode(swapped[LABELS].to_numpy())
    assert np.mean(residuals**2) == pytest.approx(history["val_loss"].min(), rel=1e-4)


def test_labels_are_learnt_though_some_are_missing(train, make_set):
    some = make_set(256, 1)
    table = some.table.copy()
    table.loc[::3, "teff"] = np.nan
    stage = STAGE | {"epochs": 8, "optimiser": {"adam": {"learning_rate": 0.02}}}
    network = {"conv": NETWORK["conv"] | {"dropout": 0.0}}
    held_out = make_set(32, 2)
    model, history, _ = train(replace(some, table=table), head={"point": {}}, stage=stage, network=network)
    assert np.isfinite(history["loss"]).all()
    error = np.abs(np.asarray(model(held_out.flux)) - held_out.table[LABELS].to_numpy())
    assert (error.mean(axis=0) < [300, 0.4]).all()


def test_a_loss_that_explodes_ends_in_one_sentence(train):
    stage = STAGE | {"optimiser": {"adam": {"learning_rate": 1e30}}}
    message = (
        r"^the loss turned \S+ and the validation loss \S+ in epoch 1: a smaller learning rate than 1e\+30 is needed$"
    )
    with pytest.raises(ValueError, match=message):
        train(stage=stage, head={"point": {}})


def test_an_empty_part_ends_in_one_sentence(train, make_set):
    with pytest.raises(ValueError, match="spectra in both parts: 64 to train on, 0 to validate on"):
        train(validation=make_set(32, 2).select(slice(0)))


def untrained(head, spectra):
    scaling = LabelScaling.fit(spectra.table[LABELS].to_numpy(np.float32), LABELS)
    return build_model(spectra.flux, NETWORK, build(HEADS, head), scaling, seed=1)


def test_missing_pixels_count_as_the_mean_spectrum(make_set):
    spectra = make_set(64, 1)
    model = untrained({"point": {}}, spectra)
    mean = spectra.flux.mean(axis=0, keepdims=True)
    without = mean.copy()
    without[0, [5, 12]] = 0
    np.testing.assert_allclose(np.asarray(model(without)), np.asarray(model(mean)), rtol=1e-4)


PLAIN_KERAS = """
import sys
import keras
import numpy as np
model = keras.saving.load_model(sys.argv[1], safe_mode=True)
np.save(sys.argv[3], model.predict(np.load(sys.argv[2]), verbose=0))
assert not [name for name in sys.modules if name.startswith("spectrolabe")]
"""


def test_flux_is_scaled_pixel_by_pixel_or_by_one_spread():
    # The first pixel varies by 0.3 either side of 1, the second by 0.1: a mean variance of 0.05.
    flux = np.array([[0.7, 0.9], [1.3, 1.1]], np.float32)
    scaling = LabelScaling.fit(np.array([[0.0], [1.0]]), ["teff"])

    def scaled(network):
        model = build_model(flux, {"perceptron": {"units": [2]} | network}, HEADS["point"](), scaling, seed=1)
        return model.get_layer("flux_scaling")(flux).numpy()

    np.testing.assert_allclose(scaled({}), [[-1, -1], [1, 1]], rtol=1e-5)
    plain = build_model(flux, {"perceptron": {"units": [2], "flux_scaling": "none"}}, HEADS["point"](), scaling, seed=1)
    assert [type(layer).__name__ for layer in plain.layers[:2]] == ["InputLayer", "Dense"]
    root = np.sqrt(0.05)
    np.testing.assert_allclose(
        scaled({"flux_scaling": "common"}), np.array([[-3, -1], [3, 1]]) / (10 * root), rtol=1e-5
    )


def test_a_saved_member_opens_in_plain_keras(train, make_set, tmp_path):
    model, _, _ = train(stage=STAGE | {"epochs": 1})
    save_member(model, tmp_path / "0.keras")
    flux = make_set(10, 4).flux
    flux[3, 5] = 0
    np.save(tmp_path / "flux.npy", flux)
    arguments = [str(tmp_path / name) for name in ("0.keras", "flux.npy", "labels.npy")]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-I", "-c", PLAIN_KERAS, *arguments], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr
    np.testing.assert_array_equal(np.load(tmp_path / "labels.npy"), model.predict(flux, verbose=0))
    assert [path.name for path in tmp_path.glob("*.keras")] == ["0.keras"]


@pytest.mark.parametrize("head", [{"point": {}}, {"gaussian": {}}])
def test_a_saved_member_predicts_the_same(head, make_set, tmp_path):
    spectra = make_set(64, 1)
    model = untrained(head, spectra)
    save_member(model, tmp_path / "0.keras")
    opened = load_member(tmp_path / "0.keras")
    np.testing.assert_array_equal(np.asarray(opened(spectra.flux)), np.asarray(model(spectra.flux)))


def test_a_damaged_member_ends_in_one_sentence(make_set, tmp_path):
    path = tmp_path / "0.keras"
    save_member(untrained({"point": {}}, make_set(64, 1)), path)
    path.write_bytes(path.read_bytes()[:2000])
    message = r"0\.keras: expected a \.keras model, found 2000 bytes that do not open: delete it to train it again$"
    with pytest.raises(ValueError, match=message):
        load_member(path)
    with pytest.raises(ValueError, match=r"1\.keras: expected a \.keras model, found no file"):
        load_member(tmp_path / "1.keras")


def test_a_history_carries_the_size_of_the_network(make_set, tmp_path):
    model = untrained({"point": {}}, make_set(64, 1))
    write_history(pd.DataFrame({"epoch": [1], "val_loss": [0.5]}), model, tmp_path / "0.parquet")
    table = pq.read_table(tmp_path / "0.parquet")
    # Convolution 3*2 + 2, 10 pooled pixels of 2 filters to 8 units, 8 to 2 labels; scalings are not trained.
    assert table.schema.metadata[b"parameters"] == str(8 + (20 * 8 + 8) + (8 * 2 + 2)).encode()
    assert table.column_names == ["epoch", "val_loss"]
