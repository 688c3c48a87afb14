"""A compressed set: components are learnt once, its parts become coefficients, and networks are trained on these."""

import pytest

SETS = {
    "synthetic": {"compress": {"components": 20}},
    "nodes": {"from": "marcs", "steps": [{"broaden": {}}, {"rotate": {"max": 50}}, {"resample": {}}]},
}


@pytest.fixture
def recipe(place):
    models = {"mlp": {"members": 2, "keep": None}}
    place.add_recipe("compressed", {"extends": "demo", "sets": SETS, "models": models, "validate": ["components"]})
    yield "compressed"
    (place.folder / "config" / "recipes" / "compressed.yaml").unlink()


def test_training_and_validation_spectra_become_coefficients(place, recipe):
    jobs = place.count_jobs(recipes=recipe)
    expected = {"learn_components": 1, "compress_spectra": 2, "train_member": 2, "plot_components": 1}
    assert {name: jobs[name] for name in expected} == expected
    # All parts of the set, and the grid's own nodes, which the components are measured on.
    assert jobs["build_set"] > place.count_jobs(recipes="demo")["build_set"]


def test_recipes_without_compression_learn_no_components(place):
    assert not {"learn_components", "compress_spectra"} & set(place.count_jobs(recipes="demo"))
