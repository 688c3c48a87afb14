"""Methods are compared by all their members on test stars, whether a recipe lists predictions of theirs or not."""

import re

import pytest

COMPARED = {
    "extends": "demo",
    "models": {
        "warm": {"extends": "mlp", "labels": ["teff"], "members": 2, "keep": None},
        "heavy": {"extends": "mlp", "labels": ["logg"], "members": 1, "keep": None},
        "tuned": {
            "extends": "heavy",
            "stages": [
                {"name": "train", "set": "synthetic", "epochs": 1},
                {"name": "tune", "set": "synthetic", "epochs": 1, "start_from": "train"},
            ],
        },
    },
    "recovery": None,
    "comparisons": {
        "tasks": {
            "dataset": "synthetic-test",
            "reference": "apart",
            "rows": {"whole": ["mlp"], "apart": ["warm", "heavy"]},
        },
        "stages": {
            "dataset": "synthetic-test",
            "reference": "after",
            "rows": {"before": ["tuned/train"], "after": ["tuned"]},
        },
    },
    "validate": ["comparisons"],
}


@pytest.fixture
def added(place):
    place.add_recipe("compared", COMPARED)
    yield place
    (place.folder / "config" / "recipes" / "compared.yaml").unlink()


def inputs_of(output, comparison):
    jobs = re.findall(r"rule compare_models:\n    input: (.*)\n    output: (\S+)", output)
    return next(inputs for inputs, table in jobs if table.endswith(f"/{comparison}.csv"))


def test_a_model_is_compared_after_each_of_its_stages(added):
    status, output = added.run("--dry-run", recipes="compared")
    assert status == 0, output
    inputs = inputs_of(output, "stages")
    assert re.findall(r"train/models/(\S+?)\.keras", inputs) == ["tuned/train/0", "tuned/tune/0"]
    assert re.findall(r"train/histories/(\S+?)\.parquet", inputs) == ["tuned/train/0", "tuned/tune/0"]


def test_every_member_is_compared_once(added):
    status, output = added.run("--dry-run", recipes="compared")
    assert status == 0, output
    inputs = inputs_of(output, "tasks")
    members = re.findall(r"train/models/(\w+/\w+/\d)\.keras", inputs)
    assert members[-3:] == ["warm/train/0", "warm/train/1", "heavy/train/0"]
    assert {member.split("/")[0] for member in members[:-3]} == {"mlp"}
    assert re.findall(r"results/compared/prepare/sets/(\S+?)\.parquet", inputs) == ["synthetic/test"]
    # Nobody asked for catalogues of the two.
    assert set(re.findall(r"predict/catalogue/(\w+)/", output)) == {"mlp"}
    report = re.search(r"rule write_report:\n    input: (.*)\n", output)[1]
    assert "results/compared/validate/comparisons/tasks.csv" in report
    assert "results/compared/validate/figures/comparisons/tasks.png" in report
