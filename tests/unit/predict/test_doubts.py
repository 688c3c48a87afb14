"""Doubt keeps the stated rate of false alarms, over all its reasons together, and finds what is odd."""

import json

import numpy as np
import pandas as pd
import pytest

from spectrolabe.predict.doubts import add_judgements, fit_doubts, score_doubts

LIMIT = -np.log10(0.02)


def draw(count, seed, name="s"):
    """Predictions of sound spectra, and how odd their spectra are; members of logg are all alike."""
    rng = np.random.default_rng(seed)
    names = [f"{name}{number}" for number in range(count)]
    snr = rng.uniform(20, 200, count)
    predictions = pd.DataFrame({"spectrum_id": names, "status": "", "logg_epistemic": 0.0})
    predictions["feature_distance"] = np.exp(rng.normal(0, 0.2, count))
    predictions["teff_epistemic"] = 1000 / snr * np.exp(rng.normal(0, 0.3, count))
    # Scores of the spectra promise too little by a half.
    score = -1.5 * np.log10(rng.uniform(size=count))
    judgements = pd.DataFrame({"spectrum_id": names, "exposure": snr, "score": score, "telling": "emission"})
    return predictions, judgements.assign(worst_wavelength=5000.0, second_velocity=80.0)


@pytest.fixture(scope="module")
def doubt():
    predictions, judgements = draw(3000, 1)
    return json.loads(json.dumps(fit_doubts(predictions, judgements, ["teff", "logg"], all_sound=True)))


def scores_of(doubt, count=20_000, change=lambda predictions, judgements: None):
    predictions, judgements = draw(count, 2)
    change(predictions, judgements)
    return score_doubts(add_judgements(predictions, judgements), doubt)


def test_all_reasons_together_keep_the_stated_rate(doubt):
    doubted = scores_of(doubt) >= LIMIT
    assert doubted["combined"].mean() == pytest.approx(0.02, rel=0.25)
    assert (doubted["combined"] == doubted[["spectrum", "features", "members"]].any(axis=1)).all()
    assert set(doubt["alarms"]) == {"features", "teff_members"}
    assert doubt["spectra"] == 3000


def test_what_is_odd_is_doubted_for_its_own_reason(doubt):
    def far(predictions, judgements):
        predictions["feature_distance"] *= 5

    def apart(predictions, judgements):
        predictions["teff_epistemic"] *= 8

    def unlike(predictions, judgements):
        judgements["score"] += 7

    for change, kind in ((far, "features"), (apart, "members"), (unlike, "spectrum")):
        doubted = scores_of(doubt, 500, change) >= LIMIT
        assert doubted[kind].mean() > 0.97
        others = [name for name in ("spectrum", "features", "members") if name != kind]
        assert doubted[others].mean().max() < 0.05
    scores = scores_of(doubt, 500, apart)
    np.testing.assert_array_equal(scores["teff_members"], scores["members"])
    # Eight times the usual, whatever the S/N.
    assert scores["teff_ratio"].median() == pytest.approx(8, rel=0.05)


def test_spectra_that_screening_has_cut_count():
    predictions, judgements = draw(2000, 3)
    parts = judgements.assign(part="calibration")
    kept = judgements["score"] < 1.5
    passed = fit_doubts(predictions[kept], parts[kept], ["teff", "logg"], all_sound=True)
    whole = fit_doubts(predictions[kept], parts, ["teff", "logg"], all_sound=True)
    assert passed["spectra"] == kept.sum()
    assert whole["spectra"] == 2000
    rates = [(scores_of(fitted)["combined"] >= LIMIT).mean() for fitted in (passed, whole)]
    assert rates[1] == pytest.approx(0.02, rel=0.3)
    assert rates[0] > 2 * rates[1]


def test_few_spectra_set_no_limits():
    predictions, judgements = draw(70, 4)
    predictions.loc[:10, "status"] = "lost"
    doubt = fit_doubts(predictions, judgements, ["teff"], all_sound=True)
    assert doubt == {"spectra": 59, "fallback": "59 spectra set no limits, 60 would"}
    assert scores_of(doubt, 10).isna().all(axis=None)


def test_judgements_stand_beside_their_own_spectra():
    predictions, judgements = draw(5, 5)
    shuffled = pd.concat([judgements.iloc[[4, 2, 0]], draw(3, 6, "t")[1]])
    rows = add_judgements(predictions.set_axis(range(10, 15)), shuffled)
    assert rows.index.tolist() == [10, 11, 12, 13, 14]
    expected = judgements["score"].where(judgements.index.isin([0, 2, 4]))
    np.testing.assert_array_equal(rows["spectrum_score"], expected)
