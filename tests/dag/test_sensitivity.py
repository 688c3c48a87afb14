"""Sensitivity maps are measured once a model, and only where a recipe asks for them."""

import pytest


@pytest.fixture
def recipe(place):
    settings = {
        "extends": "demo",
        "models": {"other": {"extends": "mlp", "labels": ["feh", "alpha_fe"]}},
        "sensitivity": {"model": "mlp", "correlated": "other", "lines": {"feh": [5232.94]}},
        "validate": ["sensitivity", "correlated_labels"],
    }
    place.add_recipe("with_maps", settings)
    yield "with_maps"
    (place.folder / "config" / "recipes" / "with_maps.yaml").unlink()


def test_both_models_are_measured_and_drawn(place, recipe):
    jobs = place.count_jobs(recipes=recipe)
    expected = {"measure_sensitivity": 2, "identify_lines": 2, "plot_sensitivity": 1, "plot_correlated_labels": 1}
    assert {name: jobs[name] for name in expected} == expected
    # The model beside it is trained, though nothing is predicted by it.
    assert jobs["train_member"] == 8


def test_other_recipes_have_none_of_them(place):
    assert not {"measure_sensitivity", "identify_lines"} & set(place.count_jobs(recipes="demo"))
