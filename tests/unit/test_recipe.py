"""Recipes: what they extend, which defaults they get, and what steps take from their wavelengths."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from tiny_recipe import TINY, changed, load, message, write

from spectrolabe.recipe import load_recipe

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "config" / "recipes"
    path.mkdir(parents=True)
    return path


@pytest.mark.parametrize("path", sorted((ROOT / "config" / "recipes").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_recipe_is_accepted(path):
    assert load_recipe(path.stem, path.parent)["labels"]


def test_a_recipe_needs_no_keras():
    code = "import sys, spectrolabe.recipe; sys.exit('keras' in sys.modules or 'snakemake' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT / "workflow", check=True)


def test_defaults_are_filled_in_at_every_depth(folder):
    recipe = load(folder, changed({"models.cnn.stages.0.schedule": {"plateau": {"patience": 7}}}))
    assert recipe["seed"] == 1
    assert recipe["flags"] == {"max_bad_share": 0.2, "max_err": {}, "min_snr": 10, "false_alarms": 0.02}
    assert recipe["validate"] == ["residuals", "noise", "losses", "kiel", "coverage", "pit"]
    assert recipe["datasets"]["survey"]["shard_size"] == 5000
    split = recipe["sets"]["synthetic"]["split"]
    assert split == {"by": "source_id", "calibration": 0.1, "test": 0.1, "validation": 0.1}
    assert recipe["sets"]["synthetic"]["copies"] == 1
    assert recipe["sets"]["synthetic"]["steps"][0] == {"rotate": {"label": "vsini", "max": 50, "min": 0}}
    assert recipe["models"]["cnn"]["network"]["conv"] == {
        "activation": "relu",
        "dense": [256, 128],
        "dropout": 0,
        "filters": [2],
        "flux_scaling": "per_pixel",
        "initialiser": "he_normal",
        "kernel": 8,
        "pool": 4,
    }
    stage = recipe["models"]["cnn"]["stages"][0]
    assert stage["optimiser"] == {"adam": {"learning_rate": 0.001}}
    assert stage["schedule"] == {"plateau": {"factor": 0.5, "min_rate": 1e-6, "patience": 7}}
    assert "early_stop" not in stage
    assert "keep" not in recipe["models"]["cnn"]


def test_alternatives_left_out_of_a_stage_get_their_default(folder):
    stage = load(folder, TINY)["models"]["cnn"]["stages"][0]
    assert stage["schedule"] == {"constant": {}}
    assert stage["batch"] == 64


def test_normalise_gets_its_defaults(folder):
    steps = [{"resample": {}}, {"normalise": {"asymmetric_clip": {"segment": 40}}}]
    recipe = load(folder, changed({"datasets.survey.prepare": steps}))
    filled = recipe["datasets"]["survey"]["prepare"][1]
    assert filled == {"normalise": {"asymmetric_clip": {"high": 2.0, "low": 0.5, "segment": 40}}}


def test_broaden_and_resample_take_what_they_need_from_the_wavelengths(folder):
    arms = [{"start": 5000, "stop": 5010, "step": 0.5}, {"start": 6000, "stop": 6500, "step": 1e-5, "scale": "log"}]
    arms[1]["resolution"] = 9000
    recipe = load(folder, changed({"wavelength.arms": arms}))
    steps = recipe["sets"]["synthetic"]["steps"]
    assert steps[1]["broaden"] == {
        "arms": [{"resolution": 20000, "start": 5000, "stop": 5010}, {"resolution": 9000, "start": 6000, "stop": 6500}]
    }
    grid = [
        {"scale": "linear", "start": 5000, "step": 0.5, "stop": 5010},
        {"scale": "log", "start": 6000, "step": 1e-5, "stop": 6500},
    ]
    assert steps[2]["resample"] == {"arms": grid, "medium": "air", "method": "cubic", "ends": "missing"}
    prepare = recipe["datasets"]["survey"]["prepare"]
    assert prepare[1]["resample"] == {"arms": grid, "medium": "air", "method": "conserve", "ends": "missing"}
    assert [arm["resolution"] for arm in recipe["wavelength"]["arms"]] == [20000, 9000]


def test_steps_with_ranges_know_their_medium(folder):
    mask = {"asymmetric_clip": {"mask": [[5001, 5002]]}}
    steps = [{"mask_pixels": {"ranges": [[5005, 5006]]}}, {"resample": {}}, {"normalise": mask}]
    prepare = load(folder, changed({"datasets.survey.prepare": steps}))["datasets"]["survey"]["prepare"]
    assert prepare[0]["mask_pixels"] == {"medium": "air", "ranges": [[5005, 5006]]}
    assert prepare[2]["normalise"]["asymmetric_clip"]["medium"] == "air"


def test_the_order_of_keys_changes_nothing_and_lists_keep_theirs(folder):
    recipe = load(folder, TINY, "a")
    backwards = {key: TINY[key] for key in reversed(TINY)}
    assert yaml.safe_dump(load(folder, backwards, "b"), sort_keys=False) == yaml.safe_dump(recipe, sort_keys=False)
    assert list(recipe) == sorted(recipe)
    assert recipe["labels"] == ["teff", "logg", "vsini"]


def test_numbers_may_be_written_with_an_exponent_alone(folder):
    text = yaml.safe_dump(TINY).replace("step: 0.5", "step: 5e-1")
    assert load(folder, text)["wavelength"]["arms"][0]["step"] == 0.5


def test_a_recipe_is_a_difference_from_another(folder):
    write(folder, "base", TINY)
    recipe = load(folder, {"extends": "base", "seed": 7, "models": {"cnn": {"network": {"conv": {"pool": 2}}}}})
    assert recipe["seed"] == 7
    assert recipe["labels"] == TINY["labels"]
    conv = recipe["models"]["cnn"]["network"]["conv"]
    assert (conv["filters"], conv["pool"]) == ([2], 2)
    assert "extends" not in recipe


def test_extension_goes_on_over_several_recipes(folder):
    write(folder, "a", TINY)
    write(folder, "b", {"extends": "a", "seed": 3, "labels": ["teff", "logg"]})
    recipe = load(folder, {"extends": "b", "labels": ["logg", "teff"]}, "c")
    assert (recipe["seed"], recipe["labels"]) == (3, ["logg", "teff"])


def test_another_alternative_replaces_and_the_same_is_merged(folder):
    head = {"models.cnn.head": {"point": {"loss": "huber"}}, "models.cnn.keep": {"best": 2}}
    write(folder, "base", changed(head))
    same = load(folder, {"extends": "base", "models": {"cnn": {"head": {"point": {}}}}})
    shared = {"hidden": {}, "hidden_activation": "gelu", "hidden_dropout": 0, "scaling": "standard"}
    assert same["models"]["cnn"]["head"] == {"point": {"loss": "huber", "weights": "equal"} | shared}
    difference = {"head": {"gaussian": {}}, "keep": {"drop_worst": 1}}
    other = load(folder, {"extends": "base", "models": {"cnn": difference}})
    assert other["models"]["cnn"]["head"] == {"gaussian": shared}
    assert other["models"]["cnn"]["keep"] == {"drop_worst": 1}


def test_a_model_of_fewer_labels_leaves_the_others_layers_out(folder):
    whole = TINY["models"]["cnn"] | {"head": {"point": {"hidden": {"teff": [48, 32], "logg": [48]}}}}
    fewer = {"extends": "cnn", "labels": ["teff"], "head": {"point": {"hidden": {"logg": None}}}}
    models = load(folder, changed({"models": {"cnn": whole, "alone": fewer}}))["models"]
    assert models["alone"]["head"]["point"]["hidden"] == {"teff": [48, 32]}
    assert models["cnn"]["head"]["point"]["hidden"] == {"teff": [48, 32], "logg": [48]}


def test_another_kind_of_dataset_replaces_the_whole(folder):
    write(folder, "base", TINY)
    survey = {"kind": "survey", "reader": "sdss_spec", "files": ["a/*.fits", "b/*.fits"], "prepare": [{"resample": {}}]}
    changes = {"datasets": {"nodes": survey}, "sets": {"synthetic": {"stars": None, "ranges": None}}}
    recipe = load(folder, {"extends": "base"} | changes)
    assert "grid" not in recipe["datasets"]["nodes"]
    assert "stars" not in recipe["sets"]["synthetic"]


def test_lists_are_replaced_whole(folder):
    write(folder, "base", TINY)
    steps = [{"resample": {}}]
    recipe = load(
        folder, {"extends": "base", "labels": ["teff"], "sets": {"synthetic": {"steps": steps}}, "validate": []}
    )
    assert [list(step) for step in recipe["sets"]["synthetic"]["steps"]] == [["resample"]]
    assert recipe["validate"] == []


def test_null_removes_a_key(folder):
    write(folder, "base", changed({"models.cnn.keep": {"best": 2}}))
    survey = {"datasets": {"survey": None}, "predict": [{"model": "cnn", "dataset": "synthetic-test"}]}
    recipe = load(folder, {"extends": "base", "models": {"cnn": {"keep": None}}} | survey)
    assert "keep" not in recipe["models"]["cnn"]
    assert list(recipe["datasets"]) == ["nodes"]


def test_sets_and_models_are_differences_from_siblings(folder):
    write(folder, "base", changed({"models.cnn.keep": {"best": 2}}))
    models = {"small": {"extends": "cnn", "members": 2}, "smaller": {"extends": "small", "keep": None}}
    recipe = load(
        folder, {"extends": "base", "models": models, "sets": {"noisy": {"extends": "synthetic", "copies": 4}}}
    )
    assert recipe["models"]["small"]["keep"] == {"best": 2}
    assert recipe["models"]["smaller"]["members"] == 2
    assert "keep" not in recipe["models"]["smaller"]
    assert recipe["sets"]["noisy"]["stars"] == 10
    assert recipe["sets"]["noisy"]["copies"] == 4
    assert "extends" not in recipe["models"]["smaller"]


def test_a_dataset_is_a_difference_from_a_sibling(folder):
    write(folder, "base", TINY)
    recipe = load(folder, {"extends": "base", "datasets": {"more": {"extends": "survey", "files": "more/*.fits"}}})
    assert recipe["datasets"]["more"] == recipe["datasets"]["survey"] | {"files": "more/*.fits"}


def test_defaults_do_not_override_what_is_extended(folder):
    write(folder, "base", changed({"sets.synthetic.copies": 6}))
    assert load(folder, {"extends": "base", "sets": {"synthetic": {"stars": 5}}})["sets"]["synthetic"]["copies"] == 6


@pytest.mark.parametrize(
    ("recipes", "sentence"),
    [
        ({"x": {"extends": "x"}}, "key 'extends': found the cycle x -> x; expected a chain that ends"),
        ({"y": {"extends": "x"}, "x": {"extends": "y"}}, "key 'extends': found the cycle x -> y -> x; expected"),
        ({"y": TINY, "x": {"extends": "z"}}, "key 'extends': found 'z'; expected y"),
        ({"x": changed({"models.a": {"extends": "b"}, "models.b": {"extends": "a"}})},
         "key 'models.b.extends': found the cycle a -> b -> a; expected a chain that ends"),
        ({"x": changed({"sets.a": {"extends": "synthetik"}})},
         "key 'sets.a.extends': found 'synthetik'; expected synthetic"),
        ({"y": TINY, "x": {"extends": 3}}, "key 'extends': found 3; expected y"),
    ],
)  # fmt: skip
def test_extension_that_leads_nowhere(folder, recipes, sentence):
    for name, recipe in recipes.items():
        write(folder, name, recipe)
    assert message(folder, recipes["x"]).startswith(f"recipe 'x': {sentence}")


def test_a_model_has_the_recipes_labels_or_its_own(folder):
    own = {"extends": "cnn", "labels": ["vsini", "vmic"]}
    changes = {"models.own": own, "models.same": {"extends": "cnn", "members": 1}}
    models = load(folder, changed(changes))["models"]
    labels = {name: model["labels"] for name, model in models.items()}
    assert labels == {
        "cnn": ["teff", "logg", "vsini"],
        "own": ["vsini", "vmic"],
        "same": ["teff", "logg", "vsini"],
    }


def test_stars_from_a_survey_may_be_redrawn_and_epochs_kept(folder):
    stage = {"name": "train", "set": "observed", "epochs": 9, "redraw": True, "snapshots": [9, 1]}
    changes = {"sets.observed": {"from": "survey"}, "models.cnn.stages": [stage], "validate": ["kiel_evolution"]}
    found = load(folder, changed(changes))["models"]["cnn"]["stages"][0]
    assert (found["redraw"], found["snapshots"]) == (True, [9, 1])
    assert "snapshots" not in load(folder, TINY)["models"]["cnn"]["stages"][0]
