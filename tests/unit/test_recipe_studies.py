"""Studies of a recipe: filled in, or refused in one sentence before any job starts."""

import pytest
import yaml
from tiny_recipe import changed, load, message, write

from spectrolabe.recipe import load_recipe
from spectrolabe.train.studies import plan_trials
from spectrolabe.train.summaries import find_best, tabulate_trials, write_models

STUDY = {"model": "cnn", "epochs": [2, 1], "vary": {"activation": ["relu", "tanh"], "batch": [32]}}
POINT = {"models.cnn.head": {"point": {}}}
RATE = {"models.cnn.stages.0.find_rate": {}}
COSINE = {"models.cnn.stages.0.schedule": {"cosine": {}}}
TUNED = [
    {"name": "train", "set": "synthetic", "epochs": 2},
    {"name": "tune", "set": "synthetic", "epochs": 2, "start_from": "train"},
]


def studied(changes, **others):
    return changed({"studies": {"s": STUDY | changes}} | others)


def test_a_study_is_filled_in(tmp_path):
    vary = {"activation": ["tanh", "relu"], "optimiser": ["adadelta", "adam"], "dropout": [0.3], "loss": ["mae"]}
    rate = {"models.cnn.stages.0.optimiser": {"adam": {"learning_rate": 0.02}}}
    recipe = load(tmp_path, studied({"vary": vary}, **POINT, **rate))
    study = recipe["studies"]["s"]
    assert (study["labels"], study["measure"], study["epochs"]) == (
        ["teff", "logg", "vsini"], "synthetic-validation", [1, 2],
    )  # fmt: skip
    assert (study["seeds"], study["method"]) == (1, {"one_at_a_time": {}})
    assert study["base"] == {"activation": "relu", "dropout": "0", "loss": "mse", "optimiser": "adam"}
    # The base point's optimiser keeps its own rate, the other has its usual one.
    optimisers = {"adadelta": {"adadelta": {"learning_rate": 1.0}}, "adam": {"adam": {"learning_rate": 0.02}}}
    assert study["choices"]["optimiser"] == optimisers
    assert study["choices"]["dropout"] == {"0.3": 0.3}


def test_a_study_may_be_a_difference_and_a_joint_search_has_the_base_point_too(tmp_path):
    joint = {"extends": "s", "method": {"joint": {"trials": 4}}, "labels": ["logg"]}
    recipe = load(tmp_path, changed({"studies": {"s": STUDY, "j": joint}}))
    study = recipe["studies"]["j"]
    assert study["choices"] == {"activation": {"relu": "relu", "tanh": "tanh"}, "batch": {"32": 32, "64": None}}
    assert len(plan_trials(study)) == 4


def test_the_last_stage_from_new_weights_is_studied(tmp_path):
    recipe = load(tmp_path, studied({"folds": 4, "criterion": "loss"}, **{"models.cnn.stages": TUNED}))
    study = recipe["studies"]["s"]
    assert (study["stage"], study["folds"], study["criterion"]) == ("train", 4, "loss")
    # The base point, tanh, and the batch of 32, for each of three labels.
    assert len(plan_trials(study)) == 3 * 3 * 4


CYCLES = {"models.cnn.stages.0.schedule": {"cosine_cycles": {"cycles": 4}}, "models.cnn.stages.0.epochs": 8}


def test_epochs_are_a_multiple_of_the_cycles(tmp_path):
    assert load(tmp_path, studied({"epochs": [12]}, **CYCLES))["studies"]["s"]["epochs"] == [12]
    expected = "found [10]; expected a multiple of the 4 cycles of stage 'train' of model 'cnn'"
    assert message(tmp_path, studied({"epochs": [10]}, **CYCLES)) == f"recipe 'x': key 'studies.s.epochs': {expected}"
    assert "falls with them (cosine_cycles)" in message(tmp_path, studied({"epochs": [8, 4]}, **CYCLES))


BINS = {
    "teff": {"start": 4000, "stop": 7000, "width": 100},
    "logg": {"start": 1.0, "stop": 5.0, "width": 0.1},
    "vsini": {"start": 0.0, "stop": 50.0, "width": 5.0},
}


def test_a_network_of_residual_modules_and_its_binned_head_are_studied(tmp_path):
    vary = {"filters": [[8, 8], [16]], "kernel": [3], "focusing": [0.0], "triplet": [0.0], "hidden": [[32, 16]]}
    parts = {"network": {"residual_conv": {"filters": [8]}}, "head": {"binned": {"bins": BINS}}}
    choice = {"vary": vary, "together": True, "folds": 2, "epochs": [2]}
    recipe = load(tmp_path, studied(choice, **{f"models.cnn.{name}": part for name, part in parts.items()}))
    study = recipe["studies"]["s"]
    assert (study["base"]["filters"], study["base"]["hidden"], study["base"]["triplet"]) == ("8", "64", "0.001")
    assert study["choices"]["filters"] == {"8-8": [8, 8], "16": [16]}
    assert {trial["label"] for trial in plan_trials(study)} == {"all"}
    bins = studied({"vary": {"bins": [BINS]}}, **{f"models.cnn.{name}": part for name, part in parts.items()})
    assert "found 'bins'; expected one of" in message(tmp_path, bins)


def test_recipes_without_the_key_have_no_studies(tmp_path):
    assert load(tmp_path, changed({}))["studies"] == {}


@pytest.mark.parametrize(
    ("recipe", "sentence"),
    [
        (studied({"model": "cn"}), "key 'studies.s.model': found 'cn'; expected cnn"),
        (
            studied({"labels": ["feh"]}),
            "key 'studies.s.labels[0]': found 'feh', which no set of model 'cnn' has; expected one of logg, teff,"
            " vmic, vsini",
        ),
        (
            studied({"measure": "synthetic-training"}),
            "key 'studies.s.measure': found 'synthetic-training'; expected one of synthetic-validation,"
            " synthetic-calibration, synthetic-test (did you mean 'synthetic-validation'?)",
        ),
        (
            studied({"measure": "synthetic-test"}),
            "key 'studies.s.measure': found 'synthetic-test', which results are quoted on; expected another part, since"
            " what settings were chosen on says too much good of them",
        ),
        (
            studied({"vary": {"activation": ["relu", "tahn"]}}),
            "key 'studies.s.vary.activation[1]': found 'tahn'; expected one of relu, leaky_relu, elu, selu, gelu, silu,"
            " tanh, sigmoid, mish (did you mean 'tanh'?)",
        ),
        (
            studied({"vary": {"batch": [0]}}),
            "key 'studies.s.vary.batch[0]': found 0; expected a whole number of at least 1",
        ),
        (
            studied({"vary": {"filters": [[2, 0]]}}),
            "key 'studies.s.vary.filters[0][1]': found 0; expected a whole number of at least 1",
        ),
        (
            studied({"vary": {"optimiser": ["adm"]}}),
            "key 'studies.s.vary.optimiser[0]': found 'adm'; expected one of adam, adamw, rmsprop, adadelta, adamax,"
            " nadam (did you mean 'adam'?)",
        ),
        (
            studied({"vary": {"dropuot": [0.1]}}),
            "key 'studies.s.vary': found 'dropuot'; expected one of flux_scaling, components, filters, kernel, strides,"
            " pool, dense, activation, initialiser, dropout, hidden_activation, hidden_dropout, scaling, batch,"
            " optimiser, learning_rate (did you mean 'dropout'?)",
        ),
        (
            studied({"vary": {"learning_rate": [0.1]}}, **RATE),
            "key 'studies.s.vary': found 'learning_rate'; expected one of flux_scaling, components, filters, kernel,"
            " strides, pool, dense, activation, initialiser, dropout, hidden_activation, hidden_dropout, scaling,"
            " batch, optimiser",
        ),
        (
            studied({}, **COSINE),
            "key 'studies.s.epochs': found [2, 1]; expected one number: the rate of stage 'train' of model 'cnn' falls"
            " with them (cosine), so that one run cannot stand for several",
        ),
        (
            studied({"stage": "tune"}, **{"models.cnn.stages": TUNED}),
            "key 'studies.s.stage': found 'tune'; expected a stage that starts from new weights (stage 'tune' of model"
            " 'cnn' has start_from)",
        ),
        (studied({"stage": "trian"}), "key 'studies.s.stage': found 'trian'; expected train"),
        (
            studied({"folds": 3, "seeds": 2}),
            "key 'studies.s.seeds': found 2; expected 1 where there are folds, which repeat each trial",
        ),
        (
            studied({"folds": 3, "measure": "synthetic-validation"}),
            "key 'studies.s.measure': found 'synthetic-validation' beside folds; expected no measure, since each fold"
            " is what its trials are compared on",
        ),
        (
            studied({"folds": 3, "method": {"joint": {"trials": 4}}}),
            "key 'studies.s.folds': found 3; expected no folds with the method joint, which judges each trial by one"
            " training",
        ),
        (
            studied({"folds": 3}, **{"sets.synthetic.on_the_fly": [{"add_noise": {"snr": [50, 100]}}]}),
            "key 'studies.s.folds': found 3; expected no folds, since training spectra of the set 'synthetic' lack the"
            " steps on_the_fly",
        ),
        (studied({"folds": 1}), "key 'studies.s.folds': found 1; expected a whole number of at least 2"),
        (
            studied({"criterion": "loss", "vary": {"loss": ["mae"]}}, **POINT),
            "key 'studies.s.criterion': found 'loss'; expected 'error' where loss varies, since each value of it has a"
            " loss of its own",
        ),
        (
            studied({"criterion": "loss", "method": {"joint": {"trials": 4}}}),
            "key 'studies.s.criterion': found 'loss'; expected 'error' with the method joint, which gives trials up by"
            " their errors",
        ),
        (
            studied({"method": {"joint": {}}}),
            "key 'studies.s.method.joint.trials': found nothing; expected a whole number of at least 1",
        ),
        (studied({"vary": {}}), "key 'studies.s.vary': found {}; expected a mapping with an entry or more"),
        (
            changed({"validate": ["study"]}),
            "key 'validate': found 'study' without studies; expected the key studies, or no study in validate",
        ),
    ],
)
def test_a_wrong_study(tmp_path, recipe, sentence):
    assert message(tmp_path, recipe) == f"recipe 'x': {sentence}"


def test_the_components_of_a_compressed_set_are_given(tmp_path):
    recipe = studied(
        {"vary": {"components": [2]}},
        **{"sets.synthetic.compress": {"components": 3}, "models.cnn.network": {"pca_conv": {}}},
    )
    assert "found 'components'; expected one of flux_scaling, filters" in message(tmp_path, recipe)


def test_databases_tests_are_results_too(tmp_path):
    databases = {"models": ["cnn"], "tests": ["synthetic-calibration"]}
    recipe = studied({"measure": "synthetic-calibration"}, databases=databases)
    assert "which results are quoted on" in message(tmp_path, recipe)


def test_models_that_a_study_writes_are_accepted(tmp_path):
    choice = {"vary": {"activation": ["tanh"], "optimiser": ["adamax"]}, "labels": ["teff"]}
    recipe = load(tmp_path, studied(choice), name="mine")
    study, model = recipe["studies"]["s"], recipe["models"]["cnn"]
    row = {"epoch": 1, "std": 1.0, "scatter": 1.0, "bias": 0.0, "mae": 1.0, "val_loss": 1.0}
    trials = [
        trial
        | {"settings": {"activation": "relu", "optimiser": "adam"} | settings, "learning_rate": 0.001, "seconds": 1.0}
        | {"state": "finished", "epochs": [row | {"std": std}]}
        for trial, settings, std in zip(
            plan_trials(study), [{}, {"activation": "tanh"}, {"optimiser": "adamax"}], [3.0, 1.0, 2.0], strict=True
        )
    ]
    best = find_best(tabulate_trials(trials, study), study)
    written = write_models(best, recipe="mine", name="s", study=study, model=model)
    write(tmp_path, "tuned", yaml.safe_dump(written, sort_keys=False))
    tuned = load_recipe("tuned", tmp_path)["models"]["s_teff"]
    assert tuned["network"] == {"conv": model["network"]["conv"] | {"activation": "tanh"}}
    assert tuned["stages"][0] == model["stages"][0] | {"optimiser": {"adamax": {"learning_rate": 0.001}}, "epochs": 1}
    assert (tuned["labels"], tuned["members"]) == (["teff"], 3)


ADAMW = {"models.cnn.stages.0.optimiser": {"adamw": {"weight_decay": 0.02}}}
HIDDEN = {"models.cnn.head": {"point": {"hidden": {"teff": [8]}}}}
JOINT = {"method": {"joint": {"trials": 4}}}


def test_ranges_are_drawn_from(tmp_path):
    vary = {
        "dropout": {"from": 0, "to": 0.5},
        "batch": {"from": 32, "to": 128, "step": 32},
        "weight_decay": {"from": 1e-5, "to": 1e-2, "law": "log"},
        "hidden.teff": [[8], [16, 8]],
        "components": {"from": 2, "to": 9},
    }
    study = load(tmp_path, studied({"vary": vary, "together": True} | JOINT, **ADAMW, **HIDDEN))["studies"]["s"]
    assert study["ranges"] == {
        "batch": {"from": 32, "law": "linear", "step": 32, "to": 128, "whole": True},
        "components": {"from": 2, "law": "linear", "to": 9, "whole": True},
        "dropout": {"from": 0, "law": "linear", "to": 0.5, "whole": False},
        "weight_decay": {"from": 1e-5, "law": "log", "to": 1e-2, "whole": False},
    }
    assert study["base"] == {
        "batch": "64", "components": "none", "dropout": "0", "hidden.teff": "8", "weight_decay": "0.02",
    }  # fmt: skip
    assert study["choices"] == {"hidden.teff": {"16-8": [16, 8], "8": [8]}}
    assert [trial["label"] for trial in plan_trials(study)] == ["all"] * 4


def test_layers_of_a_label_are_varied_by_themselves_where_it_is_alone(tmp_path):
    study = load(tmp_path, studied({"vary": {"hidden.teff": [[4]]}, "labels": ["teff"]}, **HIDDEN))["studies"]["s"]
    assert study["base"] == {"hidden.teff": "8"}
    assert study["choices"] == {"hidden.teff": {"4": [4]}}


def ranged(span, setting="dropout", **method):
    return studied({"vary": {setting: span}} | (method or JOINT), **ADAMW, **HIDDEN)


@pytest.mark.parametrize(
    ("recipe", "sentence"),
    [
        (
            ranged({"from": 0, "to": 0.5}, method={"grid": {}}),
            ".dropout': found {from: 0, to: 0.5, law: linear}; expected a list of values: from a range the method joint"
            " draws, grid cannot",
        ),
        (
            ranged({"from": 0, "to": 1}, "activation"),
            ".activation': found {from: 0, to: 1, law: linear}; expected a list of values, since activation is no"
            " number",
        ),
        (
            ranged({"from": 1, "to": 2}, "optimiser"),
            ".optimiser': found {from: 1, to: 2, law: linear}; expected a list of values, since optimiser is no number",
        ),
        (ranged({"from": 0.5, "to": 0.1}), ".dropout': found {from: 0.5, to: 0.1}; expected from below to"),
        (ranged({"from": 0}), ".dropout.to': found nothing; expected a number"),
        (ranged({"from": 0, "to": 1}), ".dropout.to': found 1; expected a number of at least 0 and below 1"),
        (ranged({"from": 1.5, "to": 9}, "batch"), ".batch.from': found 1.5; expected a whole number of at least 1"),
        (
            ranged({"from": 0, "to": 0.5, "steps": 2}),
            ".dropout': found 'steps'; expected one of from, to, step, law (did you mean 'step'?)",
        ),
        (
            ranged({"from": 32, "to": 64, "step": 0.5}, "batch"),
            ".batch.step': found 0.5; expected a whole number, as batch is",
        ),
        (
            ranged({"from": 0.1, "to": 0.5, "step": 0.3}),
            ".dropout.to': found 0.5; expected a number that steps of 0.3 from 0.1 come upon",
        ),
        (
            ranged({"from": 0, "to": 0.5, "law": "log"}),
            ".dropout.from': found 0; expected a number above 0, where the law is log",
        ),
        (
            ranged({"from": 1e-5, "to": 0.1, "law": "log", "step": 0.01}, "weight_decay"),
            ".weight_decay.step': found 0.01; expected no step where the law is log",
        ),
        (ranged(0.1), ".dropout': found 0.1; expected a list or a mapping"),
        (
            ranged([[4]], "hidden.teff"),
            "': found 'hidden.teff'; expected together: true, since only networks of several labels have layers for one"
            " of them",
        ),
        (
            ranged([[4]], "hidden.Teff"),
            "': found 'hidden.Teff'; expected the name of a setting, such as dropout or hidden.teff (pattern"
            " ^[a-z][a-z0-9_]*([.][a-z][a-z0-9_]*)?$)",
        ),
    ],
)
def test_a_wrong_range(tmp_path, recipe, sentence):
    assert message(tmp_path, recipe) == f"recipe 'x': key 'studies.s.vary{sentence}"


def test_a_rate_that_falls_after_it_rose_needs_one_number_of_epochs_too(tmp_path):
    schedule = {"models.cnn.stages.0.schedule": {"warmup_cosine": {}}}
    assert "(warmup_cosine), so that one run cannot stand for several" in message(tmp_path, studied({}, **schedule))
    assert load(tmp_path, studied({"epochs": [2]}, **schedule))["studies"]["s"]["epochs"] == [2]


def test_a_model_of_labels_together_is_accepted(tmp_path):
    layers = {"models.cnn.head": {"point": {"hidden": {"teff": [8], "vsini": [4]}}}}
    choice = {"vary": {"hidden.teff": [[16, 4]], "dropout": {"from": 0, "to": 0.5}}, "labels": ["teff", "logg"]}
    recipe = load(tmp_path, studied(choice | JOINT | {"together": True}, **layers), name="mine")
    study, model = recipe["studies"]["s"], recipe["models"]["cnn"]
    errors = {"std": 0.1, "scatter": 0.1, "bias": 0.0, "mae": 0.1}
    row = {"epoch": 2, "val_loss": 1.0, "labels": {"teff": errors, "logg": errors}} | errors
    settings = {"hidden.teff": [16, 4], "dropout": 0.1235}
    trial = plan_trials(study)[1] | {"settings": settings, "learning_rate": 0.001, "seconds": 1.0}
    best = find_best(tabulate_trials([trial | {"state": "finished", "epochs": [row]}], study), study)
    written = write_models(best, recipe="mine", name="s", study=study, model=model)
    write(tmp_path, "tuned", yaml.safe_dump(written, sort_keys=False))
    tuned = load_recipe("tuned", tmp_path)["models"]["s_all"]
    assert (tuned["labels"], tuned["network"]["conv"]["dropout"]) == (["teff", "logg"], 0.1235)
    assert tuned["head"]["point"]["hidden"] == {"teff": [16, 4]}
