"""Whole distributions are written of models with bins alone, and arms are compared where a network has one each."""

import re

import pytest

BINS = {
    "teff": {"start": 4000, "stop": 7000, "width": 100},
    "logg": {"start": 0.5, "stop": 5.0, "width": 0.1},
}
ARMS = [{"start": 5140, "stop": 5218, "step": 0.1}, {"start": 5222, "stop": 5300, "step": 0.1}]
STAGES = [{"name": "train", "set": "synthetic", "epochs": 2}]


@pytest.fixture
def recipe(place):
    binned = {
        "network": {"residual_conv": {"filters": [8], "per_arm": True}},
        "head": {"binned": {"bins": BINS}},
        "labels": ["teff", "logg"],
        "members": 1,
        "stages": STAGES,
    }
    datasets = [(model, dataset) for model in ("mlp", "arms") for dataset in ("synthetic-test", "synthetic-validation")]
    changes = {
        "extends": "demo",
        "wavelength": {"arms": ARMS},
        "models": {"arms": binned},
        "predict": [{"model": model, "dataset": dataset} for model, dataset in datasets],
        "recovery": None,
        "validate": ["coverage", "pit", "arms"],
    }
    place.add_recipe("in_arms", changes)
    yield "in_arms"
    (place.folder / "config" / "recipes" / "in_arms.yaml").unlink()


def test_distributions_and_arms_are_planned_where_they_are_known(place, recipe):
    status, output = place.run("--dry-run", recipes=recipe)
    assert status == 0, output
    written = re.findall(r"output: \S*/predict/distributions/([\w/-]+)\.parquet", output)
    assert sorted(written) == ["arms/synthetic-test", "arms/synthetic-validation"]
    assert re.findall(r"output: \S*/validate/figures/arms/([\w/-]+)\.png", output) == ["arms/synthetic-test"]
    inputs = re.search(r"rule measure_arms:\n    input: (.*)\n", output)[1]
    assert "predict/labels/arms/synthetic-test/000.parquet" in inputs
    assert "predict/catalogue/arms/synthetic-test.parquet" in inputs
    report = re.search(r"rule write_report:\n    input: (.*)\n", output)[1]
    assert "validate/arms/arms/synthetic-test.csv" in report
