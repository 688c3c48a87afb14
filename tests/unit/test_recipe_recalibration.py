"""What a recalibration needs of a recipe is asked for before any job starts."""

import pytest
from tiny_recipe import changed, load, message

ASKED = {"model": "cnn", "dataset": "survey", "stars": "benchmark_stars", "labels": ["teff", "logg"]}
PREDICT = [{"model": "cnn", "dataset": "survey"}, {"model": "cnn", "dataset": "synthetic-test"}]
LISTED = {
    "kind": "survey",
    "reader": "linear_1d",
    "files": "stars/*.fits",
    "prepare": [{"resample": {}}],
    "catalogue": {"file": "stars.csv"},
}
OWN = {key: value for key, value in ASKED.items() if key != "stars"}


@pytest.mark.parametrize("changes", [{"recalibration": ASKED}, {"recalibration": OWN, "datasets.survey": LISTED}])
def test_trusted_stars_of_a_table_or_of_the_survey_itself(tmp_path, changes):
    recipe = load(tmp_path, changed({"predict": PREDICT} | changes))
    assert recipe["recalibration"] == changes["recalibration"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"recalibration": ASKED | {"model": "cnm"}},
            "key 'recalibration.model': found 'cnm'; expected cnn",
        ),
        (
            {"recalibration": ASKED, "predict": PREDICT[1:]},
            "key 'recalibration.model': found 'cnn'; expected a model that a survey is predicted by, since catalogues"
            " of surveys alone are recalibrated",
        ),
        (
            {"recalibration": ASKED | {"dataset": "synthetic-test"}},
            "key 'recalibration.dataset': found 'synthetic-test'; expected survey",
        ),
        (
            {"recalibration": ASKED | {"labels": ["teff", "feh"]}},
            "key 'recalibration.labels[1]': found 'feh'; expected one of teff, logg, vsini",
        ),
        (
            {"recalibration": OWN},
            "key 'recalibration.stars': found nothing; expected the name of a table of stars, since 'survey' has no"
            " catalogue of labels",
        ),
        (
            {"recalibration": OWN, "datasets.survey": LISTED, "sets.synthetic": {"from": "survey"}},
            "key 'recalibration.dataset': found 'survey'; expected a survey that model 'cnn' has not learned from, or"
            " recalibration.stars",
        ),
    ],
)
def test_wrong_recalibrations(tmp_path, changes, sentence):
    assert message(tmp_path, changed({"predict": PREDICT} | changes)) == f"recipe 'x': {sentence}"
