"""What sensitivity maps need of a recipe is asked for before any job starts."""

import pytest
from tiny_recipe import changed, load, message

MAPS = {"model": "cnn", "lines": {"teff": [5001.5]}}
VACUUM = {"wavelength": {"arms": [{"start": 5000, "stop": 5010, "step": 0.5}], "resolution": 20000}}


def test_sensitivity_is_filled_with_defaults(tmp_path):
    recipe = load(tmp_path, changed({"sensitivity": MAPS, "validate": ["sensitivity"]}))
    assert recipe["sensitivity"] == MAPS | {"stars": 1000}


def test_lines_are_in_air_whatever_the_grid_is_in(tmp_path):
    # 4999 angstrom in air are 5000.4 in vacuum, within the arm; 5009 are 5010.4, beyond it.
    recipe = load(tmp_path, changed(VACUUM | {"sensitivity": MAPS | {"lines": {"teff": [4999]}}}))
    assert recipe["sensitivity"]["lines"] == {"teff": [4999]}
    said = message(tmp_path, changed(VACUUM | {"sensitivity": MAPS | {"lines": {"teff": [5009]}}}))
    assert said == (
        "recipe 'x': key 'sensitivity.lines.teff[0]': found 5009; expected a wavelength in air within the recipe's arms"
        " (5000 to 5010, vacuum)"
    )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"validate": ["sensitivity"]},
            "key 'validate': found 'sensitivity' without sensitivity; expected the key sensitivity, or no sensitivity",
        ),
        (
            {"validate": ["correlated_labels"], "sensitivity": MAPS},
            "key 'validate': found 'correlated_labels' without sensitivity.correlated; expected the key"
            " sensitivity.correlated, or no correlated_labels",
        ),
        (
            {"sensitivity": MAPS | {"model": "cn"}},
            "key 'sensitivity.model': found 'cn'; expected cnn",
        ),
        (
            {"sensitivity": MAPS | {"correlated": "absolute"}},
            "key 'sensitivity.correlated': found 'absolute'; expected cnn",
        ),
        (
            {"sensitivity": MAPS | {"correlated": "cnn"}},
            "key 'sensitivity.correlated': found 'cnn', a model with the labels of 'cnn'; expected a model with other"
            " labels",
        ),
        (
            {"sensitivity": MAPS | {"lines": {"tef": [5001]}}},
            "key 'sensitivity.lines': found 'tef'; expected one of teff, logg, vsini (did you mean 'teff'?)",
        ),
        (
            {"sensitivity": MAPS | {"lines": {"teff": [5001, 5200]}}},
            "key 'sensitivity.lines.teff[1]': found 5200; expected a wavelength in air within the recipe's arms"
            " (5000 to 5010, air)",
        ),
        (
            {
                "sensitivity": MAPS,
                "sets.synthetic.split": {"test": 0},
                "predict": [{"model": "cnn", "dataset": "survey"}],
            },
            "key 'sensitivity.model': found 'cnn'; expected a model whose set has test stars (sets.synthetic.split.test"
            " is 0)",
        ),
    ],
)
def test_wrong_sensitivity_maps(tmp_path, changes, sentence):
    assert message(tmp_path, changed(changes)) == f"recipe 'x': {sentence}"
