"""SDSS and BOSS spectra (``spec-PLATE-MJD-FIBER.fits``): coadded spectrum, then the pipeline's results, as tables."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from spectrolabe.acquire.readers.errors import ReadError
from spectrolabe.acquire.readers.facts import Facts
from spectrolabe.acquire.readers.files import build_spectrum
from spectrolabe.acquire.readers.fits_files import Extension, open_fits, read_table
from spectrolabe.spectra.table import Spectrum
from spectrolabe.spectra.wavelength import LIGHT_SPEED

#: Bits of SPPIXMASK (SDSS DR10, bitmask page) after which a pixel cannot be used. Of the fibre: NOPLUG, BADTRACE,
#: BADFLAT, BADARC. Of the pixel: FULLREJECT, NOSKY, BRIGHTSKY (errors are not to be trusted there), COMBINEREJ.
UNUSABLE_BITS = (0, 1, 2, 3, 18, 22, 23, 25)
UNUSABLE = sum(1 << bit for bit in UNUSABLE_BITS)
COLUMNS = ("flux", "loglam", "ivar", "and_mask")
#: Columns of the second table, one row, that say something of the star.
FACTS = ("plug_ra", "plug_dec", "z", "class", "objid", "bestobjid", "sn_median_all")
#: No star of the Galaxy is faster; a larger redshift is a failed fit.
MAX_REDSHIFT = 0.005
#: float32 loglam is good to 2.4e-7 dex: a uniform grid within this of it is the grid before rounding.
SAME_GRID = 1e-6


def read(path: Path) -> list[Spectrum]:
    """Give the coadded spectrum of an SDSS or BOSS file (vacuum, heliocentric).

    A pixel is bad where and_mask, set when every exposure has it, holds a bit of `UNUSABLE_BITS`. The other bits warn
    of something that the inverse variance already accounts for (NEARBADPIXEL, LOWFLAT, PARTIALREJECT, SCATTEREDLIGHT,
    CROSSTALK, BADSKYCHI, REDMONSTER, ...) or are deprecated (NODATA: there ivar is 0, which is no information here
    too).

    ``meta``: source_id is the photometric object (OBJID or BESTOBJID), which all spectra of a star share in both
    surveys, unlike plate, MJD and fibre; else the position, J + degrees to 4 decimals. ra, dec (PLUG_RA, PLUG_DEC);
    snr = SN_MEDIAN_ALL; rv = c Z (km/s) where CLASS is STAR and the redshift is below 1500 km/s.
    """
    with open_fits(path) as extensions:
        coadd = _read_columns(path, extensions, 1, COLUMNS)
        missing = [name for name in COLUMNS if name not in coadd]
        if missing:
            raise ReadError(path, f"expected columns {', '.join(COLUMNS)}, found no {', '.join(missing)}")
        result = _read_columns(path, extensions, 2, FACTS) if len(extensions) > 2 else {}
        wavelength = _find_wavelength(coadd["loglam"].astype(np.float64))
    bad = (coadd["and_mask"].astype(np.int64) & UNUSABLE) != 0
    return [build_spectrum(path, wavelength, coadd["flux"], coadd["ivar"], bad, _read_meta(result))]


def describe(path: Path) -> Facts:
    """Say what a file holds: the format leaves nothing open (see `read`)."""
    bits = ", ".join(map(str, UNUSABLE_BITS))
    return Facts("vacuum", "the survey's data model", "ivar", "column ivar", f"and_mask with any of the bits {bits}")


def _read_columns(
    path: Path, extensions: Sequence[Extension], number: int, wanted: Sequence[str]
) -> dict[str, np.ndarray]:
    """Read those columns of an extension's table that are there, by their names in small letters."""
    table = read_table(path, extensions, number)
    if table.rows == 0:
        raise ReadError(path, f"expected rows in the table of extension {number}, found none")
    return {name.lower(): table.read_column(name) for name in table.names if name.lower() in wanted}


def _find_wavelength(loglam: np.ndarray) -> np.ndarray:
    # The header's COEFF0 is the plate's, which may differ from that of the pixels kept here.
    pixels = np.arange(loglam.size)
    uniform = np.polynomial.Polynomial.fit(pixels, loglam, 1)(pixels)
    return 10.0 ** (uniform if np.abs(uniform - loglam).max() < SAME_GRID else loglam)


def _read_meta(result: dict[str, np.ndarray]) -> dict:
    def number(name: str, low: float, high: float) -> float | None:
        value = float(result[name][0]) if name in result and result[name].ndim == 1 else np.nan
        return value if low <= value <= high else None

    ra, dec = number("plug_ra", 0, 360), number("plug_dec", -90, 90)
    redshift = number("z", -MAX_REDSHIFT, MAX_REDSHIFT)
    is_star = _read_text(result, "class").upper() == "STAR"
    position = f"J{ra:08.4f}{dec:+08.4f}" if ra is not None and dec is not None else None
    return {
        "source_id": _read_object(result) or position,
        "ra": ra,
        "dec": dec,
        "rv": LIGHT_SPEED * redshift if is_star and redshift is not None else None,
        "snr": number("sn_median_all", 1e-9, 1e9),
    }


def _read_object(result: dict[str, np.ndarray]) -> str | None:
    for name in ("objid", "bestobjid"):
        value = _read_text(result, name)
        if value.isdigit() and int(value) > 0:
            return value
    return None


def _read_text(result: dict[str, np.ndarray], name: str) -> str:
    """Give the first row of a column as text, empty where the column is missing or has several values in a row."""
    if name not in result or result[name].ndim != 1:
        return ""
    value = result[name][0]
    return (value.decode("ascii", "replace") if isinstance(value, bytes) else str(value)).strip()
