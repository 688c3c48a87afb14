"""Models that train side by side on one set: labels of their own, and snapshots of the training."""

import pytest

OWN = {"extends": "mlp", "labels": ["teff", "feh"]}


@pytest.fixture
def recipe(place):
    models = {"own": OWN, "kept": {"extends": "mlp", "members": 3}}
    stage = {"name": "train", "set": "synthetic", "epochs": 5, "snapshots": [1, 5]}
    models["kept"]["stages"] = [stage]
    predict = [{"model": name, "dataset": "synthetic-test"} for name in ("mlp", "own", "kept")]
    validate = ["kiel", "losses", "kiel_evolution"]
    place.add_recipe("side_by_side", {"extends": "demo", "models": models, "predict": predict, "validate": validate})
    yield "side_by_side"
    (place.folder / "config" / "recipes" / "side_by_side.yaml").unlink()


def test_one_set_serves_models_of_several_labels(place, recipe):
    jobs, alone = place.count_jobs(recipes=recipe), place.count_jobs(recipes="demo")
    assert jobs["build_set"] == alone["build_set"]
    assert jobs["choose_members"] == jobs["plot_losses"] == 3
    # A model without log g has no Kiel diagram, one without snapshots no picture of its training.
    assert jobs["plot_catalogue"] == 2
    assert jobs["predict_snapshots"] == jobs["plot_kiel_evolution"] == 1
