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
            " tanh, sigmoid (did you mean 'tanh'?)",
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
            "key 'studies.s.vary.optimiser[0]': found 'adm'; expected one of adam, rmsprop, adadelta, adamax, nadam"
            " (did you mean 'adam'?)",
        ),
        (
            studied({"vary": {"dropuot": [0.1]}}),
            "key 'studies.s.vary': found 'dropuot'; expected one of flux_scaling, components, filters, kernel, strides,"
            " pool, dense, activation, initialiser, dropout, batch, optimiser, learning_rate (did you mean 'dropout'?)",
        ),
        (
            studied({"vary": {"learning_rate": [0.1]}}, **RATE),
            "key 'studies.s.vary': found 'learning_rate'; expected one of flux_scaling, components, filters, kernel,"
            " strides, pool, dense, activation, initialiser, dropout, batch, optimiser",
        ),
        (
            studied({}, **COSINE),
            "key 'studies.s.epochs': found [2, 1]; expected one number: the rate of the last stage of model 'cnn' falls"
            " with them (cosine), so that one run cannot stand for several",
        ),
        (
            studied({}, **{"models.cnn.stages": TUNED}),
            "key 'studies.s.model': found 'cnn'; expected a model whose last stage starts from new weights (the last"
            " stage of model 'cnn' has start_from)",
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
