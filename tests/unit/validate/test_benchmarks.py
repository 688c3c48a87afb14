from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from spectrolabe.validate.benchmarks import (
    compare_benchmarks,
    match_stars,
    quadratic_mean_difference,
    read_benchmarks,
    summarise,
    within_range,
)

TABLE = Path(__file__).parents[3] / "resources" / "benchmark_stars.csv"


@pytest.fixture(scope="module")
def table():
    return read_benchmarks(TABLE)


def match(table, spectrum, source=None):
    return match_stars(pd.DataFrame({"spectrum_id": [spectrum], "source_id": [source]}), table).iloc[0]


@pytest.mark.parametrize(
    ("spectrum", "star"),
    [
        ("UVES_betHyi-1_47000", "bet Hyi"),
        ("ATLAS.Sun_47000", "Sun"),
        ("Sun_HARPS", "Sun"),
        ("iraf_NARVAL_61CygB_47000", "61 Cyg B"),
        ("61_Cyg_A", "61 Cyg A"),
        ("UVES_epsEri-2_47000", "eps Eri"),
        ("HARPS.GBOG_alfCenA-1", "alf Cen A"),
        ("folder/bet_Hyi", "bet Hyi"),
        ("HD22879", "HD 22879"),
        ("HD-22879", "HD 22879"),
        ("hd_022879", "HD 22879"),
        ("NARVAL_hd140283_1", "HD 140283"),
        ("uvl_07391749+0513163_580.0", "Procyon"),
    ],
)
def test_stars_are_found_in_file_names(table, spectrum, star):
    assert match(table, spectrum) == star


@pytest.mark.parametrize(
    "spectrum", ["NARVAL_HD175305_47000", "sunflower", "UVES_Sunday", "HD228790", "cyg_61", "betHyi2"]
)
def test_other_names_are_no_benchmark_star(table, spectrum):
    assert pd.isna(match(table, spectrum))


def test_source_comes_before_the_file_name(table):
    assert match(table, "spectrum_7", "alf Boo") == "Arcturus"
    assert match(table, "Sun_7", "HD 2151") == "bet Hyi"
    assert match(table, "Sun_7", "unknown") == "Sun"


def test_longest_name_counts():
    table = pd.DataFrame({"name": ["short", "long"], "aliases": ["61Cyg", "61CygB"]})
    assert match(table, "61_Cyg_B") == "long"


def test_table_holds_the_34_stars_and_only_known_numbers(table):
    assert len(table) == 34
    assert table["name"].is_unique
    aliases = [alias for aliases in table["aliases"] for alias in aliases.split(";") if alias]
    assert len(set(aliases)) == len(aliases)
    sun = table.set_index("name").loc["Sun"]
    assert (sun["teff"], sun["logg"], sun["feh"], sun["alpha_fe"]) == (5771, 4.44, 0.03, 0)
    sources = {"teff": "teff_source", "logg": "logg_source", "feh": "feh_source", "alpha_fe": "alpha_source"}
    for label, source in sources.items():
        assert (table[label].notna() == table[source].notna()).all()


@pytest.fixture
def catalogue():
    return pd.DataFrame(
        {
            "spectrum_id": ["betHyi", "nobody", "Sun_1", "Sun_2"],
            "source_id": ["betHyi", "nobody", "Sun_1", "Sun_2"],
            "snr": [50.0, 60, 70, 80],
            "flag": [8, 0, 0, 1],
            "flag_text": ["teff outside the training range", "", "", "unreadable"],
            "teff": [5873.0 + 40, 5000, 5771 - 30, np.nan],
            "teff_err": [60.0, 1, 40, np.nan],
            "vbroad": [1.0, 2, 3, np.nan],
            "vbroad_err": [1.0, 1, 1, np.nan],
        }
    )


def test_comparison_has_a_row_per_spectrum_the_sun_first(catalogue, table):
    rows = compare_benchmarks(catalogue, table)
    assert rows["spectrum_id"].tolist() == ["Sun_1", "Sun_2", "betHyi"]
    assert rows["star"].tolist() == ["Sun", "Sun", "bet Hyi"]
    np.testing.assert_allclose(rows["teff_difference"], [-30, np.nan, 40])
    np.testing.assert_allclose(rows["teff_difference_err"], [np.hypot(40, 1), np.nan, np.hypot(60, 45)])
    np.testing.assert_allclose(rows["teff_literature"], [5771, 5771, 5873])
    assert not any(column.startswith(("vbroad", "logg")) for column in rows)


def test_quadratic_mean_of_all_and_within_the_training_range(catalogue, table):
    rows = compare_benchmarks(catalogue, table)
    assert quadratic_mean_difference(rows, "teff") == pytest.approx(np.sqrt((900 + 1600) / 2))
    assert quadratic_mean_difference(within_range(rows), "teff") == pytest.approx(30)
    summary = summarise(rows).loc["teff"]
    assert (summary["n"], summary["n_within"], summary["bias"]) == (2, 1, 5)


def test_missing_literature_error_counts_as_none():
    stars = pd.DataFrame({"name": ["A"], "aliases": [""], "teff": [5000.0], "teff_err": [np.nan]})
    catalogue = pd.DataFrame({"spectrum_id": ["a"], "source_id": ["a"], "teff": [5010.0], "teff_err": [7.0]})
    assert compare_benchmarks(catalogue, stars)["teff_difference_err"].tolist() == [7.0]


def test_survey_without_benchmark_stars_is_an_empty_comparison(catalogue, table):
    rows = compare_benchmarks(catalogue.iloc[[1]], table)
    assert len(rows) == 0
    assert np.isnan(quadratic_mean_difference(rows, "teff"))
