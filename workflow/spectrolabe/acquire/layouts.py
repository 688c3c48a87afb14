"""Writers of published file formats, for simulated surveys: what a reader of the same name reads."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from astropy.io import fits
from astropy.table import Table

from spectrolabe.acquire.readers.fits_files import BLOCK

#: Columns of a spectrum's table, one row of arrays: format, unit.
COLUMNS = {"WAVE": ("D", "Angstrom"), "FLUX": ("E", ""), "ERR": ("E", ""), "QUAL": ("I", "")}


class GaiaEsoWriter:
    """Writes the arms of one setting as the ESO archive gives Gaia-ESO spectra (see the reader ``gaia_eso``).

    All but the star's own header cards and the arrays is made once, which takes a tenth of the time.

    Parameters
    ----------
    wavelength : angstrom in air, shape (n_pixels,).
    resolution : resolving power of the arm.
    setting : name of the arm.
    """

    def __init__(self, wavelength: np.ndarray, resolution: float, setting: str):
        kinds = [
            (name, f">{kind}", (len(wavelength),)) for name, kind in zip(COLUMNS, ("f8", "f4", "f4", "i2"), strict=True)
        ]
        self._row = np.zeros(1, kinds)
        self._row["WAVE"] = wavelength
        fields = [
            fits.Column(name, f"{len(wavelength)}{kind}", unit=unit or None, array=self._row[name])
            for name, (kind, unit) in COLUMNS.items()
        ]
        table = fits.BinTableHDU.from_columns(fields, name="SPECTRUM")
        table.header["VOCLASS"], table.header["NELEM"] = "SPECTRUM v1.0", len(wavelength)
        table.header["TUCD1"] = "em.wl;obs.atmos"
        self._table = table.header.tostring().encode("ascii")
        common = {
            "ORIGIN": "SIMULATED", "INSTRUME": "GIRAFFE", "SETTING": setting, "SPEC_RES": resolution,
            "SPECSYS": "BARYCENT", "PRODCATG": "SCIENCE.SPECTRUM",
        }  # fmt: skip
        header = fits.PrimaryHDU(header=fits.Header(common)).header
        self._primary = header.tostring(endcard=False, padding=False)

    def __call__(self, path: Path, flux: np.ndarray, err: np.ndarray, meta: Mapping) -> None:
        """Write one spectrum: flux, its errors (1 sigma), and ``source_id``, ``ra``, ``dec`` (degrees), ``snr``."""
        self._row["FLUX"], self._row["ERR"] = flux, err
        path.write_bytes(_head(self._primary, meta) + self._table + fill_block(self._row.tobytes(), b"\0"))


class LinearWriter:
    """Writes the arms of spectra as one-dimensional images with their errors (see the reader ``linear_1d``).

    All but the star's own header cards and the arrays is made once, which takes a tenth of the time.

    Parameters
    ----------
    wavelength : angstrom in air, in equal steps, shape (n_pixels,).
    resolution : resolving power of the arm.
    setting : name of the arm.
    """

    def __init__(self, wavelength: np.ndarray, resolution: float, setting: str):
        size = len(wavelength)
        step = (wavelength[-1] - wavelength[0]) / (size - 1)
        axis = {"CTYPE1": "AWAV", "CUNIT1": "Angstrom", "CRPIX1": 1.0, "CRVAL1": wavelength[0]}
        axis |= {"CDELT1": float(f"{step:.10g}")}
        flux = fits.PrimaryHDU(np.zeros(size, np.float32))
        about = {"EXTEND": True, "ORIGIN": "SIMULATED", "BUNIT": "count", "SETTING": setting, "SPEC_RES": resolution}
        flux.header.update(axis | about)
        sigma = fits.ImageHDU(np.zeros(size, np.float32), name="SIGMA")
        sigma.header.update(axis | {"BUNIT": "count"})
        self._primary = flux.header.tostring(endcard=False, padding=False)
        self._sigma = sigma.header.tostring().encode("ascii")

    def __call__(self, path: Path, flux: np.ndarray, err: np.ndarray, meta: Mapping) -> None:
        """Write one spectrum: counts, their errors (1 sigma), and ``source_id``, ``ra``, ``dec`` (degrees), ``snr``."""
        counts, errors = (fill_block(values.astype(">f4").tobytes(), b"\0") for values in (flux, err))
        path.write_bytes(_head(self._primary, meta) + counts + self._sigma + errors)


def _head(primary: str, meta: Mapping) -> bytes:
    """Give a primary header with what is known of the star."""
    star = {"OBJECT": meta["source_id"], "RA": meta["ra"], "DEC": meta["dec"], "SNR": meta["snr"]}
    cards = "".join(str(fits.Card(key, value)) for key, value in star.items())
    return fill_block(f"{primary}{cards}{'END':80}".encode("ascii"), b" ")


def fill_block(block: bytes, padding: bytes) -> bytes:
    """Fill bytes up to whole blocks of a FITS file."""
    return block + padding * (-len(block) % BLOCK)


def write_table(table: pd.DataFrame, path: Path, columns: Mapping[str, str]) -> None:
    """Write a simulated survey's table of labels as FITS.

    Parameters
    ----------
    columns : our name -> the name that the survey gives it.

    Raises
    ------
    ValueError
        Where one of our names is no column of the table.
    """
    missing = [ours for ours in columns if ours not in table]
    if missing:
        raise ValueError(f"catalogue.columns: expected columns that a simulated survey has, found {missing[0]!r}")
    path.parent.mkdir(parents=True, exist_ok=True)
    Table.from_pandas(table.rename(columns=columns)).write(path, overwrite=True)


#: Reader -> class (wavelength, resolution, setting) of functions (path, flux, err, meta) that write its files.
WRITERS: dict[str, Callable] = {"gaia_eso": GaiaEsoWriter, "linear_1d": LinearWriter}
