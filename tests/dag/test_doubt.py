"""Spectra are doubted in every recipe: by their set's own reference, or by the screening of its survey."""

import pytest


@pytest.fixture
def screened(place):
    screening = {"dataset": "survey", "set": "labelled"}
    place.add_recipe("screened_doubt", {"extends": "lamost_dr1", "screening": screening, "validate": ["residuals"]})
    yield "screened_doubt"
    (place.folder / "config" / "recipes" / "screened_doubt.yaml").unlink()


def test_every_predicted_dataset_and_the_calibration_part_are_judged(place):
    jobs = place.count_jobs(recipes="demo")
    assert {name: jobs[name] for name in ("fit_doubt", "learn_features")} == {"fit_doubt": 1, "learn_features": 1}
    assert jobs["judge_spectra"] == jobs["predict_labels"]
    # All test stars from a grid are sound, so that false alarms are known; injected ones have tables of their own.
    assert jobs["score_doubt"] == 1


def test_verdicts_of_a_screening_are_taken(place, screened):
    jobs = place.count_jobs(recipes=screened)
    assert jobs["screen_spectra"] == jobs["prepare_spectra"]
    assert not {"fit_doubt", "judge_spectra", "score_doubt"} & set(jobs)
