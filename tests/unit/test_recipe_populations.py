"""What figures of populations need is asked for before any job starts."""

import pytest
from tiny_recipe import changed, load, message

ASKED = {"model": "cnn", "dataset": "survey"}
PREDICT = [{"model": "cnn", "dataset": "survey"}, {"model": "cnn", "dataset": "synthetic-test"}]


def test_populations_are_filled_with_defaults(tmp_path):
    recipe = load(tmp_path, changed({"populations": ASKED, "predict": PREDICT, "validate": ["reference_stars"]}))
    assert recipe["populations"] == ASKED | {"min_snr": 30}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"validate": ["discs"]},
            "key 'validate': found 'discs' without the key populations; expected the key populations, or no discs",
        ),
        (
            {"populations": ASKED | {"model": "cnm"}},
            "key 'populations.model': found 'cnm'; expected cnn",
        ),
        (
            {"populations": ASKED | {"dataset": "synthetic-test"}},
            "key 'populations.dataset': found 'synthetic-test'; expected a survey that model 'cnn' predicts: survey",
        ),
        (
            {"populations": ASKED, "validate": ["discs"]},
            "key 'validate': found 'discs' without the label feh;"
            " expected feh, mg_fe among the labels of model 'cnn', or no discs",
        ),
    ],
)
def test_wrong_populations(tmp_path, changes, sentence):
    assert message(tmp_path, changed({"predict": PREDICT} | changes)) == f"recipe 'x': {sentence}"
