"""Arms alone and together: what conflation gains and overstates, by hand and on arms that share an error."""

import numpy as np
import pandas as pd
import pytest

from spectrolabe.predict.calibration import calibrate, intervals
from spectrolabe.predict.tempering import temper_predictions
from spectrolabe.train.distributions import conflate, integrate_normal, quantiles
from spectrolabe.validate.arm_figures import plot_arms
from spectrolabe.validate.arms import ARMS, COLUMNS, arm_rows, measure_arms, name_source

EDGES = np.linspace(4000, 7000, 61)
CENTRAL = [0.5, 0.1587, 0.8413]


def observe(count, seed, shared=100.0, own=100.0):
    """Two arms that know their whole error, a part of which both have in common."""
    rng = np.random.default_rng(seed)
    true, common = rng.uniform(4700, 6300, count), rng.normal(0, shared, count)
    means = [true + common + rng.normal(0, own, count) for _ in range(2)]
    arms = [integrate_normal(mean, np.hypot(shared, own), EDGES) for mean in means]
    rows = pd.DataFrame({"spectrum_id": [f"{star}" for star in range(count)], "snr": 50.0, "status": ""})
    rows = rows.assign(source_id=rows["spectrum_id"], teff_true=true, teff_aleatoric=100.0, teff_epistemic=1.0)
    for number, arm in enumerate(arms, start=1):
        names = [f"teff_arm{number}{part}" for part in ("", "_low", "_high")]
        rows[names] = quantiles(arm, EDGES, CENTRAL)
    joint = conflate(arms)
    rows["teff_distribution"] = list(joint)
    return rows.assign(teff=quantiles(joint, EDGES, [0.5])[:, 0])


@pytest.fixture
def measured():
    calibration = calibrate(observe(1500, 1), ["teff"], edges={"teff": EDGES})
    assert calibration["teff"]["temperature"] > 1.2
    rows = observe(1500, 2)
    tempered = temper_predictions(rows, calibration)
    bounds = intervals(tempered, "teff", calibration["teff"])
    catalogue = pd.concat([tempered[["spectrum_id", "source_id", "teff", "teff_true"]], bounds], axis=1)
    return measure_arms(rows, catalogue.iloc[::-1], {"teff": EDGES})


def test_conflation_of_arms_that_share_an_error_is_too_narrow_until_calibrated(measured):
    assert list(measured) == COLUMNS
    found = measured.set_index("source")
    assert found.index.tolist() == ["arm1", "arm2", "conflated", "calibrated"]
    assert (found["n"] == 1500).all()
    assert found.loc[["arm1", "arm2"], "coverage68"].to_numpy() == pytest.approx(0.683, abs=0.04)
    # Of errors of 122 K (100 shared, 71 each has left), 100 K are claimed.
    assert found.loc["conflated", "coverage68"] == pytest.approx(0.585, abs=0.04)
    assert found.loc["conflated", "half_width"] == pytest.approx(100, rel=0.05)
    assert found.loc["conflated", "std"] == pytest.approx(122, rel=0.06)
    assert found.loc["calibrated", "coverage68"] == pytest.approx(0.683, abs=0.04)
    assert found.loc["arm1", "std"] > 1.1 * found.loc["calibrated", "std"]


def test_statistics_by_hand():
    rows = observe(4, 3).assign(teff_true=5000.0)
    rows["teff_arm1"], rows["teff_arm1_low"], rows["teff_arm1_high"] = [5010.0, 5030, 4980, 9999], 4990.0, 5040.0
    rows["status"] = ["", "", "", "damaged"]
    catalogue = rows[["spectrum_id", "source_id", "teff", "teff_true"]].assign(teff_lo68=4000.0, teff_hi68=6000.0)
    first = measure_arms(rows, catalogue, {"teff": EDGES}).iloc[0]
    assert (first["n"], first["median"], first["scatter"]) == (3, 10, pytest.approx(20 * 1.4826))
    assert (first["mean"], first["half_width"]) == (pytest.approx(20 / 3), 25)
    # The third is below its own interval, which then reaches up from 4990 K: 5000 K is 20 K above it.
    assert first["coverage68"] == 1


def test_spectra_without_an_arm_count_in_no_row():
    rows = observe(10, 4)
    rows.loc[3, "teff_arm2"] = np.nan
    catalogue = rows[["spectrum_id", "source_id", "teff", "teff_true"]].assign(teff_lo68=4000.0, teff_hi68=6000.0)
    assert measure_arms(rows, catalogue, {"teff": EDGES})["n"].tolist() == [9] * 4
    unknown = catalogue.assign(teff_true=np.nan)
    assert measure_arms(rows, unknown, {"teff": EDGES}).empty


def test_table_and_figure(measured, tmp_path):
    measured.to_csv(tmp_path / "test.csv", index=False)
    rows = arm_rows(tmp_path / "test.csv")
    assert {*ARMS} <= {*rows[0]}
    assert [row["source"] for row in rows] == [name_source(source) for source in measured["source"]]
    assert rows[0]["source"] == "arm 1 alone"
    figure = plot_arms(pd.read_csv(tmp_path / "test.csv"))
    assert len(figure.axes) == 3
    assert plot_arms(measured.iloc[:0]).axes == []
