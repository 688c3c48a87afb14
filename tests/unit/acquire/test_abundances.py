"""Abundances relative to the Sun."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from spectrolabe.acquire.abundances import add_relative
from spectrolabe.acquire.catalogues import read_catalogue
from spectrolabe.recipe import RECIPE_SCHEMA

FOLDER = Path(__file__).resolve().parents[3] / "resources" / "solar_abundances"
SOLAR = FOLDER / "grevesse2007.csv"


def test_names_in_the_schema_are_those_of_the_tables():
    allowed = RECIPE_SCHEMA.root["$defs"]["catalogue"]["properties"]["solar"]["enum"]
    assert sorted(allowed) == sorted(path.stem for path in FOLDER.glob("*.csv"))


def test_the_sun_has_the_published_abundances():
    sun = pd.read_csv(SOLAR, keep_default_na=False).set_index("element")["abundance"]
    assert sun[["H", "C", "O", "Mg", "Al", "Si", "Fe"]].tolist() == [12.0, 8.39, 8.66, 7.53, 6.37, 7.51, 7.45]
    assert len(sun) == 83
    assert sun.index.is_unique


def test_abundances_by_hand():
    table = pd.DataFrame(
        {"a_fe": [7.45, 6.95, np.nan], "a_fe_err": [0.03, 0.06, 0.1], "a_mg": [7.53, 7.43, 7.0]}
        | {"a_mg_err": [0.04, 0.08, 0.1], "a_al": [6.37, np.nan, 6.0], "a_fe_true": 1.0, "a_v_mag": 2.0}
    )
    found = add_relative(table, SOLAR)
    assert list(found.columns) == [*table.columns, "feh", "feh_err", "al_fe", "mg_fe", "mg_fe_err"]
    np.testing.assert_allclose(found["feh"], [0, -0.5, np.nan], atol=1e-12)
    np.testing.assert_allclose(found["feh_err"], [0.03, 0.06, 0.1])
    # A(Mg) - 7.53 - [Fe/H]: -0.1 + 0.5.
    np.testing.assert_allclose(found["mg_fe"], [0, 0.4, np.nan], atol=1e-12)
    np.testing.assert_allclose(found["mg_fe_err"], [0.05, 0.1, np.hypot(0.1, 0.1)])
    np.testing.assert_allclose(found["al_fe"], [0, np.nan, np.nan], atol=1e-12)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"a_mg": [7.0]}, "expected a column 'a_fe' for abundances relative to the Sun, found a_mg"),
        ({"a_fe": [7.0], "a_mg": ["x"]}, "expected numbers in the column 'a_mg', found text"),
        ({"a_fe": [7.0], "feh": [0.0]}, "expected no column 'feh', which the absolute abundances give"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(columns, message):
    with pytest.raises(ValueError, match=message):
        add_relative(pd.DataFrame(columns), SOLAR)


def test_a_catalogue_gives_them_under_its_own_names(tmp_path):
    (tmp_path / "c.csv").write_text("NAME,FE1,MG1,FEH\nx,7.25,7.43,-0.21\n")
    columns = {"a_fe": "FE1", "a_mg": "MG1", "metallicity": "FEH"}
    row = read_catalogue(tmp_path / "c.csv", "NAME", columns, solar=SOLAR).loc["x"]
    np.testing.assert_allclose(row[["feh", "mg_fe", "metallicity"]].astype(float), [-0.2, 0.1, -0.21])
    with pytest.raises(ValueError, match=r"c\.csv: expected a column 'a_fe'"):
        read_catalogue(tmp_path / "c.csv", "NAME", solar=SOLAR)
