"""Methods that are compared have met none of the test spectra, and mistakes are told before any job starts."""

import copy

import pytest
from tiny_recipe import TINY, changed, load, message

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
        " otherwise; expected a model whose sets have the split of 'observed-test'"
    )


def trained_on(name):
    return [{"name": "train", "set": name, "epochs": 2}]


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
