"""What a recipe expects of a survey, of its grids, and what its run takes."""

from pathlib import Path

import pytest

from spectrolabe.recipe import load_recipe
from spectrolabe.recipe_expectations import expect_of_grids, expect_of_survey, plan_work

RECIPES = Path(__file__).resolve().parents[2] / "config" / "recipes"


def test_a_survey_labelled_by_networks_of_a_grid():
    expected = expect_of_survey(load_recipe("benchmark_stars", RECIPES), "survey")
    assert expected["taught"]
    assert (expected["sets"], expected["labels"]) == ([], [])
    assert (expected["snr"], expected["shift"], expected["ranges"]["teff"]) == ([40, 400], 3, [4000, 7000])
    assert (expected["min_snr"], expected["max_bad_share"]) == (10, 0.2)


def test_a_survey_that_networks_learn_from():
    expected = expect_of_survey(load_recipe("lamost_dr1", RECIPES), "survey")
    assert not expected["taught"]
    assert (expected["sets"], expected["labels"]) == (["labelled"], ["teff", "logg", "feh"])
    assert (expected["snr"], expected["shift"], expected["ranges"]) == ([None, None], None, {})


def test_noise_up_to_a_share_of_the_continuum_is_a_lowest_snr():
    recipe = load_recipe("benchmark_stars", RECIPES)
    recipe["sets"]["synthetic"]["steps"] = [{"add_noise": {"max": 0.05}}]
    expected = expect_of_survey(recipe, "survey")
    assert (expected["snr"], expected["shift"]) == ([20, None], 0.0)
    of_copies = [[], [{"add_noise": {"snr": [5, 300], "law": "uniform"}}], [{"add_noise": {"max": 0.5}}]]
    for lists, snr in ((of_copies, [2, None]), (of_copies[1:2], [5, 300]), (of_copies[1:], [2, None])):
        recipe["sets"]["synthetic"]["steps"] = [{"by_copy": lists}]
        assert expect_of_survey(recipe, "survey")["snr"] == snr
    recipe["sets"]["synthetic"]["steps"] = []
    assert expect_of_survey(recipe, "survey")["snr"] == [None, None]


def test_what_a_set_that_a_model_is_calibrated_on_needs():
    recipe = load_recipe("benchmark_stars", RECIPES)
    recipe["sets"]["stars"] = recipe["sets"]["synthetic"] | {"from": "survey"}
    recipe["models"]["mlp"]["calibrate_on"] = "stars"
    expected = expect_of_survey(recipe, "survey")
    assert (expected["sets"], expected["labels"]) == (["stars"], recipe["models"]["mlp"]["labels"])


def test_grids_and_what_is_drawn_from_them():
    grids = expect_of_grids(load_recipe("demo", RECIPES))
    assert [(grid["dataset"], grid["grid"], [*grid["ranges"]]) for grid in grids] == [
        ("marcs", "fgk_mgb", ["synthetic"])
    ]


def test_what_a_run_takes():
    # Of 89 stars half is trained on, in 20 copies: 44 of them (44.5 rounded to even), and 45 others.
    recipe = load_recipe("lamost_dr1", RECIPES)
    work = plan_work(recipe, {"survey": 89})
    assert work["bytes"] == 1450 * 8 * (89 + 2 * 89 * 20)
    assert work["training"] == {"cnn": pytest.approx(3 * (10 + 120 * 880 * 1450 * 5e-7))}
    # As many components are trained on as a compressed set keeps, or as an error is reckoned to keep: 50.
    recipe["models"]["cnn"]["network"] = {"pca_conv": {}}
    for compress, components in (({"components": 20}, 20), ({"error": 0.01}, 50)):
        recipe["sets"][recipe["models"]["cnn"]["stages"][0]["set"]]["compress"] = compress
        assert plan_work(recipe, {"survey": 89})["training"]["cnn"] == pytest.approx(
            3 * (10 + 120 * 880 * components * 5e-6)
        )
    # A grid's set has stars of its own: 60 000, of which 70 % are trained on.
    work = plan_work(load_recipe("demo", RECIPES), {"marcs": 800})
    assert work["bytes"] == 1600 * 8 * 2 * 60000
    assert work["training"] == {"mlp": pytest.approx(4 * (10 + 10 * 42000 * 1600 * 1e-7))}
