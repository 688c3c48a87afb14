"""Range tests of learning rates: one per stage that asks for it, and a figure per model."""

import pytest


@pytest.fixture
def recipe(place):
    stage = {"name": "first", "set": "synthetic", "epochs": 2, "find_rate": {}}
    stages = [stage, {**stage, "name": "second", "start_from": "first"}]
    models = {"found": {"extends": "mlp", "members": 3, "stages": stages}}
    predict = [{"model": name, "dataset": "synthetic-test"} for name in ("mlp", "found")]
    place.add_recipe("rates", {"extends": "demo", "models": models, "predict": predict, "validate": ["learning_rates"]})
    yield "rates"
    (place.folder / "config" / "recipes" / "rates.yaml").unlink()


def test_one_test_serves_all_members_of_a_stage(place, recipe):
    jobs, alone = place.count_jobs(recipes=recipe), place.count_jobs(recipes="demo")
    assert "find_rate" not in alone
    assert jobs["find_rate"] == 2
    assert jobs["plot_learning_rates"] == 1
    assert jobs["train_member"] == alone["train_member"] + 2 * 3
