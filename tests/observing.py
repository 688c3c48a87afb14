"""A survey to test with: spectra of the embedded grid, as an archive would hold them, and files that are no spectra."""

from pathlib import Path

import numpy as np
import pandas as pd
from astropy.io import fits
from workplace import ROOT

from spectrolabe.acquire.grids import Grid, read_grid

START, STEP, PIXELS = 5150.0, 0.04, 1250  # angstrom in air
CONTINUUM, NOISE = 1000.0, 10.0  # counts
STARS = [f"star_{number}" for number in range(1, 8)]
HALF = "half"
#: Name -> words of the reason for which it cannot be used.
UNREADABLE = {
    "all_nan": "found NaN or infinite flux in all 1250 pixels",
    "empty": "found an empty file (0 bytes)",
    "text": "expected a FITS file, which starts with 'SIMPLE', found 'Dear astr'",
    "truncated": "file is truncated",
}


def write_survey(folder: Path) -> None:
    """Write seven good spectra, one that ends halfway through the recipe's grid, four unreadable files, and labels."""
    folder.mkdir()
    grid = choose_stars(read_grid(ROOT / "resources" / "grids" / "fgk_mgb.fits"))
    for row, name in enumerate([*STARS, HALF]):
        write_spectrum(folder / f"{name}.fits", observe(grid, row)[: 625 if name == HALF else PIXELS], row)
    grid.labels.assign(spectrum_id=[*STARS, HALF]).to_csv(folder / "labels.csv", index=False)
    write_spectrum(folder / "all_nan.fits", np.full(PIXELS, np.nan), 0)
    (folder / "empty.fits").touch()
    (folder / "text.fits").write_text("Dear astronomer,\nhere are the spectra that you asked for.\n" * 200)
    (folder / "truncated.fits").write_bytes((folder / "star_1.fits").read_bytes()[:5000])


def choose_stars(grid: Grid) -> Grid:
    """Give the first FGK dwarfs and giants that lie well within the recipe's ranges."""
    limits = pd.DataFrame({"teff": [4500, 6500], "logg": [1.5, 4.6], "feh": [-1.5, 0.3]})
    inside = np.all([grid.labels[label].between(*limits[label]) for label in limits], axis=0)
    return grid.select(np.flatnonzero(inside)[: len(STARS) + 1])


def observe(grid: Grid, row: int) -> np.ndarray:
    """Give the counts of one of the grid's spectra."""
    flux = np.interp(START + STEP * np.arange(PIXELS), grid.wavelength, grid.flux[row])
    return CONTINUUM * flux + np.random.default_rng(row).normal(scale=NOISE, size=PIXELS)


def write_spectrum(path: Path, counts: np.ndarray, row: int) -> None:
    header = {"CTYPE1": "AWAV", "CUNIT1": "Angstrom", "CRPIX1": 1.0, "CRVAL1": START, "CDELT1": STEP}
    position = {"OBJECT": f"HD {row}", "RA": 10.0 + row, "DEC": -5.0}
    flux = fits.PrimaryHDU(counts.astype(np.float32), fits.Header(header | position))
    noise = fits.ImageHDU(np.full(counts.size, NOISE, np.float32), name="SIGMA")
    fits.HDUList([flux, noise]).writeto(path)
