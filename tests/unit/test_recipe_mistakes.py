"""Mistakes in a recipe, and the sentence that each ends in (recipe_mistakes.yaml holds the table)."""

import re

import pytest
import yaml
from tiny_recipe import TABLE, TINY, changed, load, message, write

from spectrolabe.recipe import RecipeError, load_recipe, parse_recipe_names


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "config" / "recipes"
    path.mkdir(parents=True)
    return path


@pytest.mark.parametrize("mistake", TABLE["schema"] + TABLE["parts"], ids=lambda mistake: mistake["says"].split("'")[1])
def test_a_mistake_ends_in_one_sentence(folder, mistake):
    assert message(folder, changed(mistake["change"])) == f"recipe 'x': {mistake['says']}"


def test_a_misspelt_key_is_named_before_the_one_that_it_leaves_missing(folder):
    recipe = {"lables": ["teff"]} | {key: value for key, value in TINY.items() if key != "labels"}
    assert message(folder, recipe) == (
        "recipe 'x': found 'lables'; expected one of extends, seed, labels, wavelength, datasets, sets, masks, models, "
        "studies, predict, validate, cross_grid, databases, comparisons, neighbours, gap, screening, sensitivity, "
        "recovery, flags, populations, recalibration, isochrones, benchmarks "
        "(did you mean 'labels'?)"
    )


def test_labels_written_by_a_step_are_known_and_so_is_a_later_stage(folder):
    steps = [{"shift": {"max": 9}}, {"rotate": {"max": 5, "label": "vbroad"}}, {"resample": {}}]
    stages = [
        *TINY["models"]["cnn"]["stages"],
        {"name": "tune", "set": "synthetic", "epochs": 1, "start_from": "train"},
    ]
    changes = {"labels": ["logg", "rv", "teff", "vbroad", "vmic"], "sets.synthetic.steps": steps}
    recipe = load(folder, changed(changes | {"models.cnn.stages": stages}))
    assert recipe["models"]["cnn"]["stages"][1]["start_from"] == "train"


def test_labels_of_a_survey_are_known_only_from_its_files(folder):
    observed = {"sets.observed": {"from": "survey"}, "models.cnn.stages.0.set": "observed"}
    recipe = load(folder, changed(observed | {"labels": ["teff", "logg", "mg_fe"]}))
    assert recipe["sets"]["observed"]["steps"] == []


def test_an_unknown_recipe_is_told_which_there_are(folder):
    write(folder, "demo", TINY)
    write(folder, "another", TINY)
    with pytest.raises(RecipeError) as caught:
        load_recipe("starnet2021", folder)
    assert str(caught.value) == "recipe 'starnet2021' is not in config/recipes; available: another, demo"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("labels: [teff\nseed: 1\n", 2, "expected ',' or ']'"),
        ("labels: [teff]\nseed: 1\nlabels: [logg]\n", 3, "the key 'labels' appears twice"),
        ("models:\n  cnn: {members: 1, members: 2}\n", 2, "the key 'members' appears twice"),
        ("seed: 1\n\tlabels: [teff]\n", 2, "cannot start any token"),
        ("seed: *nowhere\n", 1, "undefined alias"),
    ],
)
def test_broken_yaml_names_file_and_line(folder, text, line, words):
    sentence = message(folder, text)
    assert sentence.startswith(f"recipe 'x': {folder / 'x.yaml'}, line {line}: not readable as YAML: ")
    assert words in sentence
    assert "\n" not in sentence


def test_a_file_that_is_no_text_or_no_mapping_is_refused(folder):
    assert "found [1, 2]; expected keys with values" in message(folder, "[1, 2]")
    assert "key 'labels': found nothing" in message(folder, "# nothing yet\n")
    (folder / "x.yaml").write_bytes(b"labels: \xff\xfe\n")
    with pytest.raises(RecipeError, match=r"x\.yaml: not readable as YAML: invalid start byte"):
        load_recipe("x", folder)


def test_anchors_of_yaml_are_no_repeated_keys(folder):
    text = yaml.safe_dump(TINY).replace("conv:", "conv: &net\n        pool: 3")
    text = re.sub(
        r"(?m)^predict:", "  wide:\n    extends: cnn\n    network: {conv: {<<: *net, pool: 5}}\npredict:", text
    )
    recipe = load(folder, text)
    assert recipe["models"]["wide"]["network"]["conv"]["pool"] == 5
    assert recipe["models"]["cnn"]["network"]["conv"]["pool"] == 3


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("a", ["a"]),
        ("a,b", ["a", "b"]),
        (" a , b,", ["a", "b"]),
        (["a", "b"], ["a", "b"]),
        (["a,b", "a"], ["a", "b"]),
    ],
)
def test_recipe_names_come_in_three_ways(value, names):
    assert parse_recipe_names(value) == names


@pytest.mark.parametrize("value", [None, "", ",", [], 3, ["a", 3], {"a": 1}])
def test_no_recipe_names_is_a_mistake(value):
    with pytest.raises(RecipeError, match=r"^config: key 'recipes': found .*; expected a recipe's name, or several$"):
        parse_recipe_names(value)


def test_recipe_names_are_looked_up_where_a_folder_is_given(folder):
    write(folder, "demo", TINY)
    assert parse_recipe_names("demo", folder) == ["demo"]
    with pytest.raises(RecipeError, match="^recipe 'x' is not in config/recipes; available: demo$"):
        parse_recipe_names("demo,x", folder)
