"""Which trials a study has, and what each of them trains."""

import pytest

from spectrolabe.train.studies import (
    apply_settings,
    count_epochs,
    describe_trial,
    find_texts,
    list_settings,
    networks_of,
    plan_trials,
    read_changes,
    share_networks,
    studied_part,
    write_value,
)

MODEL = {
    "network": {"perceptron": {"units": [8], "activation": "relu", "dropout": 0.5}},
    "head": {"point": {"loss": "mse"}},
    "stages": [
        {
            "name": "train",
            "set": "synthetic",
            "epochs": 9,
            "batch": 64,
            "optimiser": {"adam": {"learning_rate": 0.002}},
            "schedule": {"constant": {}},
            "early_stop": {"patience": 2},
            "snapshots": [3],
        }
    ],
}
CHOICES = {
    "activation": {"relu": "relu", "tanh": "tanh"},
    "dropout": {"0.3": 0.3},
    "optimiser": {"adam": {"adam": {"learning_rate": 0.002}}, "adamax": {"adamax": {"learning_rate": 0.001}}},
}
STUDY = {
    "labels": ["teff", "logg"],
    "together": False,
    "epochs": [2, 4],
    "seeds": 2,
    "method": {"one_at_a_time": {}},
    "base": {"activation": "relu", "dropout": "0.5", "optimiser": "adam"},
    "choices": CHOICES,
    "ranges": {},
}
RESIDUAL = {
    "network": {"residual": {"stem": 128, "blocks": [64], "dropout": 0.4}},
    "head": {"point": {"loss": "huber", "hidden": {"teff": [48, 32], "feh": [16]}, "hidden_dropout": 0.0}},
    "stages": [{"batch": 256, "optimiser": {"adamw": {"learning_rate": 0.001, "weight_decay": 0.01}}}],
}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("relu", "relu"),
        (0.3, "0.3"),
        (0.0, "0"),
        (64, "64"),
        ([8, 4, 4], "8-4-4"),
        (None, "none"),
        (True, "true"),
        ([], "none"),
    ],
)
def test_values_as_text(value, text):
    assert write_value(value) == text


def test_the_settings_of_a_model():
    settings = {"units": [8], "activation": "relu", "dropout": 0.5, "loss": "mse", "batch": 64, "optimiser": "adam"}
    assert list_settings(MODEL) == settings | {"learning_rate": 0.002}
    found = MODEL | {"stages": [MODEL["stages"][0] | {"find_rate": {}}]}
    assert list_settings(found) == settings


def test_settings_come_to_their_places_and_leave_the_base_point_as_it_is():
    changes = {
        "activation": "tanh",
        "loss": "mae",
        "batch": 16,
        "learning_rate": 0.1,
        "optimiser": {"adamax": {"learning_rate": 1}},
    }
    changed = apply_settings(MODEL, changes)
    assert changed["network"] == {"perceptron": {"units": [8], "activation": "tanh", "dropout": 0.5}}
    assert changed["head"] == {"point": {"loss": "mae"}}
    stage = changed["stages"][-1]
    assert (stage["batch"], stage["optimiser"]) == (16, {"adamax": {"learning_rate": 0.1}})
    assert list_settings(MODEL)["learning_rate"] == 0.002


def test_one_change_at_a_time_shares_the_base_point():
    trials = plan_trials(STUDY)
    named = [(trial["parameter"], trial["value"], trial["seed"]) for trial in trials if trial["label"] == "logg"]
    changes = [("base", "base"), ("activation", "tanh"), ("dropout", "0.3"), ("optimiser", "adamax")]
    assert named == [(*change, seed) for change in changes for seed in (0, 1)]
    assert len(trials) == 2 * len(named)
    # Four kinds of trial, twice, of four epochs.
    assert count_epochs(STUDY) == 32


def test_a_grid_has_all_combinations_but_the_base_point():
    study = STUDY | {"method": {"grid": {}}, "seeds": 1, "labels": ["teff"]}
    # 2 x 1 x 2 combinations, none of which has the base point's dropout.
    assert [trial["value"] for trial in plan_trials(study)] == ["base", "0", "1", "2", "3"]
    assert find_texts(study, "grid", "2") == {"activation": "tanh", "dropout": "0.3", "optimiser": "adam"}
    narrow = study | {"choices": {key: CHOICES[key] for key in ("activation", "optimiser")}}
    narrow["base"] = {"activation": "relu", "optimiser": "adam"}
    assert [trial["value"] for trial in plan_trials(narrow)] == ["base", "1", "2", "3"]


def test_trials_of_a_joint_search_take_turns_with_the_seeds():
    trials = plan_trials(STUDY | {"method": {"joint": {"trials": 3}}, "labels": ["teff"]})
    assert [(trial["parameter"], trial["value"], trial["seed"]) for trial in trials] == [
        ("joint", "0", 0), ("joint", "1", 1), ("joint", "2", 0),
    ]  # fmt: skip


def test_a_trial_trains_what_it_changes_to_its_last_epoch():
    trial = describe_trial(MODEL, read_changes(STUDY, find_texts(STUDY, "optimiser", "adamax")), [2, 4], ["teff"])
    assert trial["stage"] == {
        "name": "train", "set": "synthetic", "epochs": 4, "batch": 64, "schedule": {"constant": {}},
        "optimiser": {"adamax": {"learning_rate": 0.001}},
    }  # fmt: skip
    assert trial["settings"]["optimiser"] == "adamax"
    assert (trial["network"], trial["head"]) == (MODEL["network"], MODEL["head"])
    base = describe_trial(MODEL, read_changes(STUDY, find_texts(STUDY, "base", "base")), [2, 4], ["teff"])
    assert base["settings"] == list_settings(MODEL)


def test_layers_of_one_label_and_the_weight_decay_are_settings():
    settings = list_settings(RESIDUAL)
    assert (settings["hidden.teff"], settings["hidden.feh"], settings["weight_decay"]) == ([48, 32], [16], 0.01)
    assert "hidden" not in settings
    changed = apply_settings(
        RESIDUAL, {"hidden.teff": [32], "hidden.logg": [8], "weight_decay": 0.1, "blocks": [64, 32]}
    )
    assert changed["head"]["point"]["hidden"] == {"teff": [32], "feh": [16], "logg": [8]}
    assert changed["network"]["residual"]["blocks"] == [64, 32]
    assert changed["stages"][-1]["optimiser"] == {"adamw": {"learning_rate": 0.001, "weight_decay": 0.1}}
    assert list_settings(RESIDUAL)["hidden.teff"] == [48, 32]


def test_an_optimiser_without_weight_decay_is_given_none():
    changed = apply_settings(RESIDUAL, {"weight_decay": 0.1, "optimiser": {"adam": {"learning_rate": 0.002}}})
    assert changed["stages"][-1]["optimiser"] == {"adam": {"learning_rate": 0.002}}
    assert changed["network"] == RESIDUAL["network"]


def test_a_network_of_some_labels_has_no_layers_for_others():
    trial = describe_trial(RESIDUAL, {}, [3], ["feh"])
    assert trial["head"] == {"point": {"loss": "huber", "hidden": {"feh": [16]}, "hidden_dropout": 0.0}}
    assert "hidden.teff" not in trial["settings"]


def test_labels_together_have_one_network():
    together = STUDY | {"together": True}
    assert networks_of(together) == {"all": ["teff", "logg"]}
    assert {trial["label"] for trial in plan_trials(together)} == {"all"}
    assert len(plan_trials(together)) == len(plan_trials(STUDY)) / 2
    assert networks_of(STUDY) == {"teff": ["teff"], "logg": ["logg"]}
    assert share_networks(STUDY, STUDY | {"labels": ["logg", "feh"]})
    assert share_networks(together, together)
    assert not share_networks(together, STUDY)
    assert not share_networks(together, together | {"labels": ["teff"]})


def test_ranges_have_a_budget_of_all_trials_and_values_that_are_numbers():
    ranges = {
        "dropout": {"from": 0, "to": 0.5, "law": "linear", "whole": False},
        "stem": {"from": 64, "to": 128, "step": 16, "law": "linear", "whole": True},
    }
    study = STUDY | {"method": {"joint": {"trials": 7}}, "ranges": ranges, "choices": {}}
    study["base"] = {"dropout": "0.5", "stem": "none"}
    assert count_epochs(study) == 7 * 4
    assert read_changes(study, {"dropout": "0.25", "stem": "80"}) == {"dropout": 0.25, "stem": 80}
    assert read_changes(study, study["base"]) == {}


def test_folds_stand_in_the_place_of_seeds():
    study = STUDY | {"folds": 3, "seeds": 1, "labels": ["teff"]}
    trials = plan_trials(study)
    assert [trial["fold"] for trial in trials] == [0, 1, 2] * 4
    assert "seed" not in trials[0]


def test_a_study_varies_the_stage_that_it_names():
    stages = [MODEL["stages"][0], {"name": "tune", "set": "observed", "start_from": "train"}]
    part = studied_part(MODEL | {"stages": stages}, {"stage": "train"})
    assert [stage["name"] for stage in part["stages"]] == ["train"]
    assert list_settings(part)["batch"] == 64


def test_one_list_of_layers_for_all_labels_is_a_setting():
    binned = {"binned": {"bins": {"teff": {"start": 4000}}, "focusing": 2.0, "triplet": 0.001, "hidden": [64]}}
    model = MODEL | {"head": binned}
    settings = list_settings(model)
    assert (settings["hidden"], settings["focusing"], settings["triplet"]) == ([64], 2.0, 0.001)
    # Bins belong to the labels.
    assert "bins" not in settings
    changed = apply_settings(model, {"hidden": [32, 16], "margin": 1.0, "triplet": 0.0} | {"focusing": 0.0})
    assert changed["head"]["binned"]["hidden"] == [32, 16]
    described = describe_trial(model, {"hidden": []}, [4], ["teff"])
    assert described["head"]["binned"]["hidden"] == []
    assert described["head"]["binned"]["bins"] == binned["binned"]["bins"]


def test_a_trial_averages_no_weights():
    stage = MODEL["stages"][0] | {"average": 1}
    assert "average" not in describe_trial(MODEL | {"stages": [stage]}, {}, [4], ["teff"])["stage"]
