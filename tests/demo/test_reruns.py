"""What a second run does after a change: what the change asks for, and nothing else."""

import os
import shutil

import numpy as np
import pandas as pd
import pytest
import yaml
from observing import PIXELS, write_spectrum

PREDICTED = {"model": "cnn", "dataset": "survey"}
#: Shards of the two surveys: twelve files in shards of about four, and eight in one.
SHARDS, CLEAN = 3, 1
#: What one shard of a survey with other spectra asks for.
ONE_SHARD = {
    "list_spectra": 1,
    "join_manifests": 1,
    "prepare_spectra": 1,
    "judge_spectra": 1,
    "predict_labels": 1,
    "write_catalogue": 1,
    "measure_coverage": 1,
    "measure_errors": 1,
    "score_labels": 1,
    "plot_catalogue": 1,
    "write_card": 1,
    "write_report": 1,
}
#: What both surveys ask for where all of their shards are other ones; what concerns no survey alone is made once.
BOTH_SURVEYS = {
    rule: count
    * (SHARDS + CLEAN if rule in ("list_spectra", "prepare_spectra", "judge_spectra", "predict_labels") else 2)
    for rule, count in ONE_SHARD.items()
} | {"write_card": 1, "write_report": 1}


@pytest.fixture
def kept(place):
    """A function that keeps a file as it is, content and time, until the end of a test."""
    copies = []

    def keep(path):
        copy = place.folder / f"kept-{len(copies)}"
        shutil.copy2(path, copy)
        copies.append((copy, path))
        return path

    yield keep
    for copy, path in copies:
        shutil.move(copy, path)


@pytest.fixture
def recipe(place, kept):
    """The recipe `small`, and a function that writes it changed."""
    path = kept(place.folder / "config" / "recipes" / "small.yaml")
    recipe = yaml.safe_load(path.read_text())
    return recipe, lambda: path.write_text(yaml.safe_dump(recipe, sort_keys=False))


@pytest.fixture
def diagrams(place):
    """A module that some of the figures use and nothing else."""
    path = place.folder / "workflow" / "spectrolabe" / "validate" / "diagrams.py"
    text = path.read_text()
    yield path
    path.write_text(text)


def test_nothing_changed(place):
    status, output = place.run(recipes="small")
    assert status == 0
    assert "Nothing to be done" in output


@pytest.mark.parametrize("name", ["aaa", "zzz"])
def test_one_more_spectrum_prepares_one_shard_and_trains_nothing(place, name):
    path = place.data / "survey" / f"{name}.fits"
    write_spectrum(path, np.ones(PIXELS), 20)
    try:
        jobs = place.count_jobs(recipes="small")
    finally:
        path.unlink()
    assert jobs == ONE_SHARD


def test_a_spectrum_less_prepares_one_shard_and_trains_nothing(place, kept):
    kept(place.data / "survey" / "text.fits").unlink()
    assert place.count_jobs(recipes="small") == ONE_SHARD


def test_another_file_of_the_same_name_prepares_one_shard_and_trains_nothing(place, kept):
    with kept(place.data / "survey" / "text.fits").open("a") as file:
        file.write("And one more.")
    assert place.count_jobs(recipes="small") == ONE_SHARD


def test_a_corrected_label_of_the_survey_trains_nothing(place, kept):
    path = kept(place.data / "survey" / "labels.csv")
    labels = pd.read_csv(path)
    labels.loc[0, "teff"] += 100
    labels.to_csv(path, index=False)
    assert place.count_jobs(recipes="small") == BOTH_SURVEYS


def test_one_more_member_trains_one_member(place, recipe):
    settings, write = recipe
    settings["models"]["cnn"]["members"] = 3
    write()
    jobs = place.count_jobs(recipes="small")
    # Once in each stage; the spectra are prepared and judged as they were.
    assert jobs["train_member"] == 2
    assert not {"build_set", "list_spectra", "prepare_spectra", "judge_spectra", "fit_doubt"} & {*jobs}


def test_one_more_figure_draws_one_figure(place, recipe):
    settings, write = recipe
    settings["validate"].append("coverage")
    write()
    assert place.count_jobs(recipes="small") == {"plot_catalogue": 1, "write_report": 1}


def test_a_dry_run_writes_nothing(place, kept):
    kept(place.data / "survey" / "text.fits").unlink()
    before = {path: path.stat().st_mtime_ns for path in (place.folder / "results").rglob("*")}
    place.count_jobs(recipes="small")
    assert {path: path.stat().st_mtime_ns for path in (place.folder / "results").rglob("*")} == before


def test_other_shards_and_other_cores_give_the_same_catalogue(place, results):
    other = {"extends": "small", "datasets": {"survey": {"shard_size": 100}}, "predict": [PREDICTED]}
    place.add_recipe("otherwise", other)
    path = "predict/catalogue/cnn/survey.parquet"
    status, output = place.run("--cores", "1", f"results/otherwise/{path}", recipes="otherwise")
    assert status == 0, output
    shards = place.folder / "results" / "otherwise" / "prepare" / "spectra" / "survey"
    assert [shard.name for shard in shards.iterdir()] == ["000.parquet"]
    expected, found = pd.read_parquet(results / path), pd.read_parquet(shards.parents[2] / path)
    pd.testing.assert_frame_equal(found, expected, check_exact=True)


def test_a_touched_library_module_reruns_nothing(place, diagrams):
    os.utime(diagrams)
    assert place.count_jobs(recipes="small") == {}


def test_an_edited_library_module_reruns_what_uses_it(place, diagrams):
    diagrams.write_text(diagrams.read_text() + "\n\nEDITED = True\n")
    assert place.count_jobs(recipes="small") == {"plot_catalogue": 4, "plot_losses": 1, "write_report": 1}
