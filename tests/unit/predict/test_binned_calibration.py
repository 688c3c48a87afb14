"""Calibration of distributions over bins: intervals hold what they claim, and need not be even."""

import numpy as np
import pandas as pd
import pytest

from spectrolabe.predict.calibration import LEVELS, calibrate, intervals, predicted_sides
from spectrolabe.predict.catalogue import build_catalogue
from spectrolabe.predict.recalibration import apply_recalibration, recalibrate
from spectrolabe.predict.tempering import temper_predictions
from spectrolabe.train.distributions import integrate_normal
from spectrolabe.validate.coverage import measure_coverage

EDGES = np.linspace(4000, 7000, 51)


def skewed(count, seed, wider=1.0, error=0.0):
    """Predictions with a long tail above: a narrow peak and a wide one, of other widths than claimed."""
    rng = np.random.default_rng(seed)
    peak, upper = rng.uniform(4600, 5600, count), rng.random(count) < 0.4
    true = peak + np.where(upper, 350 + rng.normal(0, 150, count), rng.normal(0, 60, count))
    parts = [integrate_normal(peak, 60 * wider, EDGES), integrate_normal(peak + 350, 150 * wider, EDGES)]
    rows = pd.DataFrame({"spectrum_id": [f"{seed}-{star}" for star in range(count)], "snr": 60.0, "status": ""})
    rows = rows.assign(source_id=rows["spectrum_id"], ra=1.0, dec=2.0, bad_share=0.0, missing_ends=0.0)
    rows["teff_distribution"] = list(np.float32(0.6 * parts[0] + 0.4 * parts[1]))
    rows["teff"] = peak
    rows = rows.assign(teff_aleatoric=200.0, teff_epistemic=10.0, teff_mean=peak, teff_true=true)
    return rows.assign(teff_true=true + rng.normal(0, 1, count) * error, teff_true_err=error, teff_actual=true)


def catalogue_of(rows, calibration, **options):
    calibration = {"labels": calibration, "doubt": {"fallback": "no star"}, "calibrated_on": {"origin": "observed"}}
    limits = {"min_snr": 10, "max_bad_share": 0.2, "max_err": {}, "false_alarms": 0.02}
    return build_catalogue(rows, ["teff"], calibration=calibration, ranges={"teff": [4000, 7000]}, **limits, **options)


@pytest.mark.parametrize("wider", [0.6, 1.0, 1.6])
def test_intervals_hold_what_they_claim_whatever_the_widths_were(wider):
    calibration = calibrate(skewed(2000, 1, wider), ["teff"], edges={"teff": EDGES})
    temperature = calibration["teff"]["temperature"]
    assert temperature == pytest.approx(1, rel=0.15) if wider == 1 else (temperature < 1) == (wider > 1)
    fresh = temper_predictions(skewed(2500, 2, wider), calibration)
    columns = intervals(fresh, "teff", calibration["teff"])
    for level, (share, _) in LEVELS.items():
        inside = fresh["teff_true"].between(columns[f"teff_lo{level}"], columns[f"teff_hi{level}"]).mean()
        assert inside == pytest.approx(share, abs=0.025), level
    if wider == 1:
        assert (columns["teff_hi68"] - fresh["teff"] > fresh["teff"] - columns["teff_lo68"]).mean() > 0.95
    np.testing.assert_allclose(columns["teff_err"], (columns["teff_hi68"] - columns["teff_lo68"]) / 2)
    assert (np.diff(columns[[f"teff_hi{level}" for level in LEVELS]], axis=1) >= 0).all()


def test_errors_of_labels_are_taken_out():
    # Networks that learn from such labels predict their errors with the rest.
    rows = skewed(2500, 3, error=100.0)
    rows["teff_distribution"] = skewed(2500, 3, wider=1.6)["teff_distribution"]
    calibration = calibrate(rows, ["teff"], edges={"teff": EDGES})
    assert calibration["teff"]["reference_errors"]
    assert calibration["teff"]["temperature"] < 0.9
    fresh = skewed(2500, 4).assign(teff_distribution=skewed(2500, 4, wider=1.6)["teff_distribution"])
    fresh = temper_predictions(fresh, calibration)
    columns = intervals(fresh, "teff", calibration["teff"])
    inside = fresh["teff_true"].between(columns["teff_lo68"], columns["teff_hi68"]).mean()
    assert inside == pytest.approx(0.683, abs=0.07)


def test_other_labels_are_calibrated_as_ever():
    rows = skewed(600, 5)
    rows = rows.assign(logg=4.0, logg_aleatoric=0.1, logg_epistemic=0.0)
    rows["logg_true"] = 4 + np.random.default_rng(5).normal(0, 0.1, 600)
    both = calibrate(rows, ["teff", "logg"], edges={"teff": EDGES})
    assert both["logg"] == calibrate(rows, ["logg"])["logg"]
    assert {"temperature", "edges"} & {*both["logg"]} == set()
    below, above = predicted_sides(rows, "logg", "95")
    np.testing.assert_array_equal(below, above)


def test_the_catalogue_says_median_mean_entropy_and_transform():
    calibration = calibrate(skewed(2000, 6), ["teff"], edges={"teff": EDGES})
    rows = skewed(2000, 7)
    rows.loc[5, "status"] = "damaged"
    catalogue = catalogue_of(rows, calibration)
    extra = ["teff_mean", "teff_entropy", "teff_pit"]
    assert list(catalogue)[list(catalogue).index("teff_hi95") + 1 :][:4] == [*extra, "teff_flag"]
    assert catalogue.loc[5, ["teff", "teff_err", *extra]].isna().all()
    assert (catalogue["teff_mean"] > catalogue["teff"]).mean() > 0.95
    counts, _ = np.histogram(catalogue["teff_pit"].dropna(), np.linspace(0, 1, 11))
    assert abs(counts / 2000 - 0.1).max() < 0.025
    of_all = measure_coverage(catalogue).query("bins == 'all'")
    assert of_all["within"].all()
    assert not any("distribution" in name for name in catalogue)
    without = catalogue_of(rows.drop(columns=["teff_true", "teff_true_err"]), calibration)
    assert "teff_pit" not in without


def test_recalibration_moves_and_stretches_the_distribution():
    calibration = calibrate(skewed(1000, 8), ["teff"], edges={"teff": EDGES})
    fit = {"offset": 50.0, "offset_err": 0.0, "scale": 1.1, "scale_err": 0.0, "pivot": 5000.0}
    rows = skewed(200, 9)
    plain = catalogue_of(rows, calibration)
    rows["teff_true"] = 5050 + 1.1 * (rows["teff_true"] - 5000)
    moved = catalogue_of(rows, calibration, recalibration={"labels": {"teff": fit}})
    np.testing.assert_allclose(moved["teff_pit"], plain["teff_pit"], atol=1e-4)
    for name in ("teff", "teff_mean", "teff_lo68", "teff_hi95"):
        np.testing.assert_allclose(moved[name], 5050 + 1.1 * (plain[name] - 5000), atol=0.02)
    np.testing.assert_allclose(moved["teff_err"], 1.1 * plain["teff_err"], rtol=1e-4)
    np.testing.assert_array_equal(moved["teff_entropy"], plain["teff_entropy"])


def test_trusted_stars_are_compared_with_tempered_medians():
    calibration = calibrate(skewed(1000, 10), ["teff"], edges={"teff": EDGES})
    rows = skewed(40, 11)
    tempered = temper_predictions(rows, calibration)
    trusted = pd.DataFrame({"star": rows["source_id"], "teff": tempered["teff"] - 80, "teff_err": 20.0})
    options = {"calibration": calibration, "ranges": {"teff": [4000, 7000]}}
    fit = recalibrate(rows, trusted, ["teff"], **options)["teff"]
    assert fit["offset"] == pytest.approx(-80, abs=1)
    corrected = apply_recalibration(tempered, {"labels": {"teff": fit}})
    np.testing.assert_allclose(corrected["teff"], trusted["teff"], atol=2)
