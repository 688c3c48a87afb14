"""What readers need: header values as numbers, text and flags, and the check that a spectrum was found."""

from pathlib import Path

import numpy as np

from spectrolabe.acquire.readers.errors import ReadError
from spectrolabe.acquire.readers.fits_headers import Header
from spectrolabe.spectra.table import Spectrum

#: Fewer usable pixels than this carry no label.
MIN_PIXELS = 10


def read_number(header: Header, key: str, low: float = -np.inf, high: float = np.inf) -> float | None:
    """Give a header value as a number within low..high (inclusive), or None where it is absent, text, or outside."""
    value = header.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if low <= value <= high else None


def read_text(header: Header, key: str) -> str:
    """Give a header value as text without surrounding or repeated blanks, empty where it is absent."""
    value = header.get(key)
    return " ".join(value.split()) if isinstance(value, str) else ""


def read_flag(header: Header, key: str) -> bool | None:
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
    if not (np.all(np.diff(wavelength) > 0) and wavelength[0] > 0 and wavelength[-1] < np.inf):
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
