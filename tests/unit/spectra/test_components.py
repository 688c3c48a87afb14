"""Principal components: coefficients by hand, the way back, and spectra that become coefficients in their files."""

import numpy as np
import pandas as pd
import pytest

from spectrolabe.spectra.components import Components, compress_spectra
from spectrolabe.spectra.streaming import convert_shard
from spectrolabe.spectra.table import Spectra, read_shard, write_shard

MEAN = np.array([1.0, 0.8, 0.6, 1.0], np.float32)
AXES = np.array([[0.6, 0.8, 0, 0], [0, 0, 1, 0]], np.float32)
COMPONENTS = Components(MEAN, AXES, 0.1)


@pytest.fixture
def make_spectra():
    def make(count):
        flux = np.random.default_rng(2).normal(0.9, 0.1, (count, 4)).astype(np.float32)
        ivar = np.full_like(flux, 100)
        flux[0], ivar[0] = 0, 0
        names = [f"s{row}" for row in range(count)]
        table = pd.DataFrame({"spectrum_id": names, "source_id": names, "status": "", "copy": range(count)})
        # Known of the last star alone: a row group without any value has the same type all the same.
        table["note"] = [None] * (count - 1) + ["told"]
        return Spectra(np.arange(5000.0, 5004.0), "air", flux, ivar, table)

    return make


def test_coefficients_are_centred_flux_along_the_axes():
    # Less the mean: 0.1 and 0.2 on the first axis, 0.06 + 0.16; -0.3 on the second. The last pixel is on none.
    flux = np.array([[1.1, 1.0, 0.3, 7.0]], np.float32)
    np.testing.assert_allclose(COMPONENTS.project(flux), [[0.22, -0.3]], rtol=1e-5)
    assert COMPONENTS.project(flux).dtype == np.float32


def test_a_missing_pixel_counts_as_the_mean():
    flux = np.array([[1.1, 0.0, 0.3, 1.0], [0.0, 0.0, 0.0, 0.0]], np.float32)
    np.testing.assert_allclose(COMPONENTS.project(flux), [[0.06, -0.3], [0.0, 0.0]], rtol=1e-5)


def test_what_lies_on_the_axes_is_rebuilt():
    flux = MEAN + np.array([[0.2, -0.1], [0.0, 0.3]], np.float32) @ AXES
    np.testing.assert_allclose(COMPONENTS.rebuild(COMPONENTS.project(flux)), flux, rtol=1e-6)


def test_components_are_read_as_they_were_written(tmp_path):
    COMPONENTS.save(tmp_path / "set.npz")
    read = Components.load(tmp_path / "set.npz")
    np.testing.assert_array_equal(read.mean, MEAN)
    np.testing.assert_array_equal(read.axes, AXES)
    assert read.scale == 0.1
    assert [path.name for path in tmp_path.iterdir()] == ["set.npz"]


@pytest.mark.parametrize("content", [b"", b"no archive"])
def test_a_damaged_file_is_named(tmp_path, content):
    (tmp_path / "set.npz").write_bytes(content)
    with pytest.raises(ValueError, match=r"set\.npz: expected principal components, found none"):
        Components.load(tmp_path / "set.npz")


def test_spectra_become_coefficients_by_number(make_spectra):
    spectra = make_spectra(3)
    done = compress_spectra(spectra, COMPONENTS)
    assert done.wavelength.tolist() == [1, 2]
    np.testing.assert_array_equal(done.flux, COMPONENTS.project(spectra.flux))
    assert done.ivar.tolist() == [[0, 0], [1, 1], [1, 1]]
    assert done.table is spectra.table


def test_spectra_of_other_pixels_are_refused(make_spectra):
    spectra = make_spectra(3)
    with pytest.raises(ValueError, match="expected spectra of 5 pixels, as the components have, found spectra of 4"):
        compress_spectra(spectra, Components(np.ones(5, np.float32), np.eye(2, 5, dtype=np.float32), 1.0))


def test_a_file_is_compressed_group_by_group_and_keeps_its_columns(make_spectra, tmp_path):
    spectra = make_spectra(1200)
    write_shard(tmp_path / "spectra.parquet", spectra, {"part": "training"})
    convert_shard(
        tmp_path / "spectra.parquet",
        tmp_path / "coefficients.parquet",
        lambda some: compress_spectra(some, COMPONENTS),
        {"basis": "of a test"},
    )
    done = read_shard(tmp_path / "coefficients.parquet")
    np.testing.assert_allclose(done.flux, COMPONENTS.project(spectra.flux), rtol=1e-5, atol=1e-6)
    assert done.wavelength.tolist() == [1, 2]
    pd.testing.assert_frame_equal(done.table, read_shard(tmp_path / "spectra.parquet").table)
    assert done.table["note"].iloc[-1] == "told"


def test_rows_of_one_group_are_read_without_the_others(make_spectra, tmp_path):
    spectra = make_spectra(1200)
    write_shard(tmp_path / "spectra.parquet", spectra, {})
    rows = [3, 1100, 1199]
    np.testing.assert_array_equal(read_shard(tmp_path / "spectra.parquet", rows=rows).flux, spectra.flux[rows])
