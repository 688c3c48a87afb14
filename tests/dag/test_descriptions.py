"""What networks learn from and are made of is drawn once: of the main set, its survey, and each predicted model."""

import re

import pytest

FIGURES = ["label_densities", "example_spectra", "architecture", "one_to_one"]


@pytest.fixture
def recipe(place):
    predicted = [{"model": "cnn", "dataset": dataset} for dataset in ("labelled-test", "survey")]
    place.add_recipe("described", {"extends": "lamost_dr1", "predict": predicted, "validate": FIGURES})
    yield "described"
    (place.folder / "config" / "recipes" / "described.yaml").unlink()


def test_figures_of_labels_spectra_and_layers_are_planned_once(place, recipe):
    status, output = place.run("--dry-run", recipes=recipe)
    assert status == 0, output
    drawn = set(re.findall(r"output: \S*/validate/figures/([\w/-]+)\.png", output))
    assert drawn == {
        "label_densities/labelled",
        "example_spectra/survey",
        "architecture/cnn",
        "one_to_one/cnn/labelled",
    }
    parts = re.search(r"rule measure_label_ranges:\n    input: (.*)\n", output)[1]
    assert re.findall(r"sets/labelled/(\w+)\.parquet", parts) == ["training", "validation", "calibration", "test"]
    # Without a prediction of the training part, the test stands alone.
    catalogues = re.search(r"rule plot_one_to_one:\n    input: (.*)\n", output)[1]
    assert re.findall(r"catalogue/([\w/-]+)\.parquet", catalogues) == ["cnn/labelled-test"]
    assert re.search(r"rule describe_network:\n    input: \S*/models/cnn/\w+/0\.keras", output)
    report = re.search(r"rule write_report:\n    input: (.*)\n", output)[1]
    assert "validate/label_ranges/labelled.csv" in report
