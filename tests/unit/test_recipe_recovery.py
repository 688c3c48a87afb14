"""What injected stars need of a recipe is asked for before any job starts."""

import pytest
from tiny_recipe import changed, load, message

ASKED = {"model": "cnn", "set": "synthetic"}
OBSERVED = {"from": "survey", "steps": []}
OTHER = {"datasets.atlas9": {"kind": "grid", "grid": "fgk_mgb_atlas9"}}


def test_recovery_is_filled_with_defaults(tmp_path):
    recipe = load(tmp_path, changed({"recovery": ASKED, "validate": ["recovery"]}))
    assert recipe["recovery"] == ASKED | {"stars": 1000}


def test_another_grid_may_be_named(tmp_path):
    recipe = load(tmp_path, changed(OTHER | {"recovery": ASKED | {"other": "atlas9", "stars": 50}}))
    assert recipe["recovery"] == ASKED | {"other": "atlas9", "stars": 50}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"validate": ["recovery"]},
            "key 'validate': found 'recovery' without recovery; expected the key recovery, or no recovery",
        ),
        ({"recovery": ASKED | {"model": "cn"}}, "key 'recovery.model': found 'cn'; expected cnn"),
        (
            {"sets.stars": OBSERVED, "recovery": ASKED | {"set": "stars"}},
            "key 'recovery.set': found 'stars'; expected a set drawn from a grid, whose true labels are known:"
            " synthetic",
        ),
        (
            {"recovery": ASKED | {"other": "nodes"}},
            "key 'recovery.other': found 'nodes'; expected a grid that the set 'synthetic' is not drawn from: none",
        ),
        (
            {"recovery": ASKED | {"other": "survey"}} | OTHER,
            "key 'recovery.other': found 'survey'; expected a grid that the set 'synthetic' is not drawn from: atlas9",
        ),
        (
            {
                "sets.synthetic.stars": "REMOVED",
                "sets.synthetic.split": {"test": 0},
                "predict": [{"model": "cnn", "dataset": "survey"}],
                "recovery": ASKED,
            },
            "key 'recovery.set': found 'synthetic'; expected a set with test stars, since its stars are nodes of the"
            " grid (sets.synthetic.split.test is 0)",
        ),
        (
            {
                "sets.stars": OBSERVED,
                "models.cnn.stages.0.set": "stars",
                "labels": ["mg_fe"],
                "validate": ["losses"],
                "predict": [{"model": "cnn", "dataset": "survey"}],
                "recovery": ASKED,
            },
            "key 'recovery.set': found 'synthetic', with other labels; expected a set that has a label of the model"
            " 'cnn'",
        ),
    ],
)
def test_wrong_recoveries(tmp_path, changes, sentence):
    assert message(tmp_path, changed(changes)) == f"recipe 'x': {sentence}"
