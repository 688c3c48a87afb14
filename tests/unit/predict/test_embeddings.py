"""Embeddings of a member's own: what is known of arms, training spectra of several sets, and epochs of a training."""

from dataclasses import replace

import keras
import numpy as np
import pandas as pd
import pytest

from spectrolabe.predict import embeddings
from spectrolabe.predict.embeddings import (
    Embedder,
    choose_member,
    embed_snapshots,
    embed_training,
    write_neighbours,
)
from spectrolabe.spectra.table import write_shard
from spectrolabe.train.heads import HEADS
from spectrolabe.train.scaling import LabelScaling

LABELS = ["teff", "logg"]
BINS = {"teff": {"start": 4000, "stop": 7000, "width": 500}, "logg": {"start": 1, "stop": 5, "width": 1}}
HEAD = {"binned": {"bins": BINS, "embedding": 3, "hidden": [8]}}
ARMS = np.concatenate([np.arange(5000.0, 5010), np.arange(5020.0, 5030)])


def two_arms(spectra):
    return replace(spectra, wavelength=ARMS)


def save_network(path, seed, arms=2):
    """An untrained network that reads its arms apart, or all pixels at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    inputs = keras.Input((20,))
    scaling = LabelScaling.fit(np.array([[4000.0, 1], [7000, 5]], np.float32), LABELS)
    pixels = [inputs[:, :10], inputs[:, 10:]]
    known = [keras.ops.cast(keras.ops.any(arm != 0, axis=1, keepdims=True), "float32") for arm in pixels]
    head = HEADS["binned"](**HEAD["binned"])
    outputs = head.layer(pixels, scaling, seed, known=known) if arms == 2 else head.layer(inputs, scaling, seed)
    keras.Model(inputs, outputs).save(path)
    return path


@pytest.fixture(scope="module")
def member(tmp_path_factory):
    return save_network(tmp_path_factory.mktemp("members") / "0.keras", 1)


def test_embeddings_have_unit_length_where_an_arm_is_known(member, make_set):
    spectra = two_arms(make_set(6, 1))
    spectra.flux[2, 10:] = 0
    spectra.flux[3] = 0
    (found,) = Embedder(member, HEAD, LABELS).embed([spectra])
    assert found.vectors.shape == (6, 2, 2, 3)
    assert found.known.tolist() == [[True, True]] * 2 + [[True, False], [False, False]] + [[True, True]] * 2
    lengths = np.linalg.norm(found.vectors, axis=3)
    np.testing.assert_allclose(lengths[found.known], 1, rtol=1e-5)
    assert found.table["teff"].tolist() == spectra.table["teff"].tolist()
    assert found.table["teff_true"].isna().all()


def test_a_network_that_reads_all_arms_at_once_has_one(tmp_path, make_set):
    spectra = two_arms(make_set(3, 1))
    spectra.flux[1, 10:] = 0
    (found,) = Embedder(save_network(tmp_path / "0.keras", 1, arms=1), HEAD, LABELS).embed([spectra])
    assert found.vectors.shape == (3, 1, 2, 3)
    assert found.known.all()


def test_the_kept_member_of_the_lowest_loss_is_taken():
    kept = {"members": ["0", "2"], "validation_loss": {"0": 0.5, "1": 0.1, "2": 0.4}}
    assert choose_member(kept, ["a/0.keras", "a/1.keras", "a/2.keras"]).name == "2.keras"
    assert choose_member(kept, ["a/0", "a/1", "a/2"]).name == "2"


def test_training_spectra_of_all_sets_are_searched(member, make_set, tmp_path):
    for seed, name in enumerate(("synthetic", "observed"), start=1):
        spectra = two_arms(make_set(7, seed))
        spectra.table["source_id"] = name + "-" + spectra.table["source_id"]
        write_shard(tmp_path / f"{name}.parquet", spectra, {})
    embedder = Embedder(member, HEAD, LABELS)
    references = embed_training({name: tmp_path / f"{name}.parquet" for name in ("synthetic", "observed")}, embedder)
    assert references.table["set"].tolist() == ["synthetic"] * 7 + ["observed"] * 7
    blocks = [two_arms(make_set(7, seed)) for seed in (2, 1)]
    write_neighbours(tmp_path / "found.parquet", iter(blocks), embedder, references, 2)
    found = pd.read_parquet(tmp_path / "found.parquet")
    assert len(found) == 2 * 7 * len(LABELS) * 2
    # The same flux under other names: each finds itself.
    first = found[found["rank"] == 1]
    assert first["set"].tolist() == ["observed"] * 14 + ["synthetic"] * 14
    assert first["distance"].max() < 1e-5
    np.testing.assert_array_equal(first["neighbour_value"], first["value"])


def test_every_epoch_embeds_the_same_spectra_of_both_parts(make_set, tmp_path, monkeypatch):
    monkeypatch.setattr(embeddings, "MOST_SPECTRA", 5)
    parts = {part: tmp_path / f"{part}.parquet" for part in ("training", "validation")}
    for seed, path in enumerate(parts.values()):
        spectra = two_arms(make_set(8, seed))
        copies = spectra.select([0] * 8 + list(range(8)))
        write_shard(path, copies, {})
    for epoch in (25, 0):
        save_network(tmp_path / "snapshots" / f"{epoch}.keras", epoch)
    found = embed_snapshots(parts, tmp_path / "snapshots", HEAD, LABELS, seed=4)
    assert found.table["epoch"].tolist() == [0] * 10 + [25] * 10
    assert found.table["part"].tolist() == (["training"] * 5 + ["validation"] * 5) * 2
    assert found.table["spectrum_id"].tolist()[:10] == found.table["spectrum_id"].tolist()[10:]
    assert found.table["source_id"][:5].is_unique
    assert not np.allclose(found.vectors[:10], found.vectors[10:])
