"""Tables in CSV and FITS: what is read of them does not depend on how much is."""

import numpy as np
import pytest
from astropy.table import MaskedColumn, Table

from spectrolabe.acquire.tables import find_numbers, list_columns, read_table

COLUMNS = {
    "plate": np.array([1, 2, 3, 4], np.int16),
    "teff": np.array([5000.5, np.nan, -9999, 6000], np.float32),
    "run": ["26", "103", "", "none"],
    "digits": ["1", "2", "", " 4"],
    "unsigned": np.array([1, 2, 3, 65535], np.uint16),
    "masked": MaskedColumn([1, 2, 3, 4], mask=[False, True, False, False]),
}


@pytest.fixture(params=["fits", "csv"])
def file(request, tmp_path):
    path = tmp_path / f"t.{request.param}"
    Table(COLUMNS).write(path)
    return path


def test_values_are_text_and_missing_ones_are_missing(file):
    table = read_table(file)
    assert list(table) == list_columns(file) == list(COLUMNS)
    assert table["plate"].tolist() == ["1", "2", "3", "4"]
    assert table["teff"].dropna().tolist() == ["5000.5", "-9999.0", "6000.0"]
    assert table["unsigned"][3] == "65535"
    assert table["masked"].isna().tolist() == [False, True, False, False]
    assert table["run"].isna().tolist() == [False, False, True, False]


def test_some_rows_and_columns_are_as_in_the_whole(file):
    whole, rows = read_table(file), np.array([False, True, False, True])
    assert read_table(file, rows=rows).equals(whole[rows].reset_index(drop=True))
    assert read_table(file, ["run", "teff"], rows).equals(whole.loc[rows, ["run", "teff"]].reset_index(drop=True))


def test_columns_are_numbers_where_all_values_of_the_file_are(file):
    assert find_numbers(file) == {"plate", "teff", "digits", "unsigned", "masked"}


def test_columns_of_several_values_are_left_out(tmp_path):
    Table({"a": [1, 2], "several": np.ones((2, 3))}).write(tmp_path / "t.fits")
    assert list_columns(tmp_path / "t.fits") == ["a"]
    assert list(read_table(tmp_path / "t.fits")) == ["a"]
