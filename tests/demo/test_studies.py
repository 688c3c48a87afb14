"""A study from the grid to its tables: compressed copies, sweeps and a joint search, databases side by side."""

import json

import pandas as pd
import pytest
import yaml
from workplace import Workplace

EPOCHS = [1, 2]
SMALL = {"filters": [2, 2], "kernel": 4, "dense": [8], "dropout": 0.1}
STAGE = {
    "name": "train",
    "set": "database",
    "epochs": 2,
    "batch": 32,
    "optimiser": {"adam": {}},
    "find_rate": {"lowest": 1e-4, "steps": 50},
}
RECIPE = {
    "seed": 5,
    "labels": ["teff", "logg"],
    "wavelength": {"arms": [{"start": 5160, "stop": 5180, "step": 0.2}], "resolution": 10000, "medium": "air"},
    "datasets": {"marcs": {"kind": "grid", "grid": "fgk_mgb"}},
    "sets": {
        "database": {
            "from": "marcs",
            "stars": 80,
            "ranges": {"teff": [4200, 6800], "logg": [1, 4.8], "feh": [-2, 0.4], "alpha_fe": [-0.1, 0.5]},
            "copies": 2,
            "steps": [
                {"broaden": {}},
                {"resample": {}},
                {"by_copy": [[], [{"scale": {"min": 0.95, "max": 1.05}}, {"add_noise": {"snr": [50, 300]}}]]},
            ],
            "compress": {"components": 5},
            "split": {"validation": 0.2, "calibration": 0.2, "test": 0.2},
        },
    },
    "models": {
        "base": {
            "labels": ["teff"],
            "network": {"pca_conv": SMALL},
            "head": {"point": {"loss": "mse"}},
            "members": 1,
            "stages": [STAGE],
        },
    },
    "studies": {
        "sweeps": {
            "model": "base",
            "measure": "database-validation",
            "epochs": EPOCHS,
            "vary": {"activation": ["relu", "tanh"], "batch": [16, 32]},
        },
        "joint": {"extends": "sweeps", "method": {"joint": {"trials": 3}}},
        "folded": {
            "model": "base",
            "together": True,
            "epochs": [2],
            "folds": 2,
            "criterion": "loss",
            "vary": {"activation": ["tanh"]},
        },
    },
    "databases": {"models": ["base"], "tests": ["database-test"]},
    "predict": [{"model": "base", "dataset": "database-test"}],
    "validate": ["losses"],
}
TABLES = [
    "train/studies/sweeps.csv",
    "train/studies/joint.csv",
    "train/studies/folded.csv",
    "validate/studies.csv",
    "validate/databases.csv",
]
TARGETS = [f"results/tiny/{path}" for path in TABLES]


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Workplace:
    """A workplace in which the studies of the recipe `tiny` have been run."""
    place = Workplace(tmp_path_factory.mktemp("studies"))
    place.add_recipe("tiny", RECIPE)
    status, output = place.run(*TARGETS, recipes="tiny")
    assert status == 0, output
    return place


@pytest.fixture(scope="module")
def results(place):
    return place.folder / "results" / "tiny"


def trials_of(results, study):
    return {path.stem: json.loads(path.read_text()) for path in (results / "train" / "trials" / study).glob("*.json")}


def test_each_choice_is_tried_once(results):
    trials = trials_of(results, "sweeps")
    tried = {(trial["parameter"], trial["value"]) for trial in trials.values()}
    assert tried == {("base", "base"), ("activation", "tanh"), ("batch", "16")}
    assert len(trials) == 3
    for trial in trials.values():
        assert trial["label"] == "teff"
        assert trial["state"] == "finished", trial["reason"]
        assert [row["epoch"] for row in trial["epochs"]] == EPOCHS
        assert all(row["std"] > 0 for row in trial["epochs"])
        assert trial["learning_rate"] > 0
        assert trial["parameters"] > 0


def test_the_joint_search_has_the_trials_that_were_asked_for(results):
    trials = trials_of(results, "joint")
    assert sorted(trial["value"] for trial in trials.values()) == ["0", "1", "2"]
    assert {trial["state"] for trial in trials.values()} <= {"finished", "pruned", "not run"}
    assert {"activation", "batch"} <= set(next(iter(trials.values()))["settings"])


def test_tables_hold_every_trial_and_the_best(results):
    rows = pd.read_parquet(results / "train" / "studies" / "sweeps.parquet")
    assert len(rows) == 3 * len(EPOCHS)
    best = pd.read_csv(results / "train" / "studies" / "sweeps.csv")
    assert best["parameter"].tolist() == ["activation", "batch", "epochs"]
    assert best["std"].min() == pytest.approx(rows["std"].min())
    assert (best["std"] <= best["base_std"]).all()
    compared = pd.read_csv(results / "validate" / "studies.csv")
    assert dict(zip(compared["study"], compared["epochs_spent"], strict=True)) == {"joint": 6, "sweeps": 6}


def test_the_best_settings_make_a_recipe(place, results):
    fragment = yaml.safe_load((results / "train" / "studies" / "sweeps.yaml").read_text())
    (name,) = fragment["models"]
    place.add_recipe("best", fragment)
    jobs = place.count_jobs(f"results/best/train/kept/{name}.json", recipes="best")
    assert jobs["train_member"] == jobs["find_rate"] == 1


def test_folds_leave_each_star_out_once(results):
    rows = pd.read_parquet(results / "train" / "studies" / "folded.parquet")
    assert sorted(zip(rows["parameter"], rows["fold"], strict=True)) == [
        ("activation", 0), ("activation", 1), ("base", 0), ("base", 1),
    ]  # fmt: skip
    best = pd.read_csv(results / "train" / "studies" / "folded.csv")
    assert best["val_loss"].tolist() == pytest.approx([rows.groupby("parameter")["val_loss"].mean().min()] * 2)
    assert (best["spread"] >= 0).all()


def test_databases_are_scored_on_their_own_parts_and_on_the_tests(results):
    scores = pd.read_csv(results / "validate" / "databases.csv")
    assert scores["part"].tolist() == ["training", "validation", "database-test"]
    assert set(scores["set"]) == {"database"}
    assert (scores["std"] > 0).all()


def test_members_train_with_the_rate_that_was_found(results):
    found = json.loads((results / "train" / "rates" / "base" / "train.json").read_text())
    history = pd.read_parquet(results / "train" / "histories" / "base" / "train" / "0.parquet")
    assert history["learning_rate"].tolist() == pytest.approx([found["rate"]] * 2)


def test_a_finished_trial_is_never_repeated(place, results):
    assert place.count_jobs(*TARGETS, recipes="tiny") == {}
    # As if the run had been killed before its last trial of the sweeps.
    (trial,) = (results / "train" / "trials" / "sweeps").glob("*parameter~batch*.json")
    trial.unlink()
    for path in (results / "train" / "studies").glob("sweeps.*"):
        path.unlink()
    assert place.count_jobs(*TARGETS, recipes="tiny") == {"run_trial": 1, "summarise_study": 1, "compare_studies": 1}
