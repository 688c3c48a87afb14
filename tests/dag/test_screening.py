"""A screened survey is compared with its training spectra once, shard by shard, and its set takes the verdicts."""

import pytest

FIGURES = ["similarity_map", "observed_sets_map", "screening_recall"]


@pytest.fixture
def recipe(place):
    screening = {"dataset": "survey", "set": "labelled"}
    place.add_recipe("screened_maps", {"extends": "lamost_dr1", "screening": screening, "validate": FIGURES})
    yield "screened_maps"
    (place.folder / "config" / "recipes" / "screened_maps.yaml").unlink()


def test_every_shard_is_screened_before_the_set_is_built(place, recipe):
    jobs = place.count_jobs(recipes=recipe)
    once = ("select_spectra", "fit_screening", "map_survey", "score_screening", *(f"plot_{name}" for name in FIGURES))
    assert {name: jobs[name] for name in once} == dict.fromkeys(once, 1)
    assert jobs["screen_spectra"] == jobs["prepare_spectra"]


def test_other_recipes_screen_nothing(place):
    assert not {"fit_screening", "screen_spectra", "map_survey"} & set(place.count_jobs(recipes="demo"))
