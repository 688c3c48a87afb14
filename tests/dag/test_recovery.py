"""Stars are injected into one model, and only where a recipe asks for it."""

import pytest


@pytest.fixture
def recipe(place):
    settings = {
        "extends": "demo",
        "datasets": {"atlas9": {"kind": "grid", "grid": "fgk_mgb_atlas9"}},
        "recovery": {"model": "mlp", "set": "synthetic", "other": "atlas9", "stars": 100},
        "validate": ["recovery"],
    }
    place.add_recipe("with_recovery", settings)
    yield "with_recovery"
    (place.folder / "config" / "recipes" / "with_recovery.yaml").unlink()


def test_injected_stars_are_predicted_recovered_and_drawn(place, recipe):
    jobs = place.count_jobs(recipes=recipe)
    expected = {"inject_spectra": 1, "recover": 1, "plot_recovery": 1}
    assert {name: jobs[name] for name in expected} == expected
    # Of the test part, the calibration part and the injected stars.
    assert (jobs["predict_labels"], jobs["write_catalogue"]) == (3, 2)


def test_recipes_without_the_key_inject_none(place):
    assert not {"inject_spectra", "recover"} & set(place.count_jobs(recipes="lamost_dr1"))
