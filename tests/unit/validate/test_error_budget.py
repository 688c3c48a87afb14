"""What errors are made of, and whether repeated spectra scatter as they say."""

import numpy as np
import pandas as pd
import pytest

from spectrolabe.validate.error_budget import measure_errors
from spectrolabe.validate.error_tables import ERRORS, error_rows


def catalogue():
    """Twelve stars with two spectra 6 K apart, a single one, and one that cannot be read; the error is 5 K."""
    names = [*np.repeat([f"s{star}" for star in range(12)], 2), "t", "u"]
    rows = pd.DataFrame({"source_id": names, "ra": 1.0, "dec": 2.0, "snr": 50.0, "flag": [0] * 25 + [1]})
    rows["teff"] = [*(12 * [5000.0, 5006]), 5500, np.nan]
    parts = {"_err": 5.0, "_err_aleatoric": 3.0, "_err_epistemic": 4.0, "_err_grid": 7.0}
    return rows.assign(**{f"teff{part}": value for part, value in parts.items()}, teff_lo68=0.0, teff_flag=0)


def test_budget_and_repeats_by_hand():
    row = measure_errors(catalogue()).iloc[0]
    assert row[["n", "aleatoric", "epistemic", "grid", "total"]].tolist() == [25, 3, 4, 7, 5]
    assert row[["repeated", "quoted"]].tolist() == [12, 5]
    # Two spectra 3 K off their mean: 9 + 9 over one degree of freedom; in errors, 0.72 of a usual 0.4549.
    assert row["scatter"] == pytest.approx(np.sqrt(18))
    assert row["share"] == pytest.approx(0.72 / 0.4549, rel=1e-3)
    assert row["improbable"] == 0


def test_a_survey_without_repeats_has_its_budget_alone():
    row = measure_errors(catalogue().drop(columns="teff_err_grid")[24:]).iloc[0]
    assert row[["n", "total", "repeated"]].tolist() == [1, 5, 0]
    assert row[["grid", "scatter", "quoted", "share", "improbable"]].isna().all()


def test_the_table_of_the_report(tmp_path):
    measure_errors(catalogue()).to_csv(tmp_path / "survey.csv", index=False)
    rows = error_rows(tmp_path / "survey.csv")
    assert len(rows) == 1
    assert rows[0].keys() == ERRORS.keys()
    assert rows[0] == {
        "label": "teff", "n": "25", "aleatoric": "3", "epistemic": "4", "grid": "7", "total": "5", "repeated": "12",
        "scatter": "4", "quoted": "5", "share": "158.3 %", "improbable": "0.0 %",
    }  # fmt: skip
