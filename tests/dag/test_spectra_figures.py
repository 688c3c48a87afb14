"""The figures drawn from spectra alone need no more jobs than they must."""

import pytest

FIGURES = ["gap", "continuum_bias", "continuum_fits"]


@pytest.fixture
def recipe(place):
    gap = {"synthetic": ["synthetic-test"], "observed": "survey"}
    place.add_recipe("with_gap", {"extends": "benchmark_stars", "gap": gap, "validate": FIGURES})
    yield "with_gap"
    (place.folder / "config" / "recipes" / "with_gap.yaml").unlink()


def test_every_figure_is_planned_once(place, recipe):
    jobs = place.count_jobs(recipes=recipe)
    # The survey, for two figures, and the stars that the main model is validated on.
    assert jobs["sample_raw"] == 2
    once = ("find_twins", "measure_gap", "plot_gap", "measure_continuum", "plot_continuum_bias", "plot_continuum_fits")
    assert {name: jobs[name] for name in once} == dict.fromkeys(once, 1)


def test_other_recipes_have_none_of_them(place):
    assert not {"sample_raw", "find_twins", "measure_gap", "measure_continuum"} & set(place.count_jobs(recipes="demo"))
