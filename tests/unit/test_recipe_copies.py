"""Steps that the copies of a star go through apart from each other, as a recipe has them."""

import inspect

import pytest
from tiny_recipe import TINY, changed, load

from spectrolabe.recipe import RECIPE_SCHEMA
from spectrolabe.recipe_copies import IN_COPIES, steps_of_copies
from spectrolabe.spectra.steps import STEPS

NOISE = {"add_noise": {"snr": [5, 300], "law": "uniform"}}
SCALE = {"scale": {"min": 0.95, "max": 1.05}}


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "config" / "recipes"
    path.mkdir(parents=True)
    return path


def test_every_copy_has_the_steps_of_all_and_its_own():
    resample, pixels = {"resample": {}}, {"zero_pixels": {"max": 0.1}}
    assert steps_of_copies([resample, NOISE]) == [[resample, NOISE]]
    lists = {"by_copy": [[], [NOISE], [SCALE, NOISE]]}
    assert steps_of_copies([resample, lists, pixels]) == [
        [resample, pixels],
        [resample, NOISE, pixels],
        [resample, SCALE, NOISE, pixels],
    ]
    # Of two and three lists side by side, every sixth copy is alike.
    assert len(steps_of_copies([lists, {"by_copy": [[], [SCALE]]}])) == 6


def test_a_recipe_keeps_the_lists_and_fills_in_their_defaults(folder):
    steps = [*TINY["sets"]["synthetic"]["steps"], {"by_copy": [[], [NOISE], [{"zero_pixels": {}}]]}]
    recipe = load(folder, changed({"sets.synthetic.steps": steps, "sets.synthetic.copies": 3}))
    assert recipe["sets"]["synthetic"]["steps"][-1] == {"by_copy": [[], [NOISE], [{"zero_pixels": {"max": 0.1}}]]}


def test_continuum_may_be_distorted_anew_in_every_epoch(folder):
    later = [{"distort_continuum": {"min": 0.95, "max": 1.05}}]
    assert load(folder, changed({"sets.synthetic.on_the_fly": later}))["sets"]["synthetic"]["on_the_fly"] == later


def test_the_schema_names_the_steps_of_copies():
    part = RECIPE_SCHEMA.root["$defs"]["by_copy"]
    assert all(name in STEPS and name in part["description"] for name in IN_COPIES)
    keywords = [p for p in inspect.signature(STEPS["by_copy"]).parameters.values() if p.kind is p.KEYWORD_ONLY]
    assert [keyword.name for keyword in keywords] == ["lists"]
