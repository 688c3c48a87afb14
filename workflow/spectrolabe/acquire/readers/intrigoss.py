"""INTRIGOSS spectra of Franchini et al. (2018, ApJ 862, 146): FITS tables of the surface flux, 4830-5400 angstrom."""

from pathlib import Path

import numpy as np

from spectrolabe.acquire.readers.errors import ReadError
from spectrolabe.acquire.readers.files import read_number
from spectrolabe.acquire.readers.fits_files import open_fits, read_table
from spectrolabe.acquire.readers.fits_tables import Table
from spectrolabe.acquire.readers.synthetic import build_synthetic
from spectrolabe.spectra.table import Spectrum

#: Columns of the table, and header key of each label.
WAVELENGTH, FLUX = "wavelength", "surface_flux"
KEYS = {"teff": "TEFF", "logg": "LOG_G", "feh": "FEH", "alpha_fe": "ALPHA", "vmic": "VT"}


def read(path: Path) -> list[Spectrum]:
    """Give the spectrum of a file: columns ``wavelength`` (angstrom, air) and ``surface_flux`` of its first table.

    The labels are in the primary header: TEFF, LOG_G, FEH, ALPHA, VT.
    """
    with open_fits(path) as extensions:
        header = extensions[0].header
        wavelength, flux = _read_columns(path, read_table(path, extensions, 1))
    missing = [key for key in list(KEYS.values())[:3] if read_number(header, key) is None]
    if missing:
        raise ReadError(path, f"expected numbers {', '.join(KEYS.values())} in the header, found no {missing[0]}")
    labels = {name: read_number(header, key) for name, key in KEYS.items()}
    return [build_synthetic(path, wavelength, flux, labels, medium="air")]


def _read_columns(path: Path, table: Table) -> tuple[np.ndarray, ...]:
    names = {name.lower(): name for name in table.names}
    missing = [name for name in (WAVELENGTH, FLUX) if name not in names]
    if missing:
        raise ReadError(path, f"expected columns {WAVELENGTH}, {FLUX}, found {', '.join(names) or 'none'}")
    if not table.rows:
        raise ReadError(path, "expected rows in the table of extension 1, found none")
    return tuple(np.ravel(table.read_column(names[name])).astype(np.float64) for name in (WAVELENGTH, FLUX))
