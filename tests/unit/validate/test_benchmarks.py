"""Benchmark stars: groups, subsets and averages of five invented stars, by hand."""

import numpy as np
import pandas as pd
import pytest

from spectrolabe.validate.benchmarks import (
    assign_groups,
    compare_benchmarks,
    inside_range,
    quadratic_mean_difference,
    summarise_groups,
)

NAN = np.nan
RANGES = {"teff": [4000.0, 7000.0], "logg": [0.5, 5.0], "feh": [-2.5, 0.5], "rv": [-3.0, 3.0]}


@pytest.fixture
def table():
    rows = [
        ("Sun", 5770, 1.0, 4.4, 0.0),
        ("warm dwarf", 6000, 30.0, 4.0, -0.9),
        ("cool dwarf", 4300, 40.0, 4.6, -0.3),
        ("giant", 5000, NAN, 2.5, -0.5),
        ("old star", 5500, 50.0, 3.6, -1.0),
        ("oldest star", 5500, 50.0, 3.0, -2.6),
    ]
    table = pd.DataFrame(rows, columns=["name", "teff", "teff_err", "logg", "feh"])
    return table.assign(logg_err=0.1, feh_err=0.1, aliases="")


@pytest.fixture
def stars():
    """The star of each spectrum: the warm dwarf has three, one of them unreadable, and one spectrum is of no star."""
    names = ["giant", "warm dwarf", NAN, "warm dwarf", "Sun", "warm dwarf", "old star", "oldest star", "cool dwarf"]
    return pd.Series(names, dtype=object)


@pytest.fixture
def catalogue(stars):
    offset = [80.0, 30, 0, 50, 20, NAN, -60, 500, 200]
    literature = {"giant": 5000, "warm dwarf": 6000, "Sun": 5770, "old star": 5500, "oldest star": 5500}
    teff = stars.map(literature | {"cool dwarf": 4300}).fillna(5000) + offset
    rows = pd.DataFrame({"spectrum_id": list("abcdefghi"), "snr": 50.0, "flag": 0, "flag_text": "", "teff": teff})
    return rows.assign(teff_err=40.0, vbroad=1.0, vbroad_err=1.0)


@pytest.fixture
def rows(catalogue, stars, table):
    return compare_benchmarks(catalogue, stars, table, ranges=RANGES, mask_stars=["Sun"], coolest=4600)


def test_comparison_has_a_row_per_spectrum_group_by_group(rows):
    assert rows["spectrum_id"].tolist() == ["e", "b", "d", "f", "i", "a", "g", "h"]
    assert rows["group"].tolist() == ["MRD"] * 5 + ["MRG", "MP", "MP"]
    np.testing.assert_allclose(rows["teff_difference"], [20, 30, 50, NAN, 200, 80, -60, 500])
    assert rows["teff_literature"].tolist() == [5770, 6000, 6000, 6000, 4300, 5000, 5500, 5500]
    assert not any(column.startswith(("vbroad", "logg")) for column in rows)


def test_errors_are_joined_and_an_unknown_one_counts_as_none(rows):
    errors = rows.set_index("spectrum_id")["teff_difference_err"]
    assert errors["b"] == pytest.approx(50)  # 30 and 40 K
    assert errors["a"] == 40


def test_each_star_stands_in_one_subset(rows):
    subsets = rows.set_index("spectrum_id")["subset"]
    assert subsets.to_dict() == {
        "e": "mask", "b": "compared", "d": "compared", "f": "compared",
        "i": "cooler", "a": "compared", "g": "compared", "h": "outside",
    }  # fmt: skip
    assert rows["used_for_mask"].sum() == 1
    assert rows.loc[~rows["inside_range"], "star"].tolist() == ["oldest star"]


def test_without_a_limit_no_star_is_too_cool(catalogue, stars, table):
    rows = compare_benchmarks(catalogue, stars, table, ranges=RANGES)
    assert set(rows["subset"]) == {"compared", "outside"}


@pytest.mark.parametrize(
    ("feh", "logg", "group"),
    [(-0.99, 3.51, "MRD"), (-0.99, 3.5, "MRG"), (-1.0, 4.5, "MP"), (-1.0, 1.0, "MP"), (0.3, 1.0, "MRG")],
)
def test_limits_of_the_groups(feh, logg, group):
    assert assign_groups(pd.DataFrame({"feh": [feh], "logg": [logg]})).tolist() == [group]


def test_a_literature_label_that_is_unknown_is_no_reason_to_be_outside():
    literature = pd.DataFrame({"teff": [4000.0, 3999, NAN], "feh": [0.5, 0.0, NAN]})
    assert inside_range(literature, RANGES).tolist() == [True, False, True]


def test_spectra_of_a_star_are_averaged_first(rows):
    dwarfs = rows[(rows["group"] == "MRD") & (rows["subset"] == "compared")]
    assert quadratic_mean_difference(dwarfs, "teff") == pytest.approx(40)
    both = rows[rows["star"].isin(["warm dwarf", "giant"])]
    assert quadratic_mean_difference(both, "teff") == pytest.approx(np.sqrt((40**2 + 80**2) / 2))
    assert np.isnan(quadratic_mean_difference(rows.iloc[:0], "teff"))


def test_groups_are_summarised_subset_by_subset(rows):
    groups = summarise_groups(rows).set_index(["subset", "group"])
    assert groups.loc[("compared", "MRD"), ["stars", "spectra", "quadratic_mean", "bias"]].tolist() == [1, 2, 40, 40]
    assert groups.loc[("compared", "MRG"), "quadratic_mean"] == pytest.approx(80)
    assert groups.loc[("compared", "MP"), ["quadratic_mean", "bias"]].tolist() == pytest.approx([60, -60])
    everything = groups.loc[("compared", "all")]
    assert everything["quadratic_mean"] == pytest.approx(np.sqrt((40**2 + 80**2 + 60**2) / 3))
    assert everything["bias"] == pytest.approx(20)
    assert groups.loc[("cooler", "MRD"), "bias"] == 200
    assert groups.loc[("outside", "MP"), "stars"] == 1
    assert groups.loc[("mask", "MRD"), "bias"] == 20
    assert ("cooler", "MP") not in groups.index


def test_survey_without_benchmark_stars_is_an_empty_comparison(catalogue, table):
    nobody = pd.Series(NAN, index=catalogue.index, dtype=object)
    rows = compare_benchmarks(catalogue, nobody, table, ranges=RANGES, coolest=4600)
    assert len(rows) == 0
    assert len(summarise_groups(rows)) == 0
