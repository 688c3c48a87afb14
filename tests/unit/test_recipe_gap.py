"""What the figures of the synthetic gap and of the continuum need is asked for before any job starts."""

import pytest
from tiny_recipe import changed, load, message

GAP = {"synthetic": ["synthetic-test"], "observed": "survey"}
NORMALISED = {"sets.synthetic.steps": [{"resample": {}}, {"normalise": {"asymmetric_clip": {}}}]}
REST = {"labels": ["teff", "logg"]}


def test_a_gap_is_filled_with_defaults(tmp_path):
    recipe = load(tmp_path, changed({"gap": GAP, "validate": ["gap"]}))
    assert recipe["gap"] == GAP | {"spectra": 1000, "perplexity": 30}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"validate": ["gap"]},
            "key 'validate': found 'gap' without the key gap; expected the key gap, or no gap in validate",
        ),
        (
            {"gap": GAP | {"synthetic": ["synthetic"]}},
            "key 'gap.synthetic[0]': found 'synthetic'; expected one of synthetic-validation, synthetic-calibration,"
            " synthetic-test (did you mean 'synthetic-test'?)",
        ),
        (
            {"gap": GAP | {"observed": "surve"}},
            "key 'gap.observed': found 'surve'; expected one of survey, synthetic-validation, synthetic-calibration,"
            " synthetic-test (did you mean 'survey'?)",
        ),
        (
            {"gap": GAP | {"observed": "synthetic-test"}},
            "key 'gap.observed': found 'synthetic-test'; expected another dataset than those in gap.synthetic",
        ),
        ({"gap": GAP | {"perplexity": 1}}, "key 'gap.perplexity': found 1; expected a number of at least 2"),
        ({"gap": {"observed": "survey"}}, "key 'gap.synthetic': found nothing; expected a list with an entry or more"),
        (
            {"validate": ["continuum_fits"]},
            "key 'validate': found 'continuum_fits', while the set 'synthetic' of model 'cnn' is not normalised;"
            " expected a set from a grid with a step normalise, or no continuum_fits",
        ),
    ],
)
def test_a_wrong_gap_or_continuum(tmp_path, changes, sentence):
    assert message(tmp_path, changed(changes)) == f"recipe 'x': {sentence}"


def test_a_normalised_synthetic_set_has_figures_of_its_continuum(tmp_path):
    recipe = load(tmp_path, changed(NORMALISED | REST | {"validate": ["continuum_bias", "continuum_fits"]}))
    assert recipe["validate"] == ["continuum_bias", "continuum_fits"]


def test_parts_without_stars_or_of_surveys_are_not_offered(tmp_path):
    changes = {"sets.synthetic.split": {"test": 0}, "predict": [{"model": "cnn", "dataset": "survey"}]}
    changes |= {"sets.seen": {"from": "survey"}, "gap": GAP}
    assert message(tmp_path, changed(changes)) == (
        "recipe 'x': key 'gap.synthetic[0]': found 'synthetic-test'; expected one of synthetic-validation,"
        " synthetic-calibration (did you mean 'synthetic-validation'?)"
    )
