"""Figures of copies and of errors by rotation are planned for what they say something of."""

import pytest

COPIES = {"by_copy": [[], [{"add_noise": {"snr": [5, 300], "law": "uniform"}}]]}


@pytest.fixture
def recipe(place):
    steps = [{"rotate": {"max": 50}}, {"broaden": {}}, {"resample": {}}]
    noisy = [*steps, {"add_noise": {"snr": [5, 300], "law": "uniform"}}]
    changes = {
        "labels": ["teff", "vsini"],
        "sets": {
            "synthetic": {"copies": 2, "steps": [*steps, COPIES]},
            "noisy": {"extends": "synthetic", "steps": noisy},
        },
        "models": {"mlp": {"labels": ["teff"]}},
        "predict": [{"model": "mlp", "dataset": "synthetic-training"}, {"model": "mlp", "dataset": "noisy-test"}],
        "validate": ["augmentation", "error_by_rotation"],
    }
    place.add_recipe("copies", {"extends": "demo"} | changes)
    yield "copies"
    (place.folder / "config" / "recipes" / "copies.yaml").unlink()


def test_figures_are_of_sets_with_copies_and_of_what_was_not_trained_on(place, recipe):
    jobs = place.count_jobs(recipes=recipe)
    assert (jobs["plot_augmentation"], jobs["plot_catalogue"]) == (1, 1)
