"""What is compared of databases is predicted without being listed, and mistakes are told before any job starts."""

import copy

import pytest
from tiny_recipe import TINY, changed, load, message

ASKED = {"models": ["cnn", "small"], "tests": ["synthetic-test"], "below": {"vsini": 20}}
SMALL = TINY["models"]["cnn"] | {"stages": [{"name": "train", "set": "few", "epochs": 2}]}


def asking(changes=()):
    few = {"extends": "synthetic", "stars": 5}
    base = {"sets.few": few, "models.small": copy.deepcopy(SMALL), "databases": copy.deepcopy(ASKED)}
    return changed(base | dict(changes))


def test_every_model_predicts_its_own_parts_and_all_tests(tmp_path):
    recipe = load(tmp_path, asking({"validate": ["databases"]}))
    derived = [(entry["model"], entry["dataset"]) for entry in recipe["predict"] if entry.get("derived")]
    assert derived == [
        ("cnn", "synthetic-training"), ("cnn", "synthetic-validation"), ("small", "few-training"),
        ("small", "few-validation"), ("small", "synthetic-test"),
    ]  # fmt: skip
    assert len(recipe["predict"]) == 7


def test_nothing_need_be_scored_apart(tmp_path):
    asked = {"models": ["cnn"], "tests": ["synthetic-test"]}
    assert load(tmp_path, asking({"databases": asked}))["databases"] == asked | {"below": {}, "sets": []}


def test_every_model_is_trained_on_every_set(tmp_path):
    asked = {"models": ["cnn"], "sets": ["few", "synthetic"], "tests": ["synthetic-test"]}
    recipe = load(tmp_path, asking({"databases": asked}))
    assert recipe["databases"]["models"] == ["cnn_few", "cnn"]
    assert recipe["models"]["cnn_few"]["stages"][0] == recipe["models"]["cnn"]["stages"][0] | {"set": "few"}
    derived = [(entry["model"], entry["dataset"]) for entry in recipe["predict"] if entry.get("derived")]
    assert derived == [
        ("cnn_few", "few-training"), ("cnn_few", "few-validation"), ("cnn_few", "synthetic-test"),
        ("cnn", "synthetic-training"), ("cnn", "synthetic-validation"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"databases": "REMOVED", "validate": ["databases"]},
            "key 'validate': found 'databases' without databases; expected the key databases, or no databases",
        ),
        ({"databases.models": ["cnn", "smal"]}, "key 'databases.models[1]': found 'smal'; expected one of cnn, small"),
        ({"databases.sets": ["fewer"]}, "key 'databases.sets[0]': found 'fewer'; expected one of synthetic, few"),
        (
            {"databases.tests": ["survey"]},
            "key 'databases.tests[0]': found 'survey'; expected one of synthetic-validation, synthetic-calibration,"
            " synthetic-test, synthetic-training, few-validation, few-calibration, few-test, few-training",
        ),
        (
            {"databases.tests": ["few-test"], "sets.few.split": {"test": 0}},
            "key 'databases.tests[0]': found 'few-test'; expected a part with stars (sets.few.split.test is 0)",
        ),
        ({"databases.below": {"vsin": 9}}, "key 'databases.below': found 'vsin'; expected one of teff, logg, vsini"),
        (
            {"databases.below": {"vsini": "slow"}},
            "key 'databases.below.vsini': found 'slow'; expected a number",
        ),
    ],
)
def test_wrong_databases(tmp_path, changes, sentence):
    assert message(tmp_path, asking(changes)).startswith(f"recipe 'x': {sentence}")
