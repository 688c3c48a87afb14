"""Stars of a survey that only test are built without a need for labels, predicted, drawn and compared."""

import re

import pytest

NOTHING_ELSE = {"validation": 0, "calibration": 0, "test": 1}
TESTED = {
    "extends": "lamost_dr1",
    "sets": {
        "labelled": {"select": ["role = 'survey'"]},
        "trusted": {"from": "survey", "select": ["role = 'calibrator'"], "split": NOTHING_ELSE},
    },
    "predict": [{"model": "cnn", "dataset": "trusted-test"}],
    "comparisons": {"trust": {"dataset": "trusted-test", "reference": "cnn", "rows": {"cnn": ["cnn"]}}},
    "validate": ["one_to_one", "comparisons"],
}


@pytest.fixture
def recipe(place):
    place.add_recipe("tested", TESTED)
    yield "tested"
    (place.folder / "config" / "recipes" / "tested.yaml").unlink()


def test_a_set_that_only_tests_needs_no_labels(place, recipe):
    status, output = place.run("--dry-run", "--printshellcmds", recipes=recipe)
    assert status == 0, output
    assert "validate/figures/one_to_one/cnn/trusted.png" in output
    parts = set(re.findall(r"prepare/sets/(\w+/\w+)\.parquet", output))
    assert "trusted/test" in parts
    assert "trusted/training" not in parts
    # The job looks whether a star that tests was trained on.
    compared = re.search(r"rule compare_models:\n    input: (.*)\n", output)[1]
    assert set(re.findall(r"prepare/sets/(\w+/\w+)\.parquet", compared)) == {
        "trusted/test",
        "labelled/training",
        "labelled/validation",
    }
