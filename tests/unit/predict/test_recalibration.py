import json

import numpy as np
import pandas as pd
import pytest

from spectrolabe.predict import recalibration
from spectrolabe.predict.recalibration import (
    apply_recalibration,
    average_stars,
    fit_line,
    listed_labels,
    own_labels,
    recalibrate,
)

RANGES = {"teff": [4000, 7000]}


@pytest.fixture
def quoted(monkeypatch):
    """Calibrated errors as the networks give them: what the calibration does is tested elsewhere."""

    def intervals(predictions, label, calibration):
        assert calibration == "as measured"
        return pd.DataFrame({f"{label}_err": predictions[f"{label}_aleatoric"]})

    monkeypatch.setattr(recalibration, "intervals", intervals)


def observe(teff, errors=30.0):
    """Predictions of as many spectra, each of a star of its own."""
    table = pd.DataFrame({"teff": np.asarray(teff, float), "teff_aleatoric": errors, "teff_epistemic": 4.0})
    return table.assign(status="", source_id=[f"star {number}" for number in range(len(table))])


def trust(predictions, teff, errors=40.0):
    return pd.DataFrame({"star": predictions["source_id"], "teff": np.asarray(teff, float), "teff_err": errors})


def measure(predictions, trusted):
    return recalibrate(predictions, trusted, ["teff"], calibration={"teff": "as measured"}, ranges=RANGES)["teff"]


def test_an_offset_from_six_stars(quoted):
    predictions = observe([5000, 5020, 5040, 5060, 5080, 5100])
    fit = measure(predictions, trust(predictions, predictions["teff"] + 60))
    # hypot(30, 40) = 50 for each star, of the mean 50 / sqrt(6).
    expected = {"offset": 60, "offset_err": 50 / 6**0.5, "scale": 1, "scale_err": 0, "pivot": 5050, "spread": 1}
    assert {name: fit[name] for name in expected} == pytest.approx(expected)
    assert fit["names"] == [f"star {number}" for number in range(6)]
    assert fit["left_out"] == []
    assert fit["scatter_before"] == pytest.approx(60 * 1.4826)
    assert fit["scatter_after"] == pytest.approx(0, abs=1e-6)


def test_one_outlier_does_not_count(quoted):
    predictions = observe([5000, 5020, 5040, 5060, 5080, 5100])
    fit = measure(predictions, trust(predictions, predictions["teff"] + [60, 60, 60, 60, 60, 3000 - 1100]))
    assert fit["offset"] == pytest.approx(60)
    assert fit["left_out"] == ["star 5"]


def test_a_scale_needs_stars_across_the_range(quoted):
    teff = np.linspace(4500, 6500, 9)
    wide, narrow = observe(teff), observe(5500 + (teff - 5500) / 4)
    # Trusted labels of 5500 + 1.2 (teff - 5500) - 30.
    fits = [measure(table, trust(table, 5470 + 1.2 * (table["teff"] - 5500))) for table in (wide, narrow)]
    assert fits[0]["scale"] == pytest.approx(1.2)
    assert fits[0]["offset"] == pytest.approx(-30)
    # Along the true label: 1.2 times 250 K apart, whose squares sum to 60.
    assert fits[0]["scale_err"] == pytest.approx(50 / (300 * 60**0.5))
    assert (fits[1]["scale"], fits[1]["scale_err"]) == (1, 0)


def test_one_star_far_away_spans_nothing(quoted):
    predictions = observe([5000, 5020, 5040, 5060, 5080, 6900])
    fit = measure(predictions, trust(predictions, [5000, 5020, 5040, 5060, 5080, 6950]))
    assert fit["scale"] == 1


def test_an_insignificant_scale_is_none(quoted):
    predictions = observe(np.linspace(4500, 6500, 9))
    # 2 % over 9 stars: the standard error is 50 / (250 sqrt(60)), that is 2.6 %.
    fit = measure(predictions, trust(predictions, 5500 + 1.02 * (predictions["teff"] - 5500)))
    assert fit["scale"] == 1


def test_noise_flattens_no_scale():
    rng = np.random.default_rng(4)
    true = rng.uniform(5000, 6000, 4000)
    error, given_error = np.full(4000, 200.0), np.full(4000, 50.0)
    value, given = true + rng.normal(0, error), true + rng.normal(0, given_error)
    fit, _ = fit_line(value, error, given, given_error, 3000)
    # A plain regression on the predicted values finds 1 / (1 + 200**2 / (1000**2 / 12)) = 0.68.
    assert fit["scale"] == pytest.approx(1, abs=0.03)


def test_stars_that_scatter_more_than_they_should_widen_the_errors(quoted):
    predictions = observe([5000, 5010, 5020, 5030, 5040])
    fit = measure(predictions, trust(predictions, predictions["teff"] + [-200, -100, 0, 100, 200]))
    # Median of |residual| / 50 is 2; times 1.4826 and sqrt(5 / 4), for a fitted offset.
    assert fit["spread"] == pytest.approx(2 * 1.4826 * 1.25**0.5)
    assert fit["offset"] == pytest.approx(0, abs=1e-6)
    assert fit["offset_err"] > 50 / 5**0.5 * fit["spread"]


def test_spectra_of_a_star_are_averaged_but_share_what_the_model_does_wrong(quoted):
    predictions = observe([5000, 5060], errors=[30.0, 60.0]).assign(source_id="Sun")
    stars = average_stars(predictions, trust(predictions, [5772, 5772]), "teff", "as measured")
    # Weights 4 : 1; the mean variance by weight is 2 / (1 / 900 + 1 / 3600).
    assert stars.loc["Sun"].to_dict() == pytest.approx(
        {"value": 5012, "error": 1440**0.5, "given": 5772, "given_error": 40}
    )


def test_stars_without_an_error_have_the_median_one(quoted):
    predictions = observe([5000] * 4)
    stars = average_stars(predictions, trust(predictions, [5000] * 4, [10, np.nan, 30, 50]), "teff", "as measured")
    assert stars["given_error"].tolist() == [10, 30, 30, 50]


def test_fewer_than_five_stars_are_refused(quoted):
    predictions = observe([5000] * 7)
    predictions.loc[0, "status"] = "unreadable"
    trusted = trust(predictions, [5000, 7500, np.nan, 5000, 5000, 5000, 5000])
    with pytest.raises(ValueError, match=r"'teff': expected at least 5 trusted stars .* found 4 \(star 3, star 4, "):
        measure(predictions, trusted)


def test_labels_that_the_survey_gives_or_a_table_lists():
    predictions = observe([5000, 5100]).assign(teff_true=[5001, 5101], teff_survey=[5010, 5110], teff_survey_err=20)
    own = own_labels(predictions, ["teff"])
    assert own.to_dict("list") == {"star": ["star 0", "star 1"], "teff": [5010, 5110], "teff_err": [20, 20]}
    observed = own_labels(predictions[["source_id", "teff_true"]], ["teff"])
    assert observed["teff"].tolist() == [5001, 5101]
    assert observed["teff_err"].isna().all()
    table = pd.DataFrame({"name": ["Sun", "Procyon"], "teff": [5772, 6554], "teff_err": [1, 84]})
    listed = listed_labels(pd.Series([np.nan, "Procyon"], index=[4, 7], dtype=object), table)
    assert listed.loc[7].to_dict() == {"star": "Procyon", "teff": 6554, "teff_err": 84}
    assert listed.loc[4].isna().all()


def test_applied_with_its_own_error():
    fit = {"offset": 20, "offset_err": 3, "scale": 1.1, "scale_err": 0.01, "pivot": 5000}
    predictions = observe([5000, 5400], errors=50.0).assign(logg=4.0)
    corrected = apply_recalibration(predictions, {"labels": {"teff": fit}})
    assert corrected["teff"].tolist() == pytest.approx([5020, 5460])
    assert corrected["teff_recalibration_err"].tolist() == pytest.approx([3, 5])
    assert corrected["teff_aleatoric"].tolist() == pytest.approx([55, 55])
    assert corrected["teff_epistemic"].tolist() == pytest.approx([4.4, 4.4])
    assert corrected["logg"].tolist() == [4, 4]
    assert predictions["teff"].tolist() == [5000, 5400]


def test_all_of_it_can_be_written(quoted):
    predictions = observe([5000, 5020, 5040, 5060, 5080])
    fit = measure(predictions, trust(predictions, predictions["teff"] + 60))
    assert json.loads(json.dumps(fit, allow_nan=False)) == fit
