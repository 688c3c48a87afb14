"""Neighbours and maps of embeddings need a network that has one, before any job starts."""

import pytest
from tiny_recipe import changed, load, message

BINS = {
    "teff": {"start": 3000, "stop": 7000, "width": 80},
    "logg": {"start": 0, "stop": 5, "width": 0.1},
    "vsini": {"start": 0, "stop": 50, "width": 5},
}
BINNED = {"models.cnn.head": {"binned": {"bins": BINS}}}
STAGE = {"models.cnn.stages.0": {"name": "train", "set": "synthetic", "epochs": 2, "snapshots": [1, 2]}}
ASKED = {"neighbours": {"model": "cnn"}}


def test_five_neighbours_unless_told_otherwise(tmp_path):
    assert load(tmp_path, changed(BINNED | ASKED))["neighbours"] == {"model": "cnn", "k": 5}


def test_maps_are_drawn_of_stages_with_snapshots(tmp_path):
    recipe = load(tmp_path, changed(BINNED | STAGE | {"validate": ["embedding"]}))
    assert recipe["validate"] == ["embedding"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"neighbours": {"model": "cn"}}, "key 'neighbours.model': found 'cn'; expected a model that predicts: cnn"),
        (
            ASKED,
            "key 'neighbours.model': found 'cnn' with a head gaussian; expected a head binned whose options embedding"
            " and triplet are above 0",
        ),
        (
            ASKED | {"models.cnn.head": {"binned": {"bins": BINS, "triplet": 0}}},
            "key 'neighbours.model': found 'cnn' with a head binned; expected a head binned whose options embedding"
            " and triplet are above 0",
        ),
        (
            BINNED | {"neighbours": {"model": "cnn", "k": 0}},
            "key 'neighbours.k': found 0; expected a whole number of at least 1",
        ),
        (
            BINNED | {"validate": ["embedding"]},
            "key 'validate': found 'embedding' without a network to draw; expected a model that predicts, with a head"
            " binned whose options embedding and triplet are above 0, and with snapshots in a stage, or no embedding",
        ),
        (
            STAGE | {"validate": ["embedding"]},
            "key 'validate': found 'embedding' without a network to draw; expected a model that predicts, with a head"
            " binned whose options embedding and triplet are above 0, and with snapshots in a stage, or no embedding",
        ),
    ],
)
def test_what_has_no_embedding_ends_in_one_sentence(tmp_path, changes, sentence):
    assert message(tmp_path, changed(changes)) == f"recipe 'x': {sentence}"
