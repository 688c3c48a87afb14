"""Catalogues of stars whose labels nobody knows, or of which the truth alone is known, have scores and figures too."""

import json

import numpy as np
import pandas as pd
import pytest

from spectrolabe.predict.calibration import LEVELS
from spectrolabe.validate.accuracy_figures import plot_model_comparison
from spectrolabe.validate.catalogue_figures import CATALOGUE_FIGURES
from spectrolabe.validate.coverage import histogram_transforms, measure_coverage, select_judged, summarise
from spectrolabe.validate.error_budget import measure_errors
from spectrolabe.validate.report_tables import accuracy_table, score_rows
from spectrolabe.validate.scores import score
from spectrolabe.validate.style import save_figure
from spectrolabe.validate.survey_figures import plot_one_to_one

COUNT = 40
SCALES = {"teff": (4000, 6000, 60), "logg": (1, 5, 0.1), "feh": (-1, 0.4, 0.05)}


def catalogue():
    rng = np.random.default_rng(3)
    rows = pd.DataFrame({"spectrum_id": [f"s{number}" for number in range(COUNT)], "snr": rng.uniform(50, 200, COUNT)})
    rows = rows.assign(source_id=rows["spectrum_id"], flag=0, flag_text="", ra=10.0, dec=-5.0)
    for label, (low, high, sigma) in SCALES.items():
        rows[label] = rng.uniform(low, high, COUNT)
        rows[f"{label}_flag"] = False
        rows[f"{label}_err"] = rows[f"{label}_err_aleatoric"] = rows[f"{label}_err_epistemic"] = sigma
        for level, (_, width) in LEVELS.items():
            rows[f"{label}_lo{level}"] = rows[label] - width * sigma
            rows[f"{label}_hi{level}"] = rows[label] + width * sigma
    return rows


def known_as(truth, survey):
    """A catalogue with the columns of the truth and of the survey's labels: absent (None), NaN or as predicted."""
    rows = catalogue()
    for label, (_, _, sigma) in SCALES.items():
        for ending, values in (("true", truth), ("survey", survey)):
            if values is not None:
                rows[f"{label}_{ending}"] = rows[label] * values
        if survey is not None:
            rows[f"{label}_survey_err"] = sigma * survey
    return rows


UNLABELLED = [known_as(None, None), known_as(np.nan, None), known_as(np.nan, np.nan)]
TRUTH_ALONE = known_as(1.0, np.nan)


@pytest.mark.parametrize("rows", [*UNLABELLED, TRUTH_ALONE], ids=["no columns", "NaN", "both NaN", "truth alone"])
@pytest.mark.parametrize("figure", CATALOGUE_FIGURES)
def test_every_figure_copes(rows, figure, tmp_path):
    save_figure(CATALOGUE_FIGURES[figure](rows), tmp_path / "figure.png")


@pytest.mark.parametrize("rows", [*UNLABELLED, TRUTH_ALONE], ids=["no columns", "NaN", "both NaN", "truth alone"])
def test_scores_coverage_and_tables_cope(rows):
    scores = {"labels": score(rows), "survey": score(rows, "survey")}
    json.dumps(scores, allow_nan=False)
    assert bool(scores["labels"]) is (rows is TRUTH_ALONE)
    assert scores["survey"] == {}
    assert len(score_rows(scores["labels"])) == len(scores["labels"])
    assert (accuracy_table(scores) is None) is not (rows is TRUTH_ALONE)
    judged = select_judged(rows, "candidates-test")
    table = measure_coverage(judged)
    histogram_transforms(judged)
    json.dumps(summarise(judged, table, "cnn on candidates-test"), allow_nan=False)
    assert len(measure_errors(rows)) == len(SCALES)
    plot_one_to_one({"Test": rows})
    plot_model_comparison({"cnn": rows, "dnn": rows})
