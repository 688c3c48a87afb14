"""Scores of doubt: shares and areas by hand."""

import numpy as np
import pandas as pd
import pytest

from spectrolabe.validate.doubt_scores import doubt_rows, score_doubted

ALARM = {"log_snr": [0.0], "centre": [0.0], "width": [1.0], "start": 0.0, "share": 1.0, "rate": np.log(10)}
DOUBT = {"fallback": "", "alarms": {"features": ALARM}, "tail": {"scores": [0.0, 1.0], "levels": [0.0, 1.0]}}


@pytest.fixture
def predictions():
    rows = pd.DataFrame({"spectrum_score": [0.5, 0.6, 2.0, 0.7, 3.0, 1.5, 9.0], "status": [""] * 6 + ["lost"]})
    rows = rows.assign(feature_distance=[1, np.e**2, 1, 1, 1, 1, 1], exposure=50.0, snr=[50, 50, 50, 9, 50, 50, 50.0])
    return rows.assign(trouble=["", "", None, "", "emission", "emission", ""])


def test_shares_and_areas(predictions):
    scores = score_doubted(predictions, DOUBT, 0.01).set_index(["subset", "kind"])
    sound = scores.loc[("all", "sound")]
    # Of four sound spectra one is odd itself, and one is far from the others in the network's features.
    assert sound[["n", "flagged", "stated"]].tolist() == [4, 0.5, 0.01]
    assert sound[["spectrum", "features", "members"]].tolist() == [0.25, 0.25, 0]
    assert np.isnan(sound["auc"])
    emission = scores.loc[("snr_above_30", "emission")]
    assert emission[["n", "flagged"]].tolist() == [2, 0.5]
    # 3.0 lies above all three sound ones of high S/N; 1.5 above 0.5 alone: 4 of 6 pairs.
    assert emission["auc"] == pytest.approx(4 / 6)


def test_without_trouble_all_are_sound(predictions):
    scores = score_doubted(predictions.drop(columns="trouble"), DOUBT, 0.01)
    assert scores[["kind", "subset", "n"]].values.tolist() == [["sound", "all", 6], ["sound", "snr_above_30", 5]]


def test_rows_of_the_report(predictions, tmp_path):
    path = tmp_path / "survey.csv"
    score_doubted(predictions, DOUBT, 0.01).to_csv(path, index=False)
    rows = doubt_rows(path)
    assert [row["kind"] for row in rows] == ["sound, any S/N", "sound", "emission"]
    assert rows[0]["flagged"] == "50.0 %"
    assert [row["auc"] for row in rows] == ["–", "–", "0.667"]
