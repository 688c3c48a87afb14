"""Spectra that stay in their files: what is read of them is what is there, as much as memory allows."""

import numpy as np
import pandas as pd
import pytest

from spectrolabe.spectra import stored as stored_module
from spectrolabe.spectra import table
from spectrolabe.spectra.stored import flux_blocks, join, open_spectra, read_fitting, read_sample
from spectrolabe.spectra.table import Spectra, read_shard, write_shard

#: Flux of 20 spectra of make_set (20 pixels of four bytes), in MB.
OF_TWENTY = 20 * 20 * 4 / 1e6


@pytest.fixture
def stored(make_set, tmp_path, monkeypatch):
    """50 spectra in row groups of eight, the last one of two."""
    monkeypatch.setattr(table, "ROW_GROUP", 8)
    write_shard(tmp_path / "spectra.parquet", make_set(50, 1), {})
    return open_spectra(tmp_path / "spectra.parquet")


def test_all_of_a_file_is_read_as_it_is(stored, tmp_path):
    spectra, expected = stored.read(), read_shard(tmp_path / "spectra.parquet", with_ivar=False)
    np.testing.assert_array_equal(spectra.flux, expected.flux)
    np.testing.assert_array_equal(spectra.ivar, expected.ivar)
    np.testing.assert_array_equal(spectra.wavelength, expected.wavelength)
    pd.testing.assert_frame_equal(spectra.table, expected.table)
    assert (spectra.medium, len(stored), stored.megabytes) == ("air", 50, 2.5 * OF_TWENTY)


def test_spectra_are_read_in_any_order_each_row_group_once(stored, monkeypatch):
    read, whole = [], stored.read().flux

    def note(file, number, *rest):
        read.append(number)
        return read_group(file, number, *rest)

    read_group = stored_module.read_group
    monkeypatch.setattr(stored_module, "read_group", note)
    rows, out = np.array([49, 3, 17, 2, 3, 48]), np.empty((6, 20), np.float32)
    stored.read_flux(rows, out)
    np.testing.assert_array_equal(out, whole[rows])
    assert read == [0, 2, 6]
    stored.read_flux(rows[:0], out[:0])
    assert read == [0, 2, 6]


def test_chosen_and_joined_spectra_stay_in_their_files(stored, make_set, tmp_path):
    write_shard(tmp_path / "others.parquet", make_set(10, 2), {})
    others = open_spectra(tmp_path / "others.parquet")
    mask = np.arange(60) % 3 == 1
    chosen = join([stored, others]).select(mask)
    expected = join([stored.read(), others.read()]).select(mask)
    np.testing.assert_array_equal(chosen.read().flux, expected.flux)
    pd.testing.assert_frame_equal(chosen.table, expected.table)
    blocks = list(chosen.blocks(7))
    assert [len(block) for block in blocks] == [7, 7, 6]
    np.testing.assert_array_equal(np.concatenate([block.flux for block in blocks]), expected.flux)
    np.testing.assert_array_equal(np.concatenate([*flux_blocks(chosen)]), *flux_blocks(expected))


def test_spectra_on_other_wavelengths_are_not_joined(stored, make_set, tmp_path):
    one = make_set(3, 1)
    write_shard(tmp_path / "moved.parquet", Spectra(one.wavelength + 1, "air", one.flux, one.ivar, one.table), {})
    with pytest.raises(ValueError, match="^cannot join spectra on different grids: 20 pixels from 5000.00 to 5019.00"):
        join([stored, open_spectra(tmp_path / "moved.parquet")])


def test_what_fits_is_read_and_of_what_does_not_a_sample(stored):
    whole = stored.read()
    assert read_fitting(stored, 2.49 * OF_TWENTY) is stored
    np.testing.assert_array_equal(read_fitting(stored, 2.5 * OF_TWENTY).flux, whole.flux)
    assert read_fitting(whole, 0.0) is whole
    assert read_sample(whole, 0.0, seed=1) == (whole, slice(None))
    assert read_sample(stored, 2.5 * OF_TWENTY, seed=1)[1] == slice(None)
    sample, rows = read_sample(stored, OF_TWENTY, seed=1)
    assert len(rows) == 20
    assert (np.diff(rows) > 0).all()
    assert rows.max() - rows.min() > 30
    np.testing.assert_array_equal(sample.flux, whole.flux[rows])
    assert sample.table["spectrum_id"].tolist() == [f"star-{row}" for row in rows]
    assert read_sample(stored, OF_TWENTY, seed=2)[1].tolist() != rows.tolist()


def test_a_file_that_is_no_shard_or_is_cut_later_is_named(stored, tmp_path):
    path = tmp_path / "spectra.parquet"
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(ValueError, match="spectra.parquet: not a shard of spectra"):
        stored.read()
    with pytest.raises(ValueError, match="spectra.parquet: not a shard of spectra"):
        open_spectra(path)
