"""Methods that are compared have met none of the test spectra, and mistakes are told before any job starts."""

import copy

import pytest
from tiny_recipe import TINY, changed, load, message

from spectrolabe.recipe_comparisons import excludes, find_stages, met_sets

TEFF = TINY["models"]["cnn"] | {"labels": ["teff"]}
REST = TINY["models"]["cnn"] | {"labels": ["logg", "vsini"]}
ASKED = {"dataset": "synthetic-test", "reference": "whole", "rows": {"whole": ["cnn"], "apart": ["rest", "warm"]}}
OBSERVED = {"from": "survey", "split": {"validation": 0.1, "calibration": 0.1, "test": 0.2}}


def asking(changes=()):
    base = {"models.warm": TEFF, "models.rest": REST, "comparisons": {"sizes": ASKED}}
    return changed(copy.deepcopy(base | dict(changes)))


def test_rows_keep_their_order_and_runs_their_default(tmp_path):
    recipe = load(tmp_path, asking({"validate": ["comparisons"]}))
    assert recipe["comparisons"]["sizes"] == {
        "dataset": "synthetic-test",
        "reference": "whole",
        "rows": [{"models": ["cnn"], "row": "whole"}, {"models": ["rest", "warm"], "row": "apart"}],
        "runs": 10,
    }


def test_without_comparisons_there_are_none(tmp_path):
    assert load(tmp_path, changed({}))["comparisons"] == {}


def test_sets_of_the_same_stars_may_differ_in_all_but_their_split(tmp_path):
    sets = {"sets.observed": OBSERVED, "sets.noisy": OBSERVED | {"copies": 2}}
    sets |= {"models.cnn.stages.0.set": "observed", "models.warm": TEFF | {"stages": trained_on("noisy")}}
    asked = {"dataset": "observed-test", "reference": "a", "rows": {"a": ["warm"], "b": ["cnn"]}}
    assert load(tmp_path, asking(sets | {"comparisons": {"x": asked}}))["comparisons"]["x"]["reference"] == "a"
    said = message(tmp_path, asking(sets | {"comparisons": {"x": asked}, "sets.noisy.split": {"test": 0.5}}))
    assert said == (
        "recipe 'x': key 'comparisons.x.rows.a[0]': found 'warm', trained on 'noisy', which splits the same stars"
        " otherwise; expected a model whose sets have the split of 'observed-test', or conditions that exclude its own"
    )


def trained_on(name):
    return [{"name": "train", "set": name, "epochs": 2}]


TEST_ALL = {"validation": 0, "calibration": 0, "test": 1}
STAGES = [*trained_on("synthetic"), {"name": "tune", "set": "observed", "epochs": 2, "start_from": "train"}]
TRANSFER = {
    "validate": ["losses"],
    "sets.observed": OBSERVED | {"select": ["snr > 30", "role = 'survey'"]},
    "sets.trusted": {"from": "survey", "select": ["role='calibrator'"], "split": TEST_ALL},
    "models.warm": TEFF | {"stages": STAGES},
    "models.cnn": TEFF | {"stages": trained_on("observed")},
    "comparisons": {
        "x": {
            "dataset": "trusted-test",
            "reference": "after",
            "rows": {"before": ["warm/train"], "after": ["warm"], "scratch": ["cnn/train"]},
        }
    },
}


def transfer(changes=()):
    return changed({key: copy.deepcopy(value) for key, value in (TRANSFER | dict(changes)).items()})


def test_rows_may_stop_at_a_stage(tmp_path):
    recipe = load(tmp_path, transfer())
    assert [row["models"] for row in recipe["comparisons"]["x"]["rows"]] == [["warm/train"], ["warm"], ["cnn/train"]]
    assert find_stages(recipe, "warm/train") == ("warm", ["train"])
    assert find_stages(recipe, "warm") == ("warm", ["train", "tune"])
    assert met_sets(recipe, "warm/train") == ["synthetic"]
    assert met_sets(recipe, "warm") == ["synthetic", "observed"]


def test_a_stage_that_does_not_start_from_another_has_not_met_its_set(tmp_path):
    apart = [*trained_on("synthetic"), {"name": "tune", "set": "observed", "epochs": 2}]
    recipe = load(tmp_path, transfer({"models.warm": TEFF | {"stages": apart}}))
    assert find_stages(recipe, "warm") == ("warm", ["tune"])
    assert met_sets(recipe, "warm") == ["observed"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"sets.trusted": TRANSFER["sets.trusted"] | {"select": ["snr > 50"]}},
            "key 'comparisons.x.rows.after[0]': found 'warm', trained on 'observed', which splits the same stars"
            " otherwise; expected a model whose sets have the split of 'trusted-test', or conditions that exclude its"
            " own",
        ),
        (
            {"comparisons": {"x": {"dataset": "trusted-test", "reference": "a", "rows": {"a": ["warm/tone"]}}}},
            "key 'comparisons.x.rows.a[0]': found 'warm/tone'; expected a stage of 'warm': one of train, tune (did you"
            " mean 'tune'?)",
        ),
        (
            {"comparisons": {"x": {"dataset": "trusted-test", "reference": "a", "rows": {"a": ["warm/", "cnn"]}}}},
            "key 'comparisons.x.rows.a[0]': found 'warm/'; expected a stage of 'warm': one of train, tune",
        ),
        (
            {
                "comparisons": {
                    "x": {"dataset": "trusted-test", "reference": "a", "rows": {"a": ["warm", "warm/train"]}}
                }
            },
            "key 'comparisons.x.rows.a': found 'teff' by 'warm' and by 'warm/train'; expected each label by one model"
            " of the row",
        ),
    ],
)
def test_wrong_stages(tmp_path, changes, sentence):
    assert message(tmp_path, transfer(changes)) == f"recipe 'x': {sentence}"


@pytest.mark.parametrize(
    ("first", "second", "apart"),
    [
        (["role = 'survey'"], ["snr > 3", " role= 'candidate' "], True),
        (["role = 'survey'"], ["role = 'survey'"], False),
        (["role = 'survey'"], ["kind = 'candidate'"], False),
        (["plate = 1"], ["plate = 2"], True),
        (["role = 'survey' or snr > 3"], ["role = 'candidate'"], False),
        (["role >= 'survey'"], ["role = 'candidate'"], False),
    ],
)
def test_conditions_exclude_each_other_by_one_column(first, second, apart):
    assert excludes({"select": first}, {"select": second}) is apart
    assert not excludes({}, {"select": second})


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"comparisons": {}, "validate": ["comparisons"]},
            "key 'validate': found 'comparisons' without comparisons; expected the key comparisons, or no comparisons"
            " in validate",
        ),
        (
            {"comparisons.sizes.dataset": "synthetic-validation"},
            "key 'comparisons.sizes.dataset': found 'synthetic-validation'; expected test stars: synthetic-test",
        ),
        (
            {"comparisons.sizes.dataset": "survey"},
            "key 'comparisons.sizes.dataset': found 'survey'; expected test stars: synthetic-test",
        ),
        (
            {"studies": {"s": {"model": "warm", "epochs": [2], "vary": {"batch": [8]}, "measure": "synthetic-test"}}},
            "key 'comparisons.sizes.dataset': found 'synthetic-test'; expected another part, since the study 's'"
            " chooses settings on these spectra",
        ),
        (
            {"comparisons.sizes.reference": "hole"},
            "key 'comparisons.sizes.reference': found 'hole'; expected one of whole, apart (did you mean 'whole'?)",
        ),
        (
            {"comparisons.sizes.rows.whole": ["cn"]},
            "key 'comparisons.sizes.rows.whole[0]': found 'cn'; expected one of cnn, warm, rest (did you mean 'cnn'?)",
        ),
        (
            {"comparisons.sizes.rows.apart": ["cnn", "warm"]},
            "key 'comparisons.sizes.rows.apart': found 'teff' by 'cnn' and by 'warm'; expected each label by one model"
            " of the row",
        ),
        (
            {"comparisons.sizes.rows.apart": ["rest"]},
            "key 'comparisons.sizes.rows.apart': found the labels logg, vsini; expected 'teff' among them, as the"
            " reference 'whole' has it",
        ),
        (
            {"comparisons.sizes.rows.apart": []},
            "key 'comparisons.sizes.rows.apart': found []; expected",
        ),
        ({"comparisons.sizes.runs": 0}, "key 'comparisons.sizes.runs': found 0; expected"),
    ],
)
def test_wrong_comparisons(tmp_path, changes, sentence):
    recipe = asking({key: value for key, value in changes.items() if "." not in key})
    for path, value in changes.items():
        if "." in path:
            *parents, last = path.split(".")
            place = recipe
            for part in parents:
                place = place[part]
            place[last] = value
    assert message(tmp_path, recipe).startswith(f"recipe 'x': {sentence}")
