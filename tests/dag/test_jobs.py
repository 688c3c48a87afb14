"""How many jobs of each rule the shipped recipes start."""

from collections import Counter
from pathlib import Path

import pytest

RECIPES = {path.stem for path in (Path(__file__).parents[2] / "config" / "recipes").glob("*.yaml")}
# Four parts of one set; a network's members, judged together; the calibration part and the test part are predicted.
SYNTHETIC = {
    "build_set": 4,
    "train_member": 4,
    "choose_members": 1,
    "predict_labels": 2,
    "calibrate": 1,
    "write_catalogue": 1,
    "score_labels": 1,
    "plot_residuals": 1,
    "plot_noise": 1,
    "plot_coverage": 1,
    "plot_kiel": 1,
    "plot_losses": 1,
    "write_report": 1,
}
# A survey of one shard beside them.
SURVEY = {
    "list_spectra": 1,
    "join_manifests": 1,
    "prepare_spectra": 1,
    "predict_labels": 1,
    "write_catalogue": 1,
    "score_labels": 1,
    "plot_kiel": 1,
}
# One grid that several recipes share is checked once for all of them.
GRID = {"check_emulator": 1}
SECOND_SHARD = {"list_spectra": 1, "prepare_spectra": 1, "predict_labels": 1}
JOBS = {
    "demo": Counter(SYNTHETIC),
    "benchmark_stars": Counter(SYNTHETIC)
    + Counter(SURVEY)
    + Counter({"compare_benchmarks": 1, "plot_benchmark_stars": 1}),
    # 60 files and a shard_size of 50 make two shards; three members.
    "lamost_dr1": Counter(SYNTHETIC) + Counter(SURVEY) + Counter(SECOND_SHARD) - Counter({"train_member": 1}),
}


def expected_jobs(names):
    jobs = sum((JOBS[name] for name in names), Counter())
    return dict(jobs | Counter(GRID)) if {"demo", "benchmark_stars"} & set(names) else dict(jobs)


def test_every_shipped_recipe_is_counted_here():
    assert set(JOBS) == RECIPES


def test_one_call_plans_every_recipe(place):
    assert place.count_jobs(recipes=f"[{','.join(JOBS)}]") == expected_jobs(JOBS)


@pytest.mark.parametrize("recipes", ["lamost_dr1", "demo,benchmark_stars"])
def test_a_name_and_names_with_commas_are_lists_too(place, recipes):
    assert place.count_jobs(recipes=recipes) == expected_jobs(recipes.split(","))


def test_without_a_choice_the_demo_runs_on_few_networks(place):
    jobs = place.count_jobs()
    assert jobs == expected_jobs(["demo"])
    assert jobs["train_member"] + jobs["predict_labels"] <= 12
