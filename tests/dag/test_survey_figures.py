"""Figures of a training survey's labels are planned once for a set, and one of parts only where both are predicted."""

import pytest

FIGURES = ["residuals", "kiel", "one_to_one", "label_coverage"]


@pytest.fixture
def recipe(place):
    predicted = [{"model": "cnn", "dataset": f"labelled-{part}"} for part in ("training", "test")]
    place.add_recipe("labels", {"extends": "lamost_dr1", "predict": predicted, "validate": FIGURES})
    yield "labels"
    (place.folder / "config" / "recipes" / "labels.yaml").unlink()


def test_every_figure_is_planned_once(place, recipe):
    jobs = place.count_jobs(recipes=recipe)
    assert (jobs["plot_one_to_one"], jobs["plot_set"]) == (1, 1)
    # Kiel diagrams of both parts; residuals of test stars alone.
    assert jobs["plot_catalogue"] == 3


def test_luminosity_classes_are_counted_of_everything_predicted(place):
    predicted = [{"model": "cnn", "dataset": dataset} for dataset in ("labelled-test", "survey")]
    place.add_recipe("classes", {"extends": "lamost_dr1", "predict": predicted, "validate": ["luminosity_classes"]})
    jobs = place.count_jobs(recipes="classes")
    (place.folder / "config" / "recipes" / "classes.yaml").unlink()
    assert (jobs["classify_stars"], jobs["plot_catalogue"]) == (2, 2)


@pytest.fixture
def screened(place):
    screening = {"dataset": "survey", "set": "labelled"}
    place.add_recipe(
        "screened",
        {"extends": "lamost_dr1", "screening": screening, "validate": ["observed_sets", "internal_precision"]},
    )
    yield "screened"
    (place.folder / "config" / "recipes" / "screened.yaml").unlink()


def test_figures_of_a_screened_survey_are_of_it_alone(place, screened):
    jobs = place.count_jobs(recipes=screened)
    assert (jobs["plot_observed_sets"], jobs["plot_catalogue"]) == (1, 1)
    # For the report's tables.
    assert jobs["score_screening"] == 1
