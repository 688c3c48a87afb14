"""One key makes the sets, models and predictions of every grid, as if the recipe had listed them."""

import copy

import pytest
from tiny_recipe import TINY, changed, load, message

GRID = {"kind": "grid", "grid": "other_grid"}
COMPARED = {"cross_grid": {"model": "cnn", "train_on": ["nodes", "other"], "test_on": ["nodes", "other"]}}


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "config" / "recipes"
    path.mkdir(parents=True)
    return path


def compared(changes=()):
    return changed(copy.deepcopy({"datasets.other": GRID} | COMPARED | dict(changes)))


def pairs(recipe, *, derived):
    chosen = [entry for entry in recipe["predict"] if entry.get("derived", False) == derived]
    return [(entry["model"], entry["dataset"]) for entry in chosen]


def test_sets_and_models_of_the_other_grid_differ_in_it_alone(folder):
    recipe = load(folder, compared())
    sets, models = recipe["sets"], recipe["models"]
    assert sets["synthetic_other"] == sets["synthetic"] | {"from": "other"}
    assert sets["synthetic_other"]["steps"][1]["broaden"]["arms"][0]["resolution"] == 20000
    stages = models["cnn_other"]["stages"]
    assert [stage["set"] for stage in stages] == ["synthetic_other"]
    assert models["cnn_other"] == models["cnn"] | {"stages": stages}


def test_every_model_predicts_what_the_main_model_predicts_and_all_test_stars(folder):
    recipe = load(folder, compared())
    assert pairs(recipe, derived=False) == [
        ("cnn", "synthetic-test"),
        ("cnn", "survey"),
        ("cnn", "synthetic_other-test"),
    ]
    assert pairs(recipe, derived=True) == [
        (f"{model}_other", dataset) for model, dataset in pairs(recipe, derived=False)
    ]


def test_names_come_in_the_order_of_the_lists(folder):
    lists = {"train_on": ["other", "nodes"], "test_on": ["nodes", "wide", "other"]}
    wide = TINY["sets"]["synthetic"] | {"stars": 5}
    recipe = load(folder, compared({"cross_grid": COMPARED["cross_grid"] | lists, "sets.wide": wide}))
    comparison = recipe["cross_grid"]
    assert comparison["models"] == ["cnn_other", "cnn"]
    assert comparison["datasets"] == ["synthetic-test", "wide-test", "synthetic_other-test"]
    assert comparison["set"] == "synthetic"
    assert "wide_other" not in recipe["sets"]


def test_what_the_recipe_lists_itself_is_not_derived(folder):
    listed = [{"model": "cnn", "dataset": "survey"}, {"model": "cnn_other", "dataset": "survey"}]
    recipe = load(folder, compared({"predict": listed}))
    assert pairs(recipe, derived=False)[:2] == [("cnn", "survey"), ("cnn_other", "survey")]
    assert ("cnn_other", "survey") not in pairs(recipe, derived=True)


def test_earlier_stages_on_the_same_grid_change_with_the_last_and_others_stay(folder):
    sets = {
        "sets.first": TINY["sets"]["synthetic"] | {"stars": 20},
        "sets.observed": {"from": "survey"},
        "labels": ["teff", "logg"],
    }
    names = ["first", "observed", "synthetic"]
    stages = [{"name": f"stage_{name}", "set": name, "epochs": 1} for name in names]
    recipe = load(folder, compared(sets | {"models.cnn.stages": stages}))
    assert [stage["set"] for stage in recipe["models"]["cnn_other"]["stages"]] == [
        "first_other", "observed", "synthetic_other",
    ]  # fmt: skip


def test_a_grid_of_test_stars_alone_trains_nothing(folder):
    recipe = load(folder, compared({"cross_grid.train_on": ["nodes"]}))
    assert list(recipe["models"]) == ["cnn"]
    assert recipe["sets"]["synthetic_other"]["from"] == "other"
    assert pairs(recipe, derived=True) == []


def test_without_the_key_nothing_changes(folder):
    recipe = load(folder, TINY)
    assert "cross_grid" not in recipe
    assert list(recipe["sets"]) == ["synthetic"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"cross_grid.model": "cnm"}, "key 'cross_grid.model': found 'cnm'; expected cnn"),
        (
            {"cross_grid.train_on": ["nodes", "othr"]},
            "key 'cross_grid.train_on[1]': found 'othr'; expected one of nodes, other (did you mean 'other'?)",
        ),
        (
            {"cross_grid.train_on": ["nodes", "survey"]},
            "key 'cross_grid.train_on[1]': found 'survey', a survey; expected one of nodes, other",
        ),
        (
            {"cross_grid.test_on": ["survey"]},
            "key 'cross_grid.test_on[0]': found 'survey', a survey; expected one of nodes, other, synthetic",
        ),
        (
            {"cross_grid.train_on": ["other"]},
            "key 'cross_grid.train_on': found [other]; expected 'nodes' among them, the grid of the model 'cnn'",
        ),
        ({"cross_grid.test_on": []}, "key 'cross_grid.test_on': found []; expected a list with an entry or more"),
        (
            {"sets.synthetic.split": {"test": 0}},
            "key 'cross_grid.test_on[0]': found 'nodes'; expected a set with test stars "
            "(sets.synthetic.split.test is 0)",
        ),
        (
            {"sets.synthetic_other": {"from": "survey"}},
            "key 'sets.synthetic_other': found a name that cross_grid gives; expected another name, since the set "
            "'synthetic' drawn from 'other' is called so",
        ),
        (
            {"datasets.synthetic_other": GRID},
            "key 'datasets.synthetic_other': found a name that cross_grid gives; expected another name, since the set "
            "'synthetic' drawn from 'other' is called so",
        ),
        (
            {"models.cnn_other": TINY["models"]["cnn"]},
            "key 'models.cnn_other': found a name that cross_grid gives; expected another name, since the model 'cnn' "
            "trained on 'other' is called so",
        ),
        (
            {"sets.observed": {"from": "survey"}, "models.cnn.stages.0.set": "observed"},
            "key 'cross_grid.model': found 'cnn', whose last stage trains on the survey 'survey'; expected a model "
            "whose last stage trains on spectra of a grid",
        ),
        (
            {"sets.synthetic.from": "nods"},
            "key 'sets.synthetic.from': found 'nods'; expected one of nodes, survey, other (did you mean 'nodes'?)",
        ),
        (
            {"validate": ["grid_differences"], "cross_grid.train_on": ["nodes"], "cross_grid.test_on": ["nodes"]},
            "key 'validate': found 'grid_differences' of one grid alone; expected another grid in "
            "cross_grid.test_on or train_on, or no grid_differences",
        ),
    ],
)
def test_a_mistake_ends_in_one_sentence(folder, changes, says):
    assert message(folder, compared(changes)) == f"recipe 'x': {says}"


def test_figures_of_grids_need_grids(folder):
    assert message(folder, changed({"validate": ["cross_grid"]})) == (
        "recipe 'x': key 'validate': found 'cross_grid' without cross_grid; expected the key cross_grid, "
        "or no cross_grid"
    )


@pytest.mark.parametrize(
    ("labels", "says"),
    [
        (
            "teff: [4600, 7100], logg: [0, 5], feh: [-2, 0]",
            "key 'sets.synthetic.ranges.teff': found [4000, 7000]; expected a part of [4600, 7100], since "
            "cross_grid draws the set from the grid 'other' too",
        ),
        (
            "teff: [3900, 7100], logg: [0, 5], feh: [-2, 0]",
            "key 'sets.synthetic.ranges.feh': found nothing; expected a part of [-2, 0], since "
            "cross_grid draws the set from the grid 'other' too",
        ),
    ],
)
def test_a_box_that_another_grid_does_not_fill_is_refused(folder, labels, says):
    grids = folder.parent / "grids"
    grids.mkdir()
    (grids / "other_grid.yaml").write_text(
        f"labels: {{{labels}}}\natmospheres: marcs\nlines: gaia_eso_atoms\nspectra: 9\n"
        "wavelength: {start: 5130, stop: 5370, velocity_step: 1.6, resolution: 80000}\n"
        "vmic: {constant: 1.15, teff: [0.35, 0.25], logg: -0.3, range: [0.8, 2.2]}\n"
    )
    assert message(folder, compared()) == f"recipe 'x': {says}"
