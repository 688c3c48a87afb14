"""Embeddings: training spectra are embedded once, each prediction has its neighbours, and maps take three jobs."""

import re

import pytest

BINS = {
    "teff": {"start": 3900, "stop": 7100, "width": 80},
    "logg": {"start": 0.8, "stop": 5.2, "width": 0.1},
    "feh": {"start": -2.6, "stop": 0.6, "width": 0.1},
}


@pytest.fixture
def recipe(place):
    stages = [
        {"name": "first", "set": "synthetic", "epochs": 4, "snapshots": [1, 4]},
        {"name": "second", "set": "synthetic", "epochs": 2, "start_from": "first"},
    ]
    model = {
        "extends": "mlp",
        "labels": list(BINS),
        "keep": None,
        "head": {"binned": {"bins": BINS}},
        "members": 2,
        "stages": stages,
    }
    predict = [{"model": "binned", "dataset": f"synthetic-{part}"} for part in ("test", "validation")]
    own = {"models": {"binned": model}, "predict": predict, "validate": ["embedding"]}
    place.add_recipe("embedded", {"extends": "demo", "neighbours": {"model": "binned", "k": 3}, **own})
    yield "embedded"
    (place.folder / "config" / "recipes" / "embedded.yaml").unlink()


def test_embeddings_are_planned_once_and_neighbours_for_each_prediction(place, recipe):
    jobs = place.count_jobs(recipes=recipe)
    once = ("embed_training", "embed_snapshots", "map_embedding", "plot_embedding")
    assert {name: jobs[name] for name in once} == dict.fromkeys(once, 1)
    assert jobs["find_neighbours"] == jobs["compare_neighbours"] == 2
    status, output = place.run("--dry-run", recipes=recipe)
    assert status == 0, output
    drawn = set(re.findall(r"(\S*/validate/figures/[\w/-]+\.png)", output))
    named = {path.partition("figures/")[2].rstrip(",") for path in drawn}
    assert named == {f"embedding/binned/synthetic-{part}.png" for part in ("training", "validation")}
    # Snapshots are of the stage that keeps some; what predicts is the last.
    snapshots = re.search(r"rule embed_snapshots:\n    input: (.*)\n", output)[1]
    assert re.findall(r"snapshots/binned/(\w+)/(\d)", snapshots) == [("first", "0"), ("first", "1")]
    training = re.search(r"rule embed_training:\n    input: (.*)\n", output)[1]
    assert re.findall(r"models/binned/(\w+)/\d", training) == ["second", "second"]
    assert re.findall(r"sets/(\w+)/training", training) == ["synthetic"]
    report = re.search(r"rule write_report:\n    input: (.*)\n", output)[1]
    assert "validate/neighbours/binned/synthetic-test.examples.csv" in report
