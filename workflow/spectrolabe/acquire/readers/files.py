"""What every FITS reader needs: opening a file safely, reading header values, checking that a spectrum was found."""

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from astropy.io import fits
from astropy.utils.exceptions import AstropyWarning

from spectrolabe.acquire.readers.errors import ReadError
from spectrolabe.spectra.table import Spectrum

#: More than this is no one-dimensional spectrum; a corrupt NAXIS keyword would otherwise ask for all the memory.
MAX_PIXELS = 50_000_000
#: Fewer usable pixels than this carry no label.
MIN_PIXELS = 10
GZIP_MAGIC = b"\x1f\x8b"
#: FITS files consist of blocks of this many bytes.
BLOCK = 2880


@contextmanager
def open_fits(path: Path) -> Iterator[fits.HDUList]:
    """Open a FITS file, whole and of sane size; it is closed when the block ends.

    Raises
    ------
    ReadError
        Where the file is missing, empty, not FITS, truncated, or says that it holds more than `MAX_PIXELS` values.
    """
    _check_start(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AstropyWarning)
        warnings.filterwarnings("error", message=".*truncated.*")
        try:
            # Opened here, because the FITS library leaves a file open when it fails half way.
            with path.open("rb") as handle, fits.open(handle, memmap=False, lazy_load_hdus=False) as hdus:
                _check_sizes(path, hdus)
                _check_blocks(path)
                yield hdus
        except AstropyWarning as error:
            raise ReadError(path, _describe_truncation(str(error))) from error


def read_number(header: fits.Header, key: str, low: float = -np.inf, high: float = np.inf) -> float | None:
    """Give a header value as a number within low..high (inclusive), or None where it is absent, text, or outside."""
    value = header.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if low <= value <= high else None


def read_text(header: fits.Header, key: str) -> str:
    """Give a header value as text without surrounding or repeated blanks, empty where it is absent."""
    value = header.get(key)
    return " ".join(value.split()) if isinstance(value, str) else ""


def read_flag(header: fits.Header, key: str) -> bool | None:
    """Give a logical header value, however it was written (T, 1, 'T', 'true'), or None where it is absent."""
    value = str(header.get(key, "")).strip().upper()
    return {"TRUE": True, "T": True, "1": True, "FALSE": False, "F": False, "0": False}.get(value)


def build_spectrum(
    path: Path, wavelength: np.ndarray, flux: np.ndarray, ivar: np.ndarray, bad: np.ndarray, meta: dict
) -> Spectrum:
    """Give a spectrum in ascending wavelength, after checking that there is something in it.

    Pixels whose flux or wavelength is no number are bad; an inverse variance that is negative or no number is 0.
    Entries of ``meta`` that are None are dropped.

    Raises
    ------
    ReadError
        Where fewer than `MIN_PIXELS` pixels are usable, the usable flux is 0 everywhere, or the wavelengths neither
        rise nor fall throughout.
    """
    if wavelength[0] > wavelength[-1]:
        wavelength, flux, ivar, bad = wavelength[::-1], flux[::-1], ivar[::-1], bad[::-1]
    if not (np.all(np.diff(wavelength) > 0) and wavelength[0] > 0):
        raise ReadError(path, "expected wavelengths that are positive and rise or fall throughout, found others")
    flux, ivar = np.array(flux, np.float64), np.array(ivar, np.float64)
    bad = np.array(bad, bool) | ~np.isfinite(flux)
    ivar[~(np.isfinite(ivar) & (ivar > 0))] = 0.0
    measured = flux[np.isfinite(flux)]
    if measured.size == 0:
        raise ReadError(path, f"expected a spectrum, found NaN or infinite flux in all {flux.size} pixels")
    if not np.any(measured):
        raise ReadError(path, f"expected a spectrum, found flux 0 in all {measured.size} pixels that have a value")
    usable = int(np.count_nonzero(~bad & (ivar > 0)))
    if usable < MIN_PIXELS:
        raise ReadError(path, f"expected at least {MIN_PIXELS} usable pixels, found {usable} of {flux.size}")
    known = {key: value for key, value in meta.items() if value is not None and value != ""}
    return Spectrum(np.array(wavelength, np.float64), flux, ivar, bad, known)


def _check_start(path: Path) -> None:
    if not path.is_file():
        raise ReadError(path, "expected a FITS file, found no such file")
    with path.open("rb") as handle:
        start = handle.read(9)
    if not start:
        raise ReadError(path, "expected a FITS file, found an empty file (0 bytes)")
    if start != b"SIMPLE  =" and not start.startswith(GZIP_MAGIC):
        raise ReadError(path, f"expected a FITS file, which starts with 'SIMPLE', found {start.decode('latin1')!r}")


def _check_sizes(path: Path, hdus: fits.HDUList) -> None:
    for number, hdu in enumerate(hdus):
        axes = [int(hdu.header.get(f"NAXIS{axis + 1}", 0)) for axis in range(int(hdu.header.get("NAXIS", 0)))]
        values = int(np.prod(axes, dtype=object)) if axes else 0
        if values > MAX_PIXELS:
            raise ReadError(path, f"expected at most {MAX_PIXELS} values in extension {number}, found {values}")


def _check_blocks(path: Path) -> None:
    # A file cut within an extension's header is to the FITS library a whole one with some bytes too many.
    size = path.stat().st_size
    if size % BLOCK and not _is_compressed(path):
        raise ReadError(path, f"file is truncated: expected a multiple of {BLOCK} bytes, found {size}")


def _is_compressed(path: Path) -> bool:
    with path.open("rb") as handle:
        return handle.read(2) == GZIP_MAGIC


def _describe_truncation(warning: str) -> str:
    found, expected = (re.findall(r"\((\d+)\)", warning) + ["?", "?"])[:2]
    return f"file is truncated: expected {expected} bytes, found {found}"
