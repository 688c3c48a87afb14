"""Standardised spectra in a recipe."""

import pytest
from tiny_recipe import TINY, changed, load, message

SPREAD = {"add_noise": {"spread": [0.01, 0.05]}}
PREPARE = [{"rest_frame": {}}, {"resample": {"method": "cubic", "ends": "nearest"}}, {"standardise": {}}]
OBSERVED = {"from": "survey", "copies": 3, "steps": [{"by_copy": [[], [SPREAD], [SPREAD]]}]}


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "config" / "recipes"
    path.mkdir(parents=True)
    return path


def test_copies_of_standardised_spectra_have_noise_of_their_spread(folder):
    recipe = load(folder, changed({"datasets.survey.prepare": PREPARE, "sets.observed": OBSERVED}))
    assert recipe["sets"]["observed"]["steps"] == OBSERVED["steps"]
    assert recipe["datasets"]["survey"]["prepare"][1]["resample"]["ends"] == "nearest"


def test_noise_of_copies_is_not_of_a_continuum(folder):
    steps = [{"by_copy": [[], [{"add_noise": {"snr": [5, 300]}}]]}]
    text = message(folder, changed({"datasets.survey.prepare": PREPARE, "sets.observed": OBSERVED | {"steps": steps}}))
    assert "key 'sets.observed.steps': found 'add_noise' without spread behind 'standardise'" in text


def test_noise_before_may_be_of_a_continuum_and_spectra_standardised_again(folder):
    first = TINY["sets"]["synthetic"]["steps"]
    steps = [*first, {"add_noise": {"max": 0.1}}, {"standardise": {}}, SPREAD, {"standardise": {}}]
    assert load(folder, changed({"sets.synthetic.steps": steps}))["sets"]["synthetic"]["steps"][3:] == steps[3:]


def test_stars_are_not_injected_into_standardised_spectra(folder):
    steps = [*TINY["sets"]["synthetic"]["steps"], {"standardise": {}}]
    changes = {"sets.synthetic.steps": steps, "recovery": {"model": "cnn", "set": "synthetic"}}
    assert "key 'recovery.set': found 'synthetic'; expected a set without standardise" in message(
        folder, changed(changes)
    )
