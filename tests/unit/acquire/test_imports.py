"""Published grids, brought to one window and resolution: lines keep their place and area, bad files stay out."""

import numpy as np
import pytest
from published_files import FERRE, LABELS, write_ferre, write_intrigoss, write_mpia, write_phoenix, write_wave

from spectrolabe.acquire.grids import read_grid, write_grid
from spectrolabe.acquire.imports import import_grid
from spectrolabe.spectra.wavelength import LIGHT_SPEED, air_to_vacuum

AIR = 4990 + 0.01 * np.arange(8000)
CENTRE, DEPTH, WIDTH = 5020.0, 0.6, 3.0  # of the line: angstrom in air, flux over continuum, sigma in km/s
SETTINGS = {
    "import": {"reader": "intrigoss", "files": "*.fits"},
    "wavelength": {"start": 5000, "stop": 5060, "velocity_step": 1.6, "resolution": 40000},
    "mask": [],
}


def profile(wavelength, centre=CENTRE, depth=DEPTH, width=WIDTH):
    """Flux over continuum around one Gaussian line."""
    velocity = (wavelength / centre - 1) * LIGHT_SPEED
    return 1 - depth * np.exp(-(velocity**2) / (2 * width**2))


def spectrum(wavelength=AIR, **line):
    """A line on a continuum that rises by 3 % across the window."""
    return 1e6 * (1 + 5e-4 * (wavelength - 5030)) * profile(wavelength, **line)


def expected(grid, resolution=40000, native=np.inf):
    """The line as a Gaussian profile of a spectrograph leaves it: of the same area, wider and shallower."""
    spread = np.sqrt(1 / resolution**2 - 1 / native**2) * LIGHT_SPEED / np.sqrt(8 * np.log(2))
    width = np.hypot(WIDTH, spread)
    return profile(grid, depth=DEPTH * WIDTH / width, width=width)


def bring(tmp_path, files, settings=SETTINGS, **changes):
    lines = []
    grid = import_grid(files, tmp_path, settings | changes, lines.append)
    return grid, lines


def test_a_line_keeps_its_place_and_area_in_air(tmp_path):
    write_intrigoss(tmp_path / "a.fits", AIR, spectrum())
    grid, lines = bring(tmp_path, ["a.fits"])
    step = 1.6 / LIGHT_SPEED
    np.testing.assert_allclose(grid.wavelength, 5000 * np.exp(step * np.arange(len(grid.wavelength))))
    assert 5060 / (1 + step) < grid.wavelength[-1] <= 5060
    assert grid.flux.shape == (1, len(grid.wavelength))
    assert grid.flux.dtype == np.float32
    np.testing.assert_allclose(grid.flux[0], expected(grid.wavelength), atol=1e-3)
    assert (grid.medium, grid.resolution) == ("air", 40000)
    assert grid.labels.to_dict("records") == [LABELS]
    assert lines == ["1 of 1 files read, 1 spectra taken"]


def test_vacuum_wavelengths_become_air(tmp_path):
    write_wave(tmp_path / "WAVE_PHOENIX-ACES-AGSS-COND-2011.fits", air_to_vacuum(AIR))
    write_phoenix(tmp_path / "a.fits", 1e9 * spectrum())
    settings = SETTINGS | {"import": {"reader": "phoenix_hires", "files": "*.fits"}}
    grid, _ = bring(tmp_path, ["a.fits"], settings)
    np.testing.assert_allclose(grid.flux[0], expected(grid.wavelength), atol=1e-3)


def test_broadening_allows_for_the_native_resolution(tmp_path):
    write_intrigoss(tmp_path / "a.fits", AIR, spectrum())
    grid, _ = bring(tmp_path, ["a.fits"], resolution_native=50000)
    np.testing.assert_allclose(grid.flux[0], expected(grid.wavelength, native=50000), atol=1e-3)
    with pytest.raises(ValueError, match="expected a resolving power of at least 40000, found 30000"):
        bring(tmp_path, ["a.fits"], resolution_native=30000)


def test_strong_lines_do_not_bend_the_continuum(tmp_path):
    broad = {"depth": 0.5, "width": 300.0, "centre": 5030.0}
    write_intrigoss(tmp_path / "a.fits", AIR, spectrum(**broad))
    far = slice(0, 300)
    bent, _ = bring(tmp_path, ["a.fits"])
    kept, _ = bring(tmp_path, ["a.fits"], mask=[[5012, 5048]])
    middle = np.argmin(np.abs(kept.wavelength - 5030))
    assert abs(kept.flux[0][middle] - 0.5) < 0.02 < abs(bent.flux[0][middle] - 0.5)
    np.testing.assert_allclose(kept.flux[0][far], 1, atol=5e-3)


def test_grid_files_hold_imported_grids(tmp_path):
    write_intrigoss(tmp_path / "a.fits", AIR, spectrum())
    (tmp_path / "b.fits").write_bytes(b"")
    grid, _ = bring(tmp_path, ["a.fits", "b.fits"])
    write_grid(grid, tmp_path / "grid.fits")
    read = read_grid(tmp_path / "grid.fits")
    assert read.provenance == {
        "CODE": "imported as published", "ATMOS": "intrigoss", "FILES": "*.fits", "NFILES": "2", "NREFUSED": "1",
    }  # fmt: skip
    assert read.labels.to_dict("records") == [LABELS]
    assert read.settings == SETTINGS


def test_bad_files_are_left_out_and_named_and_the_rest_is_kept(tmp_path):
    write_intrigoss(tmp_path / "a.fits", AIR, spectrum())
    (tmp_path / "b.fits").write_bytes((tmp_path / "a.fits").read_bytes()[:9000])
    gap = spectrum()
    gap[4000:4010] = np.nan
    write_intrigoss(tmp_path / "c.fits", AIR, gap, LABELS | {"teff": 5250.0})
    write_intrigoss(tmp_path / "d.fits", AIR[2000:], spectrum(AIR[2000:]), LABELS | {"teff": 5250.0})
    write_intrigoss(tmp_path / "e.fits", AIR, spectrum(), LABELS | {"teff": 5500.0})
    grid, lines = bring(tmp_path, ["a.fits", "b.fits", "c.fits", "d.fits", "e.fits"])
    assert grid.labels["teff"].tolist() == [5000, 5500]
    assert grid.provenance["NREFUSED"] == "3"
    assert lines[0].startswith("left out: b.fits: file is truncated: ")
    window = "5000.00 to 5060.00 angstrom (air)"
    assert lines[1].startswith(f"left out: c.fits: expected flux everywhere from {window}, found 11 places without")
    assert lines[2].startswith(f"left out: d.fits: expected {window} in 1118 pixels or more, found 5010.00 to 5069.99")
    assert lines[3:] == ["5 of 5 files read, 2 spectra taken"]


def test_spectra_beyond_the_box_are_left_out(tmp_path):
    for name, teff in {"a": 4750.0, "b": 5000.0, "c": 5250.0, "d": 5500.0}.items():
        write_intrigoss(tmp_path / f"{name}.fits", AIR, spectrum(), LABELS | {"teff": teff})
    files = ["a.fits", "b.fits", "c.fits", "d.fits"]
    grid, lines = bring(tmp_path, files, labels={"teff": [5000, 5250]})
    assert grid.labels["teff"].tolist() == [5000, 5250]
    assert grid.provenance["NREFUSED"] == "0"
    assert lines == ["4 of 4 files read, 2 spectra taken"]
    with pytest.raises(ValueError, match="expected spectra in 4 files, found none that can be used: none lies within"):
        bring(tmp_path, files, labels={"teff": [6000, 7000]})


def test_a_second_spectrum_with_the_same_labels_is_left_out(tmp_path):
    for name in "ab":
        write_intrigoss(tmp_path / f"{name}.fits", AIR, spectrum())
    grid, lines = bring(tmp_path, ["a.fits", "b.fits"])
    assert len(grid.labels) == 1
    assert lines[0].startswith("left out: b.fits: an earlier spectrum has its labels, teff 5000, logg 4.5, feh -0.5")


def test_a_label_that_some_spectra_lack_is_no_label_of_the_grid(tmp_path):
    write_mpia(tmp_path / "a.txt", AIR, spectrum())
    write_mpia(tmp_path / "b.txt", AIR, spectrum(), LABELS | {"teff": 5250.0}, abundances=False)
    settings = SETTINGS | {"import": {"reader": "mpia_nlte", "files": "*.txt"}}
    grid, lines = bring(tmp_path, ["a.txt", "b.txt"], settings)
    assert list(grid.labels) == ["teff", "logg", "feh", "vmic"]
    assert lines[-1] == "left out: the label alpha_fe, which some spectra do not have"
    grid, lines = bring(tmp_path, ["a.txt", "b.txt"], settings, labels={"alpha_fe": [-1, 1]})
    assert lines[0] == "left out: b.txt: expected the label alpha_fe, found teff, logg, feh, vmic"
    assert "alpha_fe" in grid.labels


def test_a_file_of_many_spectra_is_taken_whole_or_not_at_all(tmp_path):
    log = np.log10(4990)
    wave = 10 ** (log + 1e-6 * np.arange(7000))
    header = FERRE.replace("NPIX = 12", "NPIX = 7000").replace("WAVE = 3.7 1.0E-5", f"WAVE = {log:.10f} 1.0E-6")
    depths = 0.05 * np.arange(1, 13)
    write_ferre(tmp_path / "a.dat", header, [1e6 * profile(wave, depth=depth) for depth in depths])
    text = (tmp_path / "a.dat").read_text()
    (tmp_path / "b.dat").write_text(text[: len(text) - 7000])
    settings = SETTINGS | {"import": {"reader": "ferre", "files": "*.dat"}, "labels": {"teff": [4500, 5000]}}
    grid, lines = bring(tmp_path, ["a.dat", "b.dat"], settings)
    assert grid.labels["teff"].tolist() == [4500, 5000] * 4
    # The deepest line belongs to the last node; the header says that R is 100 000 already.
    deepest = 1 - expected(grid.wavelength, native=100000).min()
    assert 1 - grid.flux[-1].min() == pytest.approx(deepest * 0.6 / DEPTH, abs=2e-3)
    assert lines[0].startswith("left out: b.dat: expected 7000 numbers in spectrum 12 of 12, found ")


def test_no_usable_file_is_an_error_that_says_why(tmp_path):
    (tmp_path / "a.fits").write_bytes(b"")
    (tmp_path / "b.fits").write_bytes(b"text")
    with pytest.raises(
        ValueError, match=r"found none that can be used: 2 left out, the first as a\.fits: .*empty file"
    ):
        bring(tmp_path, ["a.fits", "b.fits"])
