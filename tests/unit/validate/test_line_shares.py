"""Shares of gradients within lines, counted by hand."""

import numpy as np
import pandas as pd
import pytest

from spectrolabe.validate.line_shares import (
    ELSEWHERE,
    assign_pixels,
    correlate_gradients,
    lines_of_elements,
    measure_shares,
    summarise_shares,
)

WAVELENGTH = 8700 + 0.25 * np.arange(20)
LINES = pd.DataFrame(
    [("Mg", 1, 8701.0, 0.3), ("Mg", 1, 8704.0, 0.01), ("Al", 1, 8701.75, 0.1), ("Fe", 1, 8703.0, 0.9)],
    columns=["element", "ion", "wavelength", "depth"],
)
NAMED = {"mg_fe": [8700.0], "al_fe": [8701.75]}


def make_table(**gradients):
    columns = {"wavelength": WAVELENGTH, "mean_flux": 1.0}
    for label, gradient in gradients.items():
        columns |= {label: np.asarray(gradient, float), f"{label}_spread": 0.0}
    return pd.DataFrame(columns)


def share_of(rows, label, lines):
    (row,) = [row for row in rows if row["label"] == label and row["lines"] == lines]
    return row


def test_lines_of_an_element_are_those_named_and_those_that_are_strong():
    found = lines_of_elements(LINES, NAMED)
    assert found["mg_fe"].tolist() == [8700.0, 8701.0]
    assert found["al_fe"].tolist() == [8701.75]


def test_a_pixel_belongs_to_the_nearest_line():
    owner = assign_pixels(WAVELENGTH, {"mg_fe": np.array([8701.0]), "al_fe": np.array([8701.75])})
    # 8700.5 is the edge of the first, 8701.25 nearer to it, 8701.5 nearer to the second, 8702.25 the edge of that.
    assert owner[2:6].tolist() == ["mg_fe"] * 4
    assert owner[6:10].tolist() == ["al_fe"] * 4
    assert set(owner[:2]) | set(owner[10:]) == {ELSEWHERE}


def test_shares_by_hand():
    gradient = np.zeros(20)
    gradient[[3, 5]], gradient[7], gradient[15] = -3, 2, 2
    lines = {"mg_fe": np.array([8701.0]), "al_fe": np.array([8701.75])}
    rows = measure_shares(make_table(mg_fe=gradient, a_al=-gradient, teff=np.zeros(20)), lines)
    own = share_of(rows, "mg_fe", "mg_fe")
    assert own == {
        "label": "mg_fe", "arm": "8700-8705", "lines": "mg_fe", "own": True,
        "pixels": pytest.approx(4 / 20), "share": pytest.approx(0.6), "enhancement": pytest.approx(3.0),
    }  # fmt: skip
    other, rest = share_of(rows, "mg_fe", "al_fe"), share_of(rows, "mg_fe", ELSEWHERE)
    assert (other["own"], other["share"]) == (False, pytest.approx(0.2))
    assert (rest["own"], rest["share"], rest["pixels"]) == (False, pytest.approx(0.2), pytest.approx(12 / 20))
    assert [row["own"] for row in rows if row["label"] == "a_al"] == [False, True, False]
    assert share_of(rows, "teff", "mg_fe")["share"] is None


def test_pixels_that_no_star_has_are_left_out():
    gradient = np.ones(20)
    gradient[4:12] = np.nan
    rows = measure_shares(make_table(mg_fe=gradient), {"mg_fe": np.array([8701.0])})
    own = share_of(rows, "mg_fe", "mg_fe")
    assert (own["pixels"], own["share"]) == pytest.approx((2 / 12, 2 / 12))
    unknown = measure_shares(make_table(mg_fe=np.full(20, np.nan)), {"mg_fe": np.array([8701.0])})
    assert share_of(unknown, "mg_fe", "mg_fe")["share"] is share_of(unknown, "mg_fe", "mg_fe")["pixels"] is None


def test_correlations_of_gradients():
    rng = np.random.default_rng(1)
    first, second = rng.normal(size=(2, 20))
    found = correlate_gradients(make_table(a_mg=first, a_fe=-5 * first, logg=second, teff=np.zeros(20)))
    assert found["a_mg"]["a_fe"] == pytest.approx(-1)
    assert found["a_mg"]["logg"] == pytest.approx(np.corrcoef(first, second)[0, 1])
    assert found["a_mg"]["teff"] is None


def test_the_summary_says_what_it_rests_on():
    summary = summarise_shares(make_table(mg_fe=np.ones(20)), {"stars": 10, "members": 2}, LINES, NAMED)
    assert (summary["stars"], summary["members"], summary["half_width"]) == (10, 2, 0.5)
    assert summary["lines"] == {"mg_fe": [8700.0, 8701.0], "al_fe": [8701.75]}
    assert sum(row["share"] for row in summary["shares"]) == pytest.approx(1)
