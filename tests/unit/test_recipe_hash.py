"""The checksum of a recipe: it changes with what a catalogue follows from, and with nothing else."""

from copy import deepcopy

import pytest

from spectrolabe.recipe_hash import hash_recipe

STAGES = {"cnn": [{"name": "train", "set": "synthetic"}], "other": [{"name": "train", "set": "perturbed"}]}
RECIPE = {
    "seed": 1,
    "flags": {"min_snr": 10},
    "wavelength": {"medium": "air"},
    "validate": ["residuals"],
    "datasets": {"marcs": {"grid": "a"}, "atlas": {"grid": "b"}, "survey": {"files": "c"}, "second": {"files": "d"}},
    "sets": {"synthetic": {"from": "marcs"}, "perturbed": {"from": "atlas"}},
    "models": {name: {"members": 2, "stages": stages} for name, stages in STAGES.items()},
    "cross_grid": {"model": "other", "models": ["cnn", "other"]},
}


def changed(path, value):
    """The recipe with another value at a path of keys."""
    recipe = deepcopy(RECIPE)
    place = recipe
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return recipe


@pytest.mark.parametrize(
    "path",
    [
        ["seed"],
        ["flags", "min_snr"],
        ["wavelength", "medium"],
        ["models", "cnn", "members"],
        ["sets", "synthetic", "copies"],
        ["datasets", "marcs", "grid"],
        ["datasets", "survey", "files"],
    ],
)
def test_what_a_catalogue_follows_from_changes_it(path):
    assert hash_recipe(changed(path, 99), "cnn", "survey") != hash_recipe(RECIPE, "cnn", "survey")


@pytest.mark.parametrize(
    "path", [["validate"], ["models", "other", "members"], ["sets", "perturbed", "copies"], ["datasets", "second"]]
)
def test_what_it_does_not_follow_from_changes_nothing(path):
    assert hash_recipe(changed(path, 99), "cnn", "survey") == hash_recipe(RECIPE, "cnn", "survey")


def test_the_model_that_grids_are_compared_by_counts_the_others():
    recipe = changed(["models", "cnn", "members"], 99)
    assert hash_recipe(recipe, "other", "survey") != hash_recipe(RECIPE, "other", "survey")


def test_a_set_to_calibrate_on_counts():
    recipe = changed(["models", "cnn", "calibrate_on"], "perturbed")
    first = hash_recipe(recipe, "cnn", "survey")
    recipe["sets"]["perturbed"]["copies"] = 5
    assert hash_recipe(recipe, "cnn", "survey") != first


def test_a_part_of_a_set_counts_with_its_set():
    recipe = changed(["sets", "perturbed", "copies"], 5)
    assert hash_recipe(recipe, "cnn", "perturbed-test") != hash_recipe(RECIPE, "cnn", "perturbed-test")
    assert len(hash_recipe(recipe, "cnn", "perturbed-test")) == 64


def test_injected_stars_count_with_what_injects_them():
    recipe = changed(["recovery"], {"stars": 10, "other": "atlas"})
    first = hash_recipe(recipe, "cnn", "synthetic-injected")
    assert hash_recipe(recipe, "cnn", "synthetic-test") == hash_recipe(RECIPE, "cnn", "synthetic-test")
    recipe["datasets"]["atlas"]["grid"] = "c"
    second = hash_recipe(recipe, "cnn", "synthetic-injected")
    recipe["recovery"]["stars"] = 20
    assert len({first, second, hash_recipe(recipe, "cnn", "synthetic-injected")}) == 3
