"""Training on coefficients: one network from flux to labels, of which the part behind the components is trained."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from spectrolabe.spectra.components import Components, compress_spectra
from spectrolabe.train.heads import HEADS
from spectrolabe.train.members import build, build_model, load_member, save_member
from spectrolabe.train.projection import trained_part
from spectrolabe.train.scaling import LabelScaling
from spectrolabe.train.training import StopTraining, train_member

LABELS = ["teff", "logg"]
NETWORK = {"perceptron": {"units": [8], "dropout": 0.5}}
STAGE = {
    "epochs": 3,
    "batch": 16,
    "optimiser": {"adam": {"learning_rate": 0.01}},
    "schedule": {"constant": {}},
    "snapshots": [1, 3],
}


class Killed(Exception):
    """What ends a training from outside."""


@pytest.fixture
def components(make_set):
    flux = make_set(64, 1).flux
    mean = flux.mean(axis=0)
    _, lengths, axes = np.linalg.svd(flux - mean, full_matrices=False)
    return Components(mean, axes[:3].astype(np.float32), float(np.sqrt(np.mean(lengths[:3] ** 2) / 64)))


@pytest.fixture
def train(make_set, components, tmp_path):
    """Give a function that trains on coefficients of tiny sets and gives (member, history)."""

    def run(checkpoint="checkpoint.npz", killed_after=None, **changes):
        def report(line):
            if line.startswith(f"epoch {killed_after}/"):
                raise Killed

        settings = {"labels": LABELS, "network": NETWORK, "head": {"point": {}}, "stage": STAGE, "seed": 3}
        settings |= {"components": components} | changes
        parts = [compress_spectra(make_set(count, seed), components) for count, seed in [(64, 1), (32, 2)]]
        return train_member(*parts, checkpoint=tmp_path / checkpoint, report=report, **settings)

    return run


def same_weights(first, second):
    return all(np.array_equal(a, b) for a, b in zip(first.get_weights(), second.get_weights(), strict=True))


def untrained(spectra, components):
    scaling = LabelScaling.fit(spectra.table[LABELS].to_numpy(np.float32), LABELS)
    coefficients = components.project(spectra.flux)
    return build_model(coefficients, NETWORK, build(HEADS, {"point": {}}), scaling, 1, components=components)


def test_the_whole_network_sees_the_same_coefficients(make_set, components):
    spectra = make_set(64, 4)
    spectra.flux[3, [5, 9]] = 0
    member = untrained(spectra, components)
    layer = member.get_layer("principal_components")
    part = trained_part(member, components)
    inside = type(member)(member.input, layer.output)
    np.testing.assert_allclose(np.asarray(inside(spectra.flux)), components.project(spectra.flux), atol=1e-4)
    labels = np.asarray(part(components.project(spectra.flux)))
    np.testing.assert_allclose(np.asarray(member(spectra.flux)), labels, rtol=1e-5)
    assert [len(model.trainable_weights) for model in (member, part)] == [4, 4]


def test_what_is_trained_is_seen_by_the_whole_network(train, make_set, components):
    member, history = train(stage=STAGE | {"epochs": 8})
    held_out = make_set(32, 2)
    assert member.input_shape == (None, 20)
    scaling = LabelScaling.fit(make_set(64, 1).table[LABELS].to_numpy(np.float32), LABELS)
    residuals = scaling.encode(np.asarray(member(held_out.flux))) - scaling.encode(held_out.table[LABELS].to_numpy())
    assert np.mean(residuals**2) == pytest.approx(history["val_loss"].min(), rel=1e-4)
    assert history["val_loss"].min() < 0.7 * history["val_loss"].iloc[0]
    np.testing.assert_array_equal(member.get_layer("principal_components").kernel, components.axes.T)


def test_a_resumed_training_ends_in_the_same_bits_and_snapshots_are_whole(train, make_set, tmp_path):
    whole, history = train(checkpoint="whole.npz")
    with pytest.raises(Killed):
        train(killed_after=2)
    resumed, its_history = train()
    assert same_weights(whole, resumed)
    pd.testing.assert_frame_equal(history.drop(columns="seconds"), its_history.drop(columns="seconds"))
    for epoch in (1, 3):
        kept, again = (load_member(tmp_path / name / f"{epoch}.keras") for name in ("whole", "checkpoint"))
        assert same_weights(kept, again)
        assert kept(make_set(5, 4).flux).shape == (5, 2)


def test_a_later_stage_goes_on_from_a_saved_member(train, make_set, tmp_path):
    first, _ = train()
    save_member(first, tmp_path / "first.keras")
    still = STAGE | {"epochs": 1, "optimiser": {"adam": {"learning_rate": 0.0}}}
    tuned, _ = train(start_from=tmp_path / "first.keras", stage=still, checkpoint="second.npz")
    assert same_weights(first, tuned)
    further, _ = train(start_from=tmp_path / "first.keras", checkpoint="third.npz", seed=4)
    flux = make_set(5, 4).flux
    assert np.abs(np.asarray(further(flux)) - np.asarray(first(flux))).max() > 0.1


def test_a_network_on_other_components_is_refused(train, make_set, components, tmp_path):
    other = replace(components, axes=components.axes[::-1].copy())
    save_member(untrained(make_set(64, 1), other), tmp_path / "other.keras")
    message = "expected a network on the components of the training set, found one on {}"
    with pytest.raises(ValueError, match=message.format("other components")):
        train(start_from=tmp_path / "other.keras")
    scaling = LabelScaling.fit(make_set(64, 1).table[LABELS].to_numpy(np.float32), LABELS)
    plain = build_model(make_set(64, 1).flux, NETWORK, build(HEADS, {"point": {}}), scaling, seed=1)
    with pytest.raises(ValueError, match=message.format("no components")):
        trained_part(plain, components)


def test_after_each_epoch_the_whole_network_is_shown_and_may_be_stopped(train, make_set, tmp_path):
    flux, seen = make_set(5, 4).flux, {}

    def look(epoch, model):
        seen[epoch] = np.asarray(model(flux))
        if epoch == 2:
            raise StopTraining

    _, history = train(after_epoch=look, stage=STAGE | {"snapshots": [1, 2]})
    assert history["epoch"].tolist() == [1, 2] == list(seen)
    for epoch, labels in seen.items():
        kept = load_member(tmp_path / "checkpoint" / f"{epoch}.keras")
        np.testing.assert_allclose(np.asarray(kept(flux)), labels, rtol=1e-6)


def test_looking_changes_nothing(train, make_set):
    flux = make_set(5, 4).flux
    watched, history = train(checkpoint="watched.npz", after_epoch=lambda _, model: model.predict(flux, verbose=0))
    alone, its_history = train(checkpoint="alone.npz")
    assert same_weights(watched, alone)
    assert history["val_loss"].tolist() == its_history["val_loss"].tolist()


def test_a_checkpoint_counts_for_its_own_components_alone(train, components):
    epochs = []
    train()
    train(after_epoch=lambda epoch, _: epochs.append(epoch))
    assert epochs == []
    other = replace(components, scale=2 * components.scale)
    train(components=other, after_epoch=lambda epoch, _: epochs.append(epoch))
    assert epochs == [1, 2, 3]
