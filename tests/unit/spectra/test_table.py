"""Spectra in memory and in Parquet shards."""

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from spectrolabe.spectra.table import (
    Spectra,
    Spectrum,
    concatenate,
    from_spectrum,
    read_shard,
    without_flux,
    write_shard,
)


@pytest.fixture
def spectra():
    table = pd.DataFrame(
        {"spectrum_id": ["a", "b"], "source_id": ["s", "s"], "status": ["", "no file"], "teff": [5771.0, np.nan]}
    )
    flux = np.array([[1, 2, 3, 4], [0, 0, 0, 0]], np.float32)
    ivar = np.array([[1, 0, 1e38, 4], [0, 0, 0, 0]], np.float32)
    return Spectra(np.array([5000.0, 5000.1, 5000.2, 5000.3]), "air", flux, ivar, table)


def test_shard_gives_back_what_was_written(tmp_path, spectra):
    write_shard(tmp_path / "000.parquet", spectra, {"recipe": "abc"})
    read = read_shard(tmp_path / "000.parquet")
    np.testing.assert_array_equal(read.wavelength, spectra.wavelength)
    assert read.medium == "air"
    np.testing.assert_array_equal(read.flux, [[1, 0, 3, 4], [0, 0, 0, 0]])
    np.testing.assert_array_equal(read.ivar, spectra.ivar)
    pd.testing.assert_frame_equal(read.table, spectra.table)
    assert [path.name for path in tmp_path.iterdir()] == ["000.parquet"]


def test_shard_is_read_without_its_ivar(tmp_path, spectra):
    write_shard(tmp_path / "000.parquet", spectra, {})
    read = read_shard(tmp_path / "000.parquet", with_ivar=False)
    np.testing.assert_array_equal(read.flux, [[1, 0, 3, 4], [0, 0, 0, 0]])
    np.testing.assert_array_equal(read.ivar, [[True, False, True, True], [False] * 4])
    assert read.ivar.dtype == bool


def test_shard_of_several_row_groups(tmp_path):
    table = pd.DataFrame({"spectrum_id": [str(row) for row in range(1200)]})
    flux = np.arange(1, 3601, dtype=np.float32).reshape(1200, 3)
    write_shard(tmp_path / "000.parquet", Spectra(np.array([1.0, 2, 3]), "air", flux, 2 * flux, table), {})
    read = read_shard(tmp_path / "000.parquet")
    np.testing.assert_array_equal(read.flux, flux)
    np.testing.assert_array_equal(read.ivar, 2 * flux)
    pd.testing.assert_frame_equal(read.table, table)


def test_shard_describes_itself(tmp_path, spectra):
    write_shard(tmp_path / "000.parquet", spectra, {"recipe": "abc", "flux_unit": "counts"})
    metadata = {
        key.decode(): value.decode() for key, value in pq.read_schema(tmp_path / "000.parquet").metadata.items()
    }
    assert metadata["arms"] == '[{"start": 5000.0, "step": 0.1, "size": 4, "scale": "linear"}]'
    assert (metadata["medium"], metadata["recipe"], metadata["flux_unit"]) == ("air", "abc", "counts")


def test_shard_layout(tmp_path, spectra):
    write_shard(tmp_path / "000.parquet", spectra, {})
    file = pq.ParquetFile(tmp_path / "000.parquet")
    assert file.schema_arrow.names == ["spectrum_id", "source_id", "flux", "ivar", "status", "teff"]
    assert str(file.schema_arrow.field("flux").type) == "fixed_size_list<element: float>[4]"
    columns = {file.metadata.row_group(0).column(i).path_in_schema: i for i in range(6)}
    flux = file.metadata.row_group(0).column(columns["flux.list.element"])
    assert flux.compression == "ZSTD"
    assert "BYTE_STREAM_SPLIT" in flux.encodings


def test_values_that_are_not_finite_are_written_as_missing(tmp_path, spectra):
    flux = np.array([[np.nan, np.inf, 1e300, 4], [0, 0, 0, 0]])
    ivar = np.array([[1, 1, 1, np.nan], [0, 0, 0, -1]])
    write_shard(tmp_path / "0.parquet", Spectra(spectra.wavelength, "air", flux, ivar, spectra.table), {})
    read = read_shard(tmp_path / "0.parquet")
    assert not read.flux.any()
    assert not read.ivar.any()


def test_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, spectra):
    write_shard(tmp_path / "0.parquet", spectra, {})
    with pytest.raises(TypeError):
        write_shard(tmp_path / "0.parquet", spectra, {"steps": 3})
    assert [path.name for path in tmp_path.iterdir()] == ["0.parquet"]
    assert len(read_shard(tmp_path / "0.parquet")) == 2


def test_file_that_is_no_shard_is_named(tmp_path):
    path = tmp_path / "notes.parquet"
    path.write_text("not Parquet")
    with pytest.raises(ValueError, match="notes.parquet: not a shard of spectra"):
        read_shard(path)
    pd.DataFrame({"a": [1]}).to_parquet(path)
    with pytest.raises(ValueError, match="notes.parquet: not a shard of spectra"):
        read_shard(path)


def test_read_spectrum_loses_the_information_of_bad_pixels():
    spectrum = Spectrum(
        np.array([1.0, 2, 3, 4]),
        np.array([5.0, np.nan, 7, 8]),
        np.array([1.0, 1, 1, np.inf]),
        np.array([0, 0, 1, 0], bool),
    )
    spectra = from_spectrum(spectrum, {"spectrum_id": "a"})
    np.testing.assert_array_equal(spectra.flux, [[5, 0, 7, 8]])
    np.testing.assert_array_equal(spectra.ivar, [[1, 0, 0, 0]])
    assert spectra.medium == "vacuum"
    assert spectra.table.to_dict("records") == [{"status": "", "spectrum_id": "a"}]


def test_rows_are_selected_repeated_and_joined(spectra):
    twice = concatenate([spectra.select([1, 0, 0]), spectra.select(np.array([True, False]))])
    assert twice.table["spectrum_id"].tolist() == ["b", "a", "a", "a"]
    assert twice.flux[:, 0].tolist() == [0, 1, 1, 1]


def test_rows_without_flux(spectra):
    empty = without_flux(spectra.table.iloc[[1]], spectra.wavelength, "air")
    assert len(concatenate([spectra, empty])) == 3
    assert not empty.ivar.any()


def test_different_grids_are_not_joined(spectra):
    other = Spectra(spectra.wavelength + 1, "air", spectra.flux, spectra.ivar, spectra.table)
    with pytest.raises(ValueError, match="4 pixels from 5000.00 to 5000.30 angstrom in air and 4 pixels from 5001.00"):
        concatenate([spectra, other])


def test_wrong_shapes_are_refused(spectra):
    with pytest.raises(ValueError, match=r"must have the shape \(2, 4\), got \(2, 3\)"):
        Spectra(spectra.wavelength, "air", spectra.flux[:, :3], spectra.ivar, spectra.table)
