"""Grid files: what is written is read again, within the promised error."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from astropy import units
from astropy.io import fits
from astropy.table import Table

from spectrolabe.acquire.grids import LONGEST_PIECE, cut_pieces, join_grids, read_grid, window_wavelengths, write_grid


@pytest.fixture
def noisy_grid(toy_grid):
    """Noise spoils any compression that lives on smoothness."""
    noise = np.random.default_rng(2).normal(0, 0.02, toy_grid.flux.shape)
    return replace(toy_grid, flux=(toy_grid.flux + noise).astype(np.float32))


def test_a_grid_file_is_read_as_it_was_written(noisy_grid, tmp_path):
    path = tmp_path / "toy.fits"
    write_grid(noisy_grid, path)
    read = read_grid(path)
    assert np.abs(read.flux - noisy_grid.flux).max() <= 1e-4
    assert read.flux.dtype == np.float32
    np.testing.assert_allclose(read.wavelength, noisy_grid.wavelength, rtol=1e-13)
    pd.testing.assert_frame_equal(read.labels, noisy_grid.labels)
    assert (read.medium, read.resolution) == ("air", 5000)
    assert read.provenance == noisy_grid.provenance
    assert read.settings == noisy_grid.settings


def test_a_grid_of_several_windows_keeps_the_gap_between_them(toy_grid, tmp_path):
    settings = {"windows": [[5000, 5010], [8000, 8020]], "velocity_step": 30}
    first, second = window_wavelengths(settings)
    # 299 792.458 ln(5010 / 5000) / 30 = 19.97 steps, and 24.95 of them from 8000 to 8020 angstrom.
    assert (len(first), len(second), first[0], second[0]) == (20, 25, 5000, 8000)
    wavelength = np.r_[first, second]
    write_grid(replace(toy_grid, wavelength=wavelength, flux=toy_grid.flux[:, :45]), tmp_path / "toy.fits")
    np.testing.assert_allclose(read_grid(tmp_path / "toy.fits").wavelength, wavelength, rtol=1e-11)


def test_a_grid_file_explains_itself(toy_grid, tmp_path):
    write_grid(toy_grid, tmp_path / "toy.fits")
    with fits.open(tmp_path / "toy.fits") as hdus:
        hdus.verify("exception")
        assert [hdu.name for hdu in hdus] == ["PRIMARY", "FLUX", "LABELS"]
        assert "WAVE0 * exp(i * DLNWAVE)" in str(hdus[0].header["COMMENT"])
        labels = Table.read(hdus["LABELS"])
    assert labels.colnames == ["teff", "logg", "feh", "vmic"]
    assert [labels[name].unit for name in labels.colnames] == [units.K, None, None, units.km / units.s]


def test_shards_are_joined_in_order(toy_grid):
    joined = join_grids([toy_grid.select(np.arange(20)), toy_grid.select(np.arange(20, 60))])
    np.testing.assert_array_equal(joined.flux, toy_grid.flux)
    pd.testing.assert_frame_equal(joined.labels, toy_grid.labels)


def test_some_of_a_grid(toy_grid):
    chosen = toy_grid.select(np.array([5, 2]))
    np.testing.assert_array_equal(chosen.flux, toy_grid.flux[[5, 2]])
    assert chosen.labels["teff"].tolist() == toy_grid.labels["teff"].iloc[[5, 2]].tolist()


@pytest.mark.parametrize(
    "write",
    [
        lambda path: path.write_text("no FITS"),
        lambda path: path.touch(),
        lambda path: None,
        lambda path: fits.PrimaryHDU(np.ones((2, 3))).writeto(path),
    ],
    ids=["text", "empty", "missing", "another FITS file"],
)
def test_a_file_that_is_no_grid_ends_in_one_sentence(tmp_path, write):
    write(tmp_path / "bad.fits")
    with pytest.raises(ValueError, match=r"bad\.fits: not a grid file: expected FLUX, LABELS and WAVE0 in its header"):
        read_grid(tmp_path / "bad.fits")


def test_a_grid_file_without_labels_ends_in_one_sentence(toy_grid, tmp_path):
    write_grid(toy_grid, tmp_path / "toy.fits")
    with fits.open(tmp_path / "toy.fits") as hdus:
        del hdus["LABELS"]
        hdus.writeto(tmp_path / "bad.fits")
    with pytest.raises(ValueError, match=r"bad\.fits: not a grid file"):
        read_grid(tmp_path / "bad.fits")


def test_windows_are_synthesised_in_pieces_of_limited_length():
    windows = window_wavelengths({"windows": [[4200, 6800], [8470, 8600]], "velocity_step": 20.0})
    pieces = cut_pieces(windows)
    np.testing.assert_array_equal(np.concatenate(pieces), np.concatenate(windows))
    assert max(piece[-1] - piece[0] for piece in pieces) <= LONGEST_PIECE
    assert len(pieces[-1]) == len(windows[-1])


def test_a_short_window_is_one_piece():
    window = window_wavelengths({"start": 5130, "stop": 5370, "velocity_step": 1.6})
    assert len(cut_pieces(window)) == 1
