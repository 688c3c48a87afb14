"""Rows of catalogues: all of small ones, of large ones those of evenly chosen stars, and those that are sought."""

import numpy as np
import pandas as pd
import pytest

from spectrolabe.validate.catalogue_rows import count_rows, read_catalogue, read_matching

ROWS = pd.DataFrame({"spectrum_id": [f"s{row}" for row in range(6000)], "teff": np.arange(6000.0)})


@pytest.fixture
def path(tmp_path):
    """A catalogue of 6000 spectra of 2000 stars."""
    rows = ROWS.assign(source_id=[f"star {row // 3}" for row in range(6000)])
    rows.to_parquet(tmp_path / "survey.parquet", index=False)
    return tmp_path / "survey.parquet"


def test_a_small_catalogue_is_read_whole(path):
    assert count_rows(path) == 6000
    assert len(read_catalogue(path)) == len(read_catalogue(path, most=6000)) == 6000


def test_of_a_large_one_all_spectra_of_evenly_chosen_stars_are_read(path):
    rows = read_catalogue(path, most=3000)
    assert len(rows) == pytest.approx(3000, abs=250)
    assert (rows["source_id"].value_counts() == 3).all()
    assert rows["teff"].mean() == pytest.approx(3000, abs=150)
    assert rows.index.tolist() == list(range(len(rows)))
    # The stars of a smaller choice are among those of a larger one.
    assert set(read_catalogue(path, most=300)["source_id"]) < set(rows["source_id"])


def test_columns_are_those_that_are_asked_for(path):
    assert list(read_catalogue(path, ["teff"])) == list(read_catalogue(path, ["teff"], most=100)) == ["teff"]


def test_sought_rows_are_found_wherever_they_are(path):
    rows = read_matching(path, lambda rows: rows["teff"].isin([1.0, 5999.0]))
    assert rows["spectrum_id"].tolist() == ["s1", "s5999"]
    assert list(read_matching(path, lambda rows: rows["teff"] < 0)) == ["spectrum_id", "teff", "source_id"]
