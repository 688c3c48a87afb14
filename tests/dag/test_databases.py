"""Databases and studies are compared once each, from predictions and trials that nobody lists."""

import re

import pytest

STAGES = [{"name": "train", "set": "few", "epochs": 5}]
COMPARED = {
    "extends": "demo",
    "sets": {"few": {"extends": "synthetic", "stars": 6000}},
    "models": {"small": {"extends": "mlp", "labels": ["teff"], "stages": STAGES}},
    "recovery": None,
    "databases": {"models": ["mlp", "small"], "tests": ["synthetic-test"], "below": {"vbroad": 10}},
    "validate": ["one_to_one", "databases"],
}
STUDY = {"model": "small", "measure": "few-validation", "epochs": [2, 4], "vary": {"activation": ["relu", "tanh"]}}
STUDIED = {
    "extends": "demo",
    "sets": COMPARED["sets"],
    "models": COMPARED["models"],
    "recovery": None,
    "studies": {"sweeps": STUDY, "search": {"extends": "sweeps", "method": {"joint": {"trials": 3}}}},
    "validate": ["study"],
}


@pytest.fixture
def added(place):
    names = {"compared": COMPARED, "studied": STUDIED}
    for name, recipe in names.items():
        place.add_recipe(name, recipe)
    yield place
    for name in names:
        (place.folder / "config" / "recipes" / f"{name}.yaml").unlink()


def test_every_model_labels_its_own_parts_and_the_tests(added):
    status, output = added.run("--dry-run", recipes="compared")
    assert status == 0, output
    found = set(re.findall(r"output: results/compared/predict/catalogue/(\w+/[\w-]+)\.parquet", output))
    assert found == {
        "mlp/synthetic-training", "mlp/synthetic-validation", "mlp/synthetic-test", "small/few-training",
        "small/few-validation", "small/synthetic-test",
    }  # fmt: skip
    inputs = re.search(r"rule compare_databases:\n    input: (.*)\n", output)[1]
    assert re.findall(r"catalogue/(\w+/[\w-]+)", inputs)[:4] == [
        "mlp/synthetic-training", "mlp/synthetic-validation", "mlp/synthetic-test", "small/few-training",
    ]  # fmt: skip
    # Only the listed model has sections and figures of its own.
    assert set(re.findall(r"validate/figures/([\w/-]+)\.png", output)) == {"databases", "one_to_one/mlp/synthetic"}
    inputs = re.search(r"rule plot_one_to_one:\n    input: (.*)\n", output)[1]
    assert re.findall(r"synthetic-(\w+)", inputs) == ["training", "validation", "test"]


def test_a_search_is_drawn_beside_the_sweeps(added):
    status, output = added.run("--dry-run", recipes="studied")
    assert status == 0, output
    drawn = dict(re.findall(r"rule plot_study:\n    input: (.*)\n    output: .*/figures/study/(\w+)/teff\.png", output))
    counts = {study: len(re.findall(r"\.json", inputs)) for inputs, study in drawn.items()}
    assert counts == {"sweeps": 2, "search": 5}
    report = re.search(r"rule write_report:\n    input: (.*)\n", output)[1]
    assert set(re.findall(r"[\w/]*studies/?\w*\.csv", report)) == {
        f"results/studied/{path}.csv" for path in ("train/studies/sweeps", "train/studies/search", "validate/studies")
    }
