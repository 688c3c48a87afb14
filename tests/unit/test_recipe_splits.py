"""Sets that only test keep no stars for training; who needs such stars of a set is told before any job starts."""

import pytest
from tiny_recipe import TINY, changed, load, message

from spectrolabe.recipe_splits import only_tests, share_of

TEST_ALL = {"validation": 0, "calibration": 0, "test": 1}
CANDIDATES = {"from": "survey", "select": ["role = 'candidate'"], "split": TEST_ALL}
STAGE = TINY["models"]["cnn"]["stages"][0]
ON_CANDIDATES = {"sets.candidates": CANDIDATES, "predict.0.dataset": "candidates-test"}


def test_what_the_others_leave_is_trained_on():
    split = {"validation": 0.1, "calibration": 0.2, "test": 0.3, "by": "source_id"}
    assert share_of(split, "training") == pytest.approx(0.4)
    assert share_of(split, "calibration") == 0.2
    # 0.1 + 0.2 + 0.7 is no whole 1 for a computer.
    assert share_of(split | {"test": 0.7}, "training") == 0
    assert only_tests(TEST_ALL)
    assert not only_tests(split)


def test_a_set_that_only_tests_is_predicted_like_any_other(tmp_path):
    recipe = load(tmp_path, changed(ON_CANDIDATES))
    assert recipe["sets"]["candidates"]["split"] == TEST_ALL | {"by": "source_id"}
    assert recipe["predict"][0]["dataset"] == "candidates-test"


def test_a_set_may_calibrate_and_test_alone(tmp_path):
    split = {"validation": 0, "calibration": 0.5, "test": 0.5}
    changes = {"sets.stars": {"from": "survey", "split": split}, "models.cnn.calibrate_on": "stars"}
    changes["sets.synthetic.split"] = {"validation": 0.2, "calibration": 0}
    changes["predict"] = [{"model": "cnn", "dataset": "stars-test"}]
    assert load(tmp_path, changed(changes))["sets"]["synthetic"]["split"]["calibration"] == 0


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"sets.stars": {"from": "survey", "split": {"test": 1}}},
            "key 'sets.stars.split': found validation 0.1 + calibration 0.1 + test 1; expected a sum of 1 at most",
        ),
        (
            {"sets.synthetic.split": TEST_ALL},
            "key 'sets.synthetic.split': found validation 0 + calibration 0 + test 1; expected a sum below 1, so that"
            " stars are left to train on",
        ),
        (
            {"sets.synthetic.split": {"validation": 0}},
            "key 'sets.synthetic.split.validation': found 0; expected a share above 0, since the stage 'train' of model"
            " 'cnn' trains on this set",
        ),
        (
            {"sets.synthetic.split": {"calibration": 0}},
            "key 'sets.synthetic.split.calibration': found 0; expected a share above 0, since model 'cnn' is calibrated"
            " on this set",
        ),
        (
            {"sets.candidates": CANDIDATES, "models.cnn.calibrate_on": "candidates"},
            "key 'sets.candidates.split.calibration': found 0; expected a share above 0, since model 'cnn' is"
            " calibrated on this set",
        ),
        (
            ON_CANDIDATES | {"predict.0.dataset": "candidates-training"},
            "key 'predict[0].dataset': found 'candidates-training'; expected a part with stars (sets.candidates.split"
            " leaves none)",
        ),
        (
            ON_CANDIDATES | {"predict.0.dataset": "candidates-calibration"},
            "key 'predict[0].dataset': found 'candidates-calibration'; expected a part with stars"
            " (sets.candidates.split.calibration is 0)",
        ),
        (
            ON_CANDIDATES | {"screening": {"dataset": "survey", "set": "candidates"}},
            "key 'screening.set': found 'candidates'; expected a set with training stars (sets.candidates.split leaves"
            " none)",
        ),
        (
            {
                "sets.models": {"from": "nodes", "steps": [{"resample": {}}], "split": TEST_ALL},
                "datasets.survey.prepare": [{"resample": {}}, {"find_velocity": {"templates": "models"}}],
            },
            "key 'datasets.survey.prepare': found the templates 'models'; expected a set with training stars"
            " (sets.models.split leaves none)",
        ),
    ],
)
def test_whoever_needs_other_stars_is_told(tmp_path, changes, sentence):
    assert message(tmp_path, changed(changes)) == f"recipe 'x': {sentence}"


def test_stages_that_another_model_has_alone_count_too(tmp_path):
    early = {"name": "early", "set": "rough", "epochs": 1}
    stages = [early, STAGE | {"start_from": "early"}]
    rough = TINY["sets"]["synthetic"] | {"split": {"validation": 0.1, "calibration": 0}}
    changes = {"sets.rough": rough, "models.tuned": TINY["models"]["cnn"] | {"stages": stages}}
    # Nobody is calibrated on the set of a first stage.
    assert load(tmp_path, changed(changes))["models"]["tuned"]["stages"][0]["set"] == "rough"
    rough["split"] = {"validation": 0, "calibration": 0}
    assert "the stage 'early' of model 'tuned' trains on this set" in message(tmp_path, changed(changes))
