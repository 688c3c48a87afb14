"""Catalogues of surveys are recalibrated where a recipe asks for it, and every model of the report has its card."""

import pytest


@pytest.fixture
def recipe(place):
    survey = {"kind": "survey", "reader": "linear_1d", "files": "uves/*.fits", "prepare": [{"resample": {}}]}
    settings = {
        "extends": "demo",
        "datasets": {"uves": survey},
        "predict": [{"model": "mlp", "dataset": "synthetic-test"}, {"model": "mlp", "dataset": "uves"}],
        "recovery": None,
        "validate": [],
        "recalibration": {"model": "mlp", "dataset": "uves", "stars": "benchmark_stars", "labels": ["teff"]},
    }
    place.add_recipe("recalibrated", settings)
    yield "recalibrated"
    (place.folder / "config" / "recipes" / "recalibrated.yaml").unlink()


def test_a_model_is_recalibrated_once(place, recipe):
    jobs = place.count_jobs(recipes=recipe)
    expected = {"recalibrate": 1, "write_catalogue": 2, "write_card": 1}
    assert {name: jobs[name] for name in expected} == expected


def test_parts_of_sets_need_no_recalibration(place, recipe):
    target = f"results/{recipe}/predict/catalogue/mlp/synthetic-test.parquet"
    assert "recalibrate" not in place.count_jobs("--cores", "2", target, recipes=recipe)


def test_other_recipes_have_a_card_alone(place):
    jobs = place.count_jobs(recipes="demo")
    assert jobs["write_card"] == 1
    assert "recalibrate" not in jobs
