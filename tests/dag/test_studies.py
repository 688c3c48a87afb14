"""Every trial of a study is a job of its own, and another value adds its own alone."""

import pytest

STAGE = {"name": "train", "set": "synthetic", "epochs": 5}
SWEEPS = {"model": "plain", "labels": ["teff", "feh"], "epochs": [2, 4], "seeds": 2}


@pytest.fixture
def recipe(place):
    vary = {"activation": ["relu", "tanh"], "dropout": [0.3]}
    joint = {"extends": "sweeps", "labels": ["teff"], "method": {"joint": {"trials": 5}}}
    plain = {"extends": "mlp", "stages": [STAGE]}
    span = {"dropout": {"from": 0, "to": 0.5}}
    together = joint | {"vary": span | {"activation": ["relu", "tanh"]}, "labels": ["teff", "feh"], "together": True}
    folded = {"model": "plain", "together": True, "epochs": [4], "folds": 3, "vary": {"dropout": [0.3]}}
    studies = {"sweeps": SWEEPS | {"vary": vary}, "joint": joint, "together": together, "folded": folded}
    place.add_recipe("studied", {"extends": "demo", "models": {"plain": plain}, "studies": studies})
    yield "studied"
    (place.folder / "config" / "recipes" / "studied.yaml").unlink()


def test_trials_are_jobs(place, recipe):
    jobs = place.count_jobs(recipes=recipe)
    # Of each label and seed the base point, tanh and the dropout; relu is the base point's.
    # One search of a label, and one of both together.
    # Of each fold the base point and the dropout.
    assert (jobs["run_trial"], jobs["search_trial"]) == (2 * 2 * 3 + 3 * 2, 5 + 5)
    assert (jobs["summarise_study"], jobs["compare_studies"]) == (4, 1)


def test_recipes_without_studies_have_no_trials(place):
    assert not {"run_trial", "search_trial", "summarise_study"} & set(place.count_jobs(recipes="demo"))
