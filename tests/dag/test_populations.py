"""What populations are told from is made once for all figures that it is drawn in."""

import pytest

LABELS = ["teff", "logg", "mg_fe", "al_fe", "feh"]
FIGURES = ["discs", "eccentricities", "ages", "cluster_abundances", "anticorrelation", "reference_stars", "seismic"]
RESULTS = ["find_discs", "measure_orbits", "date_stars", "compare_clusters", "compare_repeats", "compare_gravities"]


@pytest.fixture
def recipe(place):
    asked = {"model": "cnn", "dataset": "survey"}
    own = {"labels": LABELS, "validate": FIGURES, "predict": [asked], "populations": asked}
    place.add_recipe("galaxy", {"extends": "lamost_dr1"} | own)
    yield "galaxy"
    (place.folder / "config" / "recipes" / "galaxy.yaml").unlink()


def test_every_result_is_made_once(place, recipe):
    jobs = place.count_jobs(recipes=recipe)
    assert {name: jobs[name] for name in RESULTS} == dict.fromkeys(RESULTS, 1)
    assert jobs["plot_populations"] == len(FIGURES)


def test_other_recipes_have_none_of_them(place):
    assert not {*RESULTS, "plot_populations"} & set(place.count_jobs(recipes="demo"))
