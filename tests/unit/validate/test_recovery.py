"""What injected stars tell: numbers worked out by hand, limits where they were planted, and a figure of all of it."""

import json

import numpy as np
import pandas as pd
import pytest

from spectrolabe.predict.flags import CALIBRATED_ON_SYNTHETIC
from spectrolabe.prepare import injection
from spectrolabe.validate import recovery
from spectrolabe.validate.recovery import find_limits, is_broken, summarise_recovery, tabulate_recovery
from spectrolabe.validate.recovery_figures import plot_recovery
from spectrolabe.validate.recovery_tables import LIMIT_COLUMNS, MISMATCH_COLUMNS, limit_rows, mismatch_rows


def make_catalogue(kinds=("none", "resolution"), per_bin=100, wrong=None):
    """Stars in every bin of S/N, of errors of 50 K in the middle of their intervals but in bins that are ``wrong``.

    ``wrong`` : (mismatch, low S/N) -> share of the stars inside their 68 % interval.
    """
    rows = []
    for kind in kinds:
        for low in recovery.SNR_EDGES[:-1]:
            inside = round(per_bin * (wrong or {}).get((kind, low), 0.70))
            place = np.arange(per_bin)
            # Errors to both sides in turn: half of the interval inside it, twice the interval outside.
            size = np.where(place < inside, 25.0, 100.0) * np.where(place % 2, 1, -1)
            truth = np.linspace(4000, 7000, per_bin)
            table = pd.DataFrame({"teff": truth + size, "teff_true": truth, "teff_err": 50.0, "snr": low * 1.5})
            table["mismatch"] = kind
            rows.append(table)
    table = pd.concat(rows, ignore_index=True)
    for level, half in (("68", 50.0), ("95", 150.0)):
        table[f"teff_lo{level}"], table[f"teff_hi{level}"] = table["teff"] - half, table["teff"] + half
    flag = np.where(table["snr"] < 10, 2, 0) | CALIBRATED_ON_SYNTHETIC
    names = [f"star-{number}" for number in range(len(table))]
    return table.assign(spectrum_id=names, teff_flag=0, flag=flag.astype(np.int32))


def limits_of(**changes):
    table = tabulate_recovery(make_catalogue(**changes))
    return find_limits(table, summarise_recovery(table))["teff"]


def test_mismatches_are_those_that_are_injected():
    assert tuple(recovery.MISMATCHES) == injection.MISMATCHES
    assert (recovery.SNR_EDGES[0], recovery.SNR_EDGES[-1]) == injection.SNR


def test_a_row_per_star_says_whether_the_intervals_hold_it():
    catalogue = make_catalogue(per_bin=10)
    catalogue.loc[0, ["teff", "teff_lo68", "teff_hi68"]] = np.nan
    table = tabulate_recovery(catalogue)
    assert table["teff_inside68"].iloc[:10].tolist() == [pd.NA, *[True] * 6, *[False] * 3]
    assert table["teff_inside95"].all()
    # What concerns the whole catalogue is no reason to doubt one of its stars.
    assert table["flag"].iloc[[0, -1]].tolist() == [2, 0]
    assert {"spectrum_id", "mismatch", "snr", "teff", "teff_true", "teff_err", "teff_flag"} < set(table)


def test_statistics_by_hand():
    summary = summarise_recovery(tabulate_recovery(make_catalogue(per_bin=10, wrong={("none", 5): 0.4})))
    rows = summary.set_index(["mismatch", "bins", "low"]).loc["none"]
    faint, clear = rows.loc[("snr", 5.0)], rows.loc[("clear", 40.0)]
    assert (faint["n"], clear["n"], rows.loc[("all", 0.0)]["n"]) == (10, 30, 60)
    # -25, 25, -25, 25, then -100, 100, ... : the median is 0, that of absolute deviations 100.
    assert (faint["bias"], faint["coverage68"], faint["coverage95"]) == (0, 0.4, 1)
    assert faint["scatter"] == pytest.approx(148.26)
    # All faint stars are flagged, so that nothing is known of the others.
    assert faint["flagged"] == 1
    assert np.isnan(faint["coverage68_unflagged"])
    assert (clear["flagged"], clear["coverage68_unflagged"]) == (0, 0.7)
    assert clear["scatter"] == pytest.approx(1.4826 * 25)


def test_broken_means_six_points_and_twice_the_binomial_error():
    # The error is 0.4654 over the root of the count: 4.65 points of 100 stars, 0.47 of 10 000.
    assert not is_broken(0.60, 100)
    assert is_broken(0.58, 100)
    assert not is_broken(0.63, 10_000)
    assert is_broken(0.62, 10_000)
    assert not is_broken(np.nan, 100)


def test_limits_are_found_where_they_were_planted():
    assert limits_of() == {
        "coverage_from": 5.0, "broken_bins": [], "scatter_from": 5.0, "broken_by": [],
        "sentence": "68 % intervals hold at S/N 5 to 300; scatter 37 K at S/N above 160, 37 K below 10;"
        " no mismatch breaks the intervals.",
    }  # fmt: skip
    found = limits_of(wrong={("none", 5): 0.4, ("none", 10): 0.5, ("none", 80): 0.3, ("resolution", 40): 0.1})
    assert found["coverage_from"] == 20
    assert found["broken_bins"] == [[5.0, 10.0], [10.0, 20.0], [80.0, 160.0]]
    assert found["broken_by"] == ["resolution"]
    assert found["sentence"] == (
        "68 % intervals hold at S/N 5 to 300 except at 5 to 10 (40 % inside), 10 to 20 (50 % inside), 80 to 160 (30 %"
        " inside); scatter 37 K at S/N above 160, 148 K below 10; broken by: resolution 10 % lower (50 % inside, 0 %"
        " flagged)."
    )
    nowhere = limits_of(wrong={("none", low): 0.1 for low in recovery.SNR_EDGES[:-1]})
    assert nowhere["coverage_from"] is None
    assert nowhere["sentence"].startswith("68 % intervals hold at no S/N;")


def test_scatter_is_set_against_what_the_stars_differ_by():
    catalogue = make_catalogue()
    faint = catalogue["snr"] < 20
    # The stars are uniform over 3000 K, which is a standard deviation of 866 K: half of it is 433 K.
    catalogue.loc[faint, "teff"] += np.where(np.arange(faint.sum()) % 2, 600, -600)
    table = tabulate_recovery(catalogue)
    found = find_limits(table, summarise_recovery(table))["teff"]
    assert found["scatter_from"] == 20
    assert "below S/N 20 it is more than half of what the stars differ by" in found["sentence"]


def test_a_head_without_uncertainties_claims_nothing():
    catalogue = make_catalogue()
    catalogue[["teff_err", "teff_lo68", "teff_hi68", "teff_lo95", "teff_hi95"]] = np.nan
    table = tabulate_recovery(catalogue)
    found = find_limits(table, summarise_recovery(table))["teff"]
    assert found["coverage_from"] is None
    assert found["broken_by"] == []
    assert found["sentence"].startswith("No interval is given; scatter 37 K")
    plot_recovery(table)


def test_the_reports_tables(tmp_path):
    table = tabulate_recovery(make_catalogue(wrong={("resolution", 40): 0.4}))
    summary = summarise_recovery(table)
    summary.to_csv(tmp_path / "mlp.csv", index=False)
    (tmp_path / "mlp.json").write_text(json.dumps(find_limits(table, summary), allow_nan=False))
    rows = mismatch_rows(tmp_path / "mlp.csv")
    assert [list(row) for row in rows] == [list(MISMATCH_COLUMNS)] * 2
    assert rows[1] == {
        "label": "teff", "mismatch": "resolution 10 % lower", "n": "300", "bias": "+0", "scatter": "37",
        "coverage68": "60.0 %", "coverage95": "100.0 %", "flagged": "0.0 %", "coverage68_unflagged": "60.0 %",
    }  # fmt: skip
    (row,) = limit_rows(tmp_path / "mlp.json")
    assert list(row) == list(LIMIT_COLUMNS)
    assert "resolution 10 % lower (60 % inside" in row["sentence"]


def test_the_figure_has_a_row_per_label_and_a_mark_per_mismatch():
    catalogue = make_catalogue(kinds=tuple(recovery.MISMATCHES), wrong={("grid", 40): 0.1})
    renamed = catalogue.filter(regex="^teff").rename(columns=lambda name: name.replace("teff", "logg"))
    figure = plot_recovery(tabulate_recovery(catalogue.join(renamed)))
    assert len(figure.axes) == 8
    first, _, inside, kinds = figure.axes[:4]
    assert [text.get_text() for text in first.get_xticklabels()] == [
        "4000",
        "4500",
        "5000",
        "5500",
        "6000",
        "6500",
        "7000",
    ]
    # Each of the 36 cells has 16 or 17 stars.
    assert len(inside.texts) == 36
    assert [text.get_text() for text in kinds.get_yticklabels()][-1] == "other grid"
    assert [text.get_text() for text in kinds.texts] == ["70 % inside, 0 % flagged"] * 5 + ["50 % inside, 0 % flagged"]


def test_no_star_with_a_label_is_said_in_words():
    catalogue = make_catalogue(per_bin=6)
    catalogue["teff"] = np.nan
    table = tabulate_recovery(catalogue)
    assert summarise_recovery(table).empty
    assert find_limits(table, summarise_recovery(table)) == {}
    assert plot_recovery(table).texts[0].get_text() == "No injected star has a label"
