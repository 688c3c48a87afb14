"""Files of catalogues: Parquet, FITS and VOTable say the same, and explain themselves."""

import warnings

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from astropy import units
from astropy.io import fits
from astropy.io.votable import parse
from astropy.table import Table

from spectrolabe.predict import catalogue_files
from spectrolabe.predict.catalogue_files import write_table

ABOUT = {
    "recipe": "my_survey",
    "sha256 kept/cnn.json": "a" * 64,
    "calibration teff": "true labels; " + 30 * "S/N, " + "stars",
}
KINDS = ("parquet", "fits", "vot")


def stars(count=3):
    """Rows with every kind of column, the last one with all that can be missing."""
    rows = pd.DataFrame({"source_id": [f"s{row}" for row in range(count)], "ra": np.arange(count) / 3})
    rows = rows.assign(teff=np.float32(5000.1), mg_fe=np.float32(0.1), flag=np.arange(count, dtype=np.int32))
    rows["flag_text"] = ["", "Š", *(count - 2) * ["S/N 7.0 is below 10"]]
    rows.loc[count - 1, ["ra", "teff"]] = np.nan
    return rows.assign(source_id=["Štern", *rows["source_id"][1:]])


@pytest.fixture
def paths(tmp_path):
    files = {kind: tmp_path / f"survey.{kind}" for kind in KINDS}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        write_table([stars()], "CATALOGUE", ABOUT, *files.values())
    assert not caught
    return files


def read_binary(paths, kind):
    table = Table.read(paths[kind], hdu="CATALOGUE") if kind == "fits" else parse(paths[kind]).get_first_table()
    return table if kind == "fits" else table.to_table()


def test_parquet_gives_the_table_back(paths):
    pd.testing.assert_frame_equal(pd.read_parquet(paths["parquet"]), stars())


@pytest.mark.parametrize("kind", ["fits", "vot"])
def test_binary_tables_have_the_rows_of_the_parquet_one(paths, kind):
    table, expected = read_binary(paths, kind), stars()
    assert table.colnames == list(expected)
    for name in ("ra", "teff", "mg_fe", "flag"):
        # Not a bit is lost: the same kind of number in every file.
        assert table[name].dtype.newbyteorder("=") == expected[name].dtype
        np.testing.assert_array_equal(np.ma.filled(table[name].astype(float), np.nan), expected[name].astype(float))
    assert list(np.ma.filled(table["source_id"], "")) == ["\\u0160tern", "s1", "s2"]
    assert list(np.ma.filled(table["flag_text"], "")) == ["", "\\u0160", "S/N 7.0 is below 10"]


def test_what_is_missing_is_null(paths):
    assert pq.read_table(paths["parquet"])["teff"].null_count == 1
    votable = parse(paths["vot"]).get_first_table().array
    assert votable["teff"].mask.tolist() == [False, False, True]
    assert not votable["flag"].mask.any()


@pytest.mark.parametrize("size", [1, 3, 4, 9])
def test_slices_of_any_size_make_the_same_files(tmp_path, monkeypatch, size):
    monkeypatch.setattr(catalogue_files, "GROUP", 6)
    one, several = ([tmp_path / f"{name}.{kind}" for kind in KINDS] for name in ("one", "several"))
    rows = stars(10).assign(trouble=[None] * 9 + ["none"])
    write_table([rows], "CATALOGUE", {}, *one)
    write_table((rows[start : start + size] for start in range(0, 10, size)), "CATALOGUE", {}, *several)
    pd.testing.assert_frame_equal(pd.read_parquet(several[0]), pd.read_parquet(one[0]))
    assert pq.read_metadata(several[0]).num_row_groups == 2
    assert [path.read_bytes() for path in several[1:]] == [path.read_bytes() for path in one[1:]]


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_without_rows(tmp_path, kind):
    paths = {kind: tmp_path / f"none.{kind}" for kind in KINDS}
    write_table([stars()[:0]], "CATALOGUE", {}, *paths.values())
    read = pd.read_parquet(paths[kind]) if kind == "parquet" else read_binary(paths, kind)
    assert len(read) == 0


def test_the_parquet_file_explains_itself(paths):
    schema = pq.read_schema(paths["parquet"])
    about = {key.decode(): value.decode() for key, value in schema.metadata.items()}
    assert {key: about.get(key) for key in ABOUT} == ABOUT
    assert about["FLAGBIT2"].startswith("low_snr: ")
    expected = {b"description": b"effective temperature", b"unit": b"K", b"ucd": b"phys.temperature.effective"}
    assert schema.field("teff").metadata == expected


def test_the_fits_file_explains_itself(paths):
    with warnings.catch_warnings(record=True) as caught, fits.open(paths["fits"]) as hdus:
        warnings.simplefilter("always")
        hdus.verify("exception")
        header = hdus["CATALOGUE"].header.copy()
        table = Table.read(hdus["CATALOGUE"])
    assert not caught
    assert {key: header.get(key) for key in ABOUT} == ABOUT
    assert header["FLAGBIT8"].startswith("outside_training_range: ")
    assert header["FLAGBIT1024"].startswith("calibrated_on_synthetic: ")
    assert (header["TTYPE3"], header["TUCD3"]) == ("teff", "phys.temperature.effective")
    assert header["TCOMM3"] == "effective temperature"
    assert (table["teff"].unit, table["ra"].unit, table["mg_fe"].unit) == (units.K, units.deg, None)


def test_the_votable_explains_itself(paths):
    document = parse(paths["vot"], verify="exception")
    infos = {info.name: info.value for info in document.resources[0].infos}
    assert {key: infos.get(key) for key in ABOUT} == ABOUT
    assert infos["FLAGBIT2"].startswith("low_snr: ")
    field = document.get_first_table().get_field_by_id("teff")
    assert (field.unit, field.ucd, field.description) == (
        units.K,
        "phys.temperature.effective",
        "effective temperature",
    )


def test_no_temporary_file_is_left(paths):
    assert sorted(paths["fits"].parent.iterdir()) == sorted(paths.values())
