"""LAMOST low-resolution spectra: one image of five rows, as released from DR1 (5, about 3904) to DR7 (5, 3909)."""

from pathlib import Path

import numpy as np

from spectrolabe.acquire.readers.errors import ReadError
from spectrolabe.acquire.readers.facts import Facts
from spectrolabe.acquire.readers.files import build_spectrum, read_flag, read_number, read_text
from spectrolabe.acquire.readers.fits_files import open_fits
from spectrolabe.acquire.readers.fits_headers import Header
from spectrolabe.spectra.table import Spectrum
from spectrolabe.spectra.wavelength import LIGHT_SPEED, air_to_vacuum

#: No star of the Galaxy is faster; a larger redshift is a failed fit.
MAX_REDSHIFT = 0.005
#: Header (float64) and wavelength row (float32) describe one grid; beyond this (angstrom) they are two grids.
SAME_GRID = 0.01


def read(path: Path) -> list[Spectrum]:
    """Give the spectrum of a LAMOST low-resolution file.

    The rows are flux, inverse variance, wavelength, andmask, ormask. In DR1 the third row is the continuum-subtracted
    flux (header EXTEN0 says Subcontinuum), so wavelengths come from log10(wavelength) = COEFF0 + COEFF1 i; in later
    releases they come from there too, unless the wavelength row (angstrom, or log10 of it) says otherwise. Vacuum,
    unless the header says VACUUM = F. A pixel is bad where andmask is not 0, that is, bad in every exposure.

    ``meta``: source_id from DESIG, which names the position of the target and is the same in all visits to a star;
    ra, dec; rv = c Z (km/s) where CLASS is STAR and the redshift is below 1500 km/s; snr in the g band (SNRG, in DR1
    SN_G).
    """
    with open_fits(path) as extensions:
        header, rows = extensions[0].header, extensions[0].read_image()
        if rows is None or rows.ndim != 2 or rows.shape[0] != 5 or rows.shape[1] < 2:
            found = "no image" if rows is None else f"shape {rows.shape}"
            raise ReadError(path, f"expected 5 rows (flux, ivar, wavelength, andmask, ormask), found {found}")
        rows = rows.astype(np.float64)
    wavelength = _find_wavelength(path, header, rows[2])
    if read_flag(header, "VACUUM") is False:
        wavelength = air_to_vacuum(wavelength)
    return [build_spectrum(path, wavelength, rows[0], rows[1], rows[3] != 0, _read_meta(header))]


def describe(path: Path) -> Facts:
    """Say what a file holds, and where that is written (see `read`)."""
    with open_fits(path) as extensions:
        vacuum = read_flag(extensions[0].header, "VACUUM")
    written = "the release's data model" if vacuum is None else f"VACUUM = {'T' if vacuum else 'F'}"
    medium = "air" if vacuum is False else "vacuum"
    return Facts(medium, written, "ivar", "row 2", "andmask not 0: bad in every exposure")


def _find_wavelength(path: Path, header: Header, row: np.ndarray) -> np.ndarray:
    start, step = read_number(header, "COEFF0", 0, 30), read_number(header, "COEFF1")
    coefficients = 10.0 ** (start + step * np.arange(row.size)) if start is not None and step else None
    row = 10.0**row if 0 < row.max() < 10 else row
    holds_wavelength = bool(np.all(np.diff(row) > 0)) and row[0] > 0
    if not holds_wavelength and coefficients is None:
        raise ReadError(path, "expected COEFF0, COEFF1 in the header or wavelengths in the third row, found neither")
    if coefficients is None or (holds_wavelength and np.abs(row - coefficients).max() > SAME_GRID):
        return row
    return coefficients


def _read_meta(header: Header) -> dict:
    redshift = read_number(header, "Z", -MAX_REDSHIFT, MAX_REDSHIFT)
    is_star = read_text(header, "CLASS").upper() == "STAR"
    snr = read_number(header, "SNRG", 1e-9, 1e9)
    return {
        "source_id": read_text(header, "DESIG").removeprefix("LAMOST "),
        "ra": read_number(header, "RA", 0, 360),
        "dec": read_number(header, "DEC", -90, 90),
        "rv": LIGHT_SPEED * redshift if is_star and redshift is not None else None,
        "snr": read_number(header, "SN_G", 1e-9, 1e9) if snr is None else snr,
    }
