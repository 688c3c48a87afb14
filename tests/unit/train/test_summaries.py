"""What studies have found, from results of trials written by hand."""

import pandas as pd
import pytest
import yaml

from spectrolabe.train.summaries import compare_studies, find_best, tabulate_trials, write_models

STUDY = {
    "model": "base",
    "labels": ["teff"],
    "together": False,
    "epochs": [2, 4],
    "seeds": 2,
    "criterion": "error",
    "stage": "train",
    "method": {"one_at_a_time": {}},
    "base": {"activation": "relu", "dropout": "0.5"},
    "choices": {"activation": {"relu": "relu", "tanh": "tanh"}, "dropout": {"0.3": 0.3, "0.1": 0.1}},
    "ranges": {},
}
MODEL = {
    "labels": ["teff", "logg"],
    "network": {"perceptron": {"units": [8], "activation": "relu", "dropout": 0.5}},
    "head": {"point": {"loss": "mse"}},
    "stages": [
        {"name": "first", "set": "synthetic", "epochs": 1},
        {
            "name": "train",
            "set": "synthetic",
            "epochs": 9,
            "batch": 64,
            "optimiser": {"adam": {"learning_rate": 0.001}},
            "schedule": {"constant": {}},
            "snapshots": [3, 6],
        },
    ],
}


def result(parameter, value, errors, seed=0, state="finished", **settings):
    """A trial with the errors after epochs 2 and 4."""
    rows = [
        {"epoch": epoch, "std": std, "scatter": std, "bias": 0.0, "mae": std, "val_loss": std}
        for epoch, std in zip((2, 4), errors, strict=False)
    ]
    identity = {"label": "teff", "parameter": parameter, "value": value, "seed": seed, "state": state}
    settings = {"activation": "relu", "dropout": 0.5, "batch": 64} | settings
    return identity | {"settings": settings, "learning_rate": 0.001, "seconds": 10.0, "epochs": rows}


TRIALS = [
    result("base", "base", [9, 6]),
    result("base", "base", [9, 8], seed=1),
    result("activation", "tanh", [7, 5], activation="tanh"),
    result("activation", "tanh", [7, 7], seed=1, activation="tanh"),
    result("dropout", "0.3", [9, 8], dropout=0.3),
    result("dropout", "0.3", [9, 8], seed=1, dropout=0.3),
    # Best of all where it went well, and it did not with every seed.
    result("dropout", "0.1", [2, 1], dropout=0.1),
    result("dropout", "0.1", [2], seed=1, state="failed", dropout=0.1) | {"seconds": None},
]


def test_the_table_has_a_row_per_trial_and_noted_epoch():
    table = tabulate_trials([*TRIALS[:2], result("dropout", "0.1", [], state="not run")], STUDY)
    assert table["epoch"].tolist() == [2, 4, 2, 4, pd.NA]
    assert table["std"].tolist()[:4] == [9, 6, 9, 8]
    assert table["trained"].tolist() == [4, 4, 4, 4, 0]
    # What is not varied is left out.
    assert table["settings"][0] == '{"activation": "relu", "dropout": "0.5"}'


def test_the_best_value_of_each_parameter_is_that_of_the_lowest_mean():
    best = find_best(tabulate_trials(TRIALS, STUDY), STUDY).set_index("parameter")
    assert best["value"].to_dict() == {"activation": "tanh", "dropout": "0.5", "epochs": "4"}
    assert best["std"].tolist() == [6, 7, 6]
    assert best["epoch"].tolist() == [4, 4, 4]
    assert best["base_value"].tolist() == ["relu", "0.5", "4"]
    # Eight trials of four epochs; one that failed may have come that far.
    assert best[["base_std", "trials", "epochs_spent"]].drop_duplicates().to_numpy().tolist() == [[7, 8, 32]]


def test_a_joint_search_has_the_settings_of_its_best_trial():
    study = STUDY | {"method": {"joint": {"trials": 4}}}
    trials = [
        result("joint", "0", [9, 6]),
        result("joint", "1", [8, 5], seed=1, activation="tanh", dropout=0.3),
        result("joint", "2", [9], state="pruned", dropout=0.3),
        result("joint", "3", [], state="not run", dropout=0.1),
    ]
    best = find_best(tabulate_trials(trials, study), study).set_index("parameter")
    assert best["value"].to_dict() == {"activation": "tanh", "dropout": "0.3", "epochs": "4"}
    assert best["std"].tolist() == [5, 5, 5]
    assert best[["base_std", "trials", "epochs_spent"]].drop_duplicates().to_numpy().tolist() == [[6, 3, 10]]


def test_where_nothing_came_to_an_end_the_base_point_stays():
    failed = [result("base", "base", [], seed=seed, state="failed") | {"seconds": None} for seed in (0, 1)]
    best = find_best(tabulate_trials(failed, STUDY), STUDY)
    assert best["value"].tolist() == ["relu", "0.5", "4"]
    assert best["std"].isna().all()


def test_models_with_the_best_settings_extend_the_base_point():
    best = find_best(tabulate_trials(TRIALS, STUDY), STUDY)
    recipe = write_models(best, recipe="mine", name="sweeps", study=STUDY, model=MODEL)
    assert (recipe["extends"], list(recipe["models"])) == ("mine", ["sweeps_teff"])
    model = recipe["models"]["sweeps_teff"]
    assert model["network"] == {"perceptron": {"activation": "tanh"}}
    assert (model["extends"], model["labels"], model["head"]) == ("base", ["teff"], {"point": {}})
    first, last = model["stages"]
    assert first == MODEL["stages"][0]
    # The snapshot after epoch 6 is never reached.
    assert (last["epochs"], last["batch"], last["snapshots"]) == (4, 64, [3])


def test_models_of_several_labels_are_written_without_anchors():
    best = find_best(tabulate_trials(TRIALS, STUDY), STUDY)
    both = pd.concat([best, best.assign(label="logg")])
    study = STUDY | {"labels": ["teff", "logg"]}
    recipe = write_models(both, recipe="mine", name="sweeps", study=study, model=MODEL)
    assert recipe["models"]["sweeps_teff"]["stages"] == recipe["models"]["sweeps_logg"]["stages"]
    assert "&" not in yaml.safe_dump(recipe)


def test_studies_of_a_label_are_compared_at_what_they_cost():
    joint = STUDY | {"method": {"joint": {"trials": 2}}, "labels": ["teff", "logg"]}
    trials = [result("joint", "0", [9, 6]), result("joint", "1", [8, 5], activation="tanh")]
    tables = {"sweeps": tabulate_trials(TRIALS, STUDY), "joint": tabulate_trials(trials, joint)}
    compared = compare_studies(tables, {"sweeps": STUDY, "joint": joint})
    assert compared["label"].tolist() == ["teff", "teff"]
    assert compared["best_std"].tolist() == [6, 5]
    assert compared["epochs_spent"].tolist() == [32, 8]
    assert compared["seconds"].tolist() == pytest.approx([70, 20])
    assert compared["settings"][1] == "activation tanh, dropout 0.5, epochs 4"


DROPOUT = {"from": 0, "to": 0.4, "law": "linear", "whole": False}
TOGETHER = STUDY | {
    "labels": ["teff", "logg"],
    "together": True,
    "method": {"joint": {"trials": 3}},
    "seeds": 1,
    "base": {"dropout": "0.5", "hidden.teff": "8"},
    "choices": {"hidden.teff": {"8": None, "16-4": [16, 4]}},
    "ranges": {"dropout": DROPOUT},
}
SHARED = MODEL | {"labels": ["teff", "logg", "feh"], "head": {"point": {"hidden": {"teff": [8], "feh": [4]}}}}


def shared(value, errors, **settings):
    """A trial of two labels together, whose errors are 1000 K and 2 dex times that of both."""
    trial = result("joint", value, errors, **{"hidden.teff": [8]} | settings) | {"label": "all"}
    rows = [
        row | {"labels": {"teff": {"std": 1000 * row["std"]}, "logg": {"std": 2 * row["std"]}}}
        for row in trial["epochs"]
    ]
    return trial | {"epochs": rows}


SHARING = [
    shared("0", [0.5, 0.4]),
    shared("1", [0.3, 0.2], **{"hidden.teff": [16, 4], "dropout": 0.1235}),
    shared("2", [], dropout=0.2) | {"state": "failed", "seconds": None},
]


def test_labels_together_are_compared_by_their_mean_and_noted_apart():
    table = tabulate_trials(SHARING, TOGETHER)
    assert table.loc[0, ["label", "std", "std_teff", "std_logg"]].tolist() == ["all", 0.5, 500, 1]
    assert table["settings"][2] == '{"dropout": "0.1235", "hidden.teff": "16-4"}'
    best = find_best(table, TOGETHER)
    assert best["value"].tolist() == ["0.1235", "16-4", "4"]
    assert best.loc[0, ["std", "std_teff", "std_logg", "base_std"]].tolist() == [0.2, 200, 0.4, 0.4]
    # The one that failed counts as a whole one.
    assert best["epochs_spent"].tolist() == [12, 12, 12]


def test_a_model_of_labels_together_has_layers_for_these_alone():
    best = find_best(tabulate_trials(SHARING, TOGETHER), TOGETHER)
    recipe = write_models(best, recipe="mine", name="tuning", study=TOGETHER, model=SHARED)
    assert list(recipe["models"]) == ["tuning_all"]
    model = recipe["models"]["tuning_all"]
    assert (model["labels"], model["network"]) == (["teff", "logg"], {"perceptron": {"dropout": 0.1235}})
    assert model["head"] == {"point": {"hidden": {"teff": [16, 4], "feh": None}}}
    assert "&" not in yaml.safe_dump(recipe)


def test_labels_together_are_compared_with_the_same_alone():
    table = tabulate_trials(SHARING, TOGETHER)
    studies = {"one": TOGETHER, "other": TOGETHER, "fewer": TOGETHER | {"labels": ["teff"]}}
    compared = compare_studies(dict.fromkeys(studies, table), studies)
    assert compared[["study", "label"]].to_numpy().tolist() == [["one", "all"], ["other", "all"]]


FOLDED = STUDY | {"seeds": 1, "folds": 2, "epochs": [2]}


def folded(parameter, value, std, loss, fold, **settings):
    trial = result(parameter, value, [std], **settings)
    trial["epochs"][0]["val_loss"] = loss
    return {key: item for key, item in trial.items() if key != "seed"} | {"fold": fold}


FOLDS = [
    folded("base", "base", 10, 1.0, 0),
    folded("base", "base", 14, 3.0, 1),
    folded("activation", "tanh", 8, 4.0, 0, activation="tanh"),
    folded("activation", "tanh", 12, 4.0, 1, activation="tanh"),
    folded("dropout", "0.3", 5, 0.5, 0, dropout=0.3),
    # A fold is missing, so that the mean is none of all stars.
    folded("dropout", "0.3", 5, 0.5, 1, dropout=0.3) | {"state": "failed"},
]


def test_folds_are_averaged_with_their_spread():
    table = tabulate_trials(FOLDS, FOLDED)
    assert table["fold"].tolist() == [0, 1] * 3
    assert "seed" not in table
    best = find_best(table, FOLDED).set_index("parameter")
    assert best["value"].to_dict() == {"activation": "tanh", "dropout": "0.5", "epochs": "2"}
    assert best.loc["activation", ["std", "spread", "base_std"]].tolist() == [10, 2, 12]
    assert best["trials"].tolist() == [6, 6, 6]


def test_trials_may_be_compared_by_their_losses():
    by_loss = FOLDED | {"criterion": "loss"}
    best = find_best(tabulate_trials(FOLDS, by_loss), by_loss).set_index("parameter")
    assert best["value"].to_dict() == {"activation": "relu", "dropout": "0.5", "epochs": "2"}
    assert best.loc["activation", ["std", "val_loss", "spread", "base_val_loss"]].tolist() == [12, 2, 1, 2]
    assert set(best["criterion"]) == {"loss"}


def test_stages_after_the_studied_one_stay():
    later = {"name": "tune", "set": "observed", "epochs": 3, "start_from": "train"}
    model = MODEL | {"stages": [*MODEL["stages"], later]}
    best = find_best(tabulate_trials(TRIALS, STUDY), STUDY)
    recipe = write_models(best, recipe="mine", name="sweeps", study=STUDY, model=model)
    stages = recipe["models"]["sweeps_teff"]["stages"]
    assert [(stage["name"], stage["epochs"]) for stage in stages] == [("first", 1), ("train", 4), ("tune", 3)]
