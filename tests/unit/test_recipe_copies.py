"""Steps that the copies of a star go through apart from each other, as a recipe has them."""

import inspect

import pytest
from tiny_recipe import TINY, changed, load

from spectrolabe.recipe import RECIPE_SCHEMA
from spectrolabe.recipe_copies import IN_COPIES, steps_of_copies
from spectrolabe.spectra.steps import STEPS

NOISE = {"add_noise": {"snr": [5, 300], "law": "uniform"}}
SCALE = {"scale": {"min": 0.95, "max": 1.05}}
ROTATE = {"rotate": {"max": 50}}


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


def test_copies_may_have_resolutions_and_fixed_levels_of_noise_of_their_own(folder):
    lists = [[{"broaden": {"resolution": power}}] for power in (10000, 11000, 12000)]
    noise = [[{"add_noise": {"snr": [snr, snr]}}] for snr in (200, 80)]
    steps = [ROTATE, {"by_copy": lists}, {"resample": {}}, {"by_copy": noise}]
    recipe = load(folder, changed({"sets.synthetic.steps": steps, "sets.synthetic.copies": 6}))
    kept = recipe["sets"]["synthetic"]["steps"]
    assert (kept[1], kept[3]) == (steps[1], steps[3])
    pairs = [(own[1]["broaden"]["resolution"], own[3]["add_noise"]["snr"][0]) for own in steps_of_copies(kept)]
    assert sorted(pairs) == [(power, snr) for power in (10000, 11000, 12000) for snr in (80, 200)]


def test_copies_may_have_the_resolution_of_the_recipe(folder):
    changes = {"sets.synthetic.steps": [ROTATE, {"by_copy": [[], [{"broaden": {}}]]}, {"resample": {}}]}
    changes |= {"sets.synthetic.copies": 2, "wavelength.resolution": 9000}
    arms = load(folder, changed(changes))["sets"]["synthetic"]["steps"][1]["by_copy"][1][0]["broaden"]["arms"]
    assert {arm["resolution"] for arm in arms} == {9000}


def test_a_resolution_of_its_own_needs_none_in_the_recipe(folder):
    steps = [ROTATE, {"broaden": {"resolution": 8000}}, {"resample": {}}]
    assert load(folder, changed({"sets.synthetic.steps": steps}))["sets"]["synthetic"]["steps"][1] == steps[1]


def test_continuum_may_be_distorted_anew_in_every_epoch(folder):
    later = [{"distort_continuum": {"min": 0.95, "max": 1.05}}]
    assert load(folder, changed({"sets.synthetic.on_the_fly": later}))["sets"]["synthetic"]["on_the_fly"] == later


def test_the_schema_names_the_steps_of_copies():
    part = RECIPE_SCHEMA.root["$defs"]["by_copy"]
    assert all(name in STEPS and name in part["description"] for name in IN_COPIES)
    keywords = [p for p in inspect.signature(STEPS["by_copy"]).parameters.values() if p.kind is p.KEYWORD_ONLY]
    assert [keyword.name for keyword in keywords] == ["lists"]
