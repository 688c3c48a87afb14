from pathlib import Path

import pandas as pd
import pytest

from spectrolabe.acquire.reference_stars import match_stars, read_benchmarks

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
