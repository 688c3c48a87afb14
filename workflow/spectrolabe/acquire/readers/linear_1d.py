"""Spectra in a one-dimensional image with the wavelengths in its header, as ESO, IRAF and iSpec write them."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from spectrolabe.acquire.readers.errors import ReadError
from spectrolabe.acquire.readers.facts import Facts
from spectrolabe.acquire.readers.files import build_spectrum, read_flag, read_number, read_text
from spectrolabe.acquire.readers.fits_files import Extension, open_fits
from spectrolabe.acquire.readers.fits_headers import Header
from spectrolabe.spectra.cleaning import estimate_noise
from spectrolabe.spectra.table import Spectrum
from spectrolabe.spectra.wavelength import air_to_vacuum

#: Angstrom in one unit; the keys are compared in lower case without a plural s.
UNITS = {
    "angstrom": 1.0, "angstroem": 1.0, "ang": 1.0, "a": 1.0, "0.1nm": 1.0, "nm": 10.0, "nanometer": 10.0,
    "nanometre": 10.0, "um": 1e4, "micron": 1e4, "micrometer": 1e4, "micrometre": 1e4, "mm": 1e7, "cm": 1e8,
    "m": 1e10, "meter": 1e10, "metre": 1e10,
}  # fmt: skip
#: Pixels per piece in which the noise is estimated from the flux.
NOISE_PIECE = 2000
SIGMA_NAMES = ("SIGMA", "ERR", "ERRS", "ERROR")
#: First letters of the coordinate types (Greisen et al. 2006, table 1) that are no wavelengths.
OTHER_COORDINATES = ("FREQ", "ENER", "WAVN", "VRAD", "VOPT", "ZOPT", "BETA", "VELO", "PIXE")
#: What observers write into OBJECT when they do not name the star.
PLACEHOLDERS = {"", "STAR", "OBJECT", "SCIENCE", "TARGET", "UNKNOWN", "NONE", "NULL", "N/A", "NA", "TEST", "SKY"}


def read(path: Path) -> list[Spectrum]:
    """Give the spectrum in the primary image of a file, shape (n,) or (1, n).

    Wavelengths: CRVAL1, CRPIX1 (1 where missing) and CDELT1 or CD1_1, in the unit of CUNIT1, else the unit that
    CTYPE1 or WAT1_001 name, else angstrom. Logarithmic where DC-FLAG is 1 or CTYPE1 starts with LOG (log10 of the
    wavelength, as IRAF writes it) or where CTYPE1 ends in -LOG (Greisen et al. 2006, equation 5: CRVAL1 exp((i -
    CRPIX1) CDELT1 / CRVAL1)).

    Medium: header VACUUM wins; then CTYPE1 AWAV means air and WAVE vacuum; all others are taken as air, because that
    is what the ESO and IRAF pipelines write for optical spectra. Air wavelengths are converted to vacuum.

    Errors: an image extension SIGMA, ERR, ERRS or ERROR (1 standard deviation); without one, the scatter between
    neighbouring pixels, which is too small where a file is sampled much finer than its resolution. Pixels with flux
    exactly 0 or no number were not measured and are bad.

    ``meta``: OBJECT as source_id (unless it is a placeholder such as STAR; spectra with the same OBJECT count as the
    same star), RA and DEC (degrees, where they are numbers), SNR, SPEC_RES as resolution.
    """
    with open_fits(path) as extensions:
        header = extensions[0].header
        flux = _read_flux(path, extensions[0].read_image())
        wavelength = _to_vacuum(header, _read_wavelength(path, header, flux.size))
        sigma = _read_sigma(path, extensions[1:], flux.size)
    bad = ~np.isfinite(flux) | (flux == 0)
    return [build_spectrum(path, wavelength, flux, find_ivar(flux, bad, sigma), bad, read_meta(header))]


def describe(path: Path) -> Facts:
    """Say what a file holds, and where that is written (see `read`)."""
    with open_fits(path) as extensions:
        header = extensions[0].header
        name = next((name for name, _ in _find_sigma(extensions[1:])), None)
    medium, medium_from = _find_medium(header)
    errors = ("sigma", f"extension {name}") if name else ("none", "the scatter of neighbouring pixels")
    unit = read_text(header, "CUNIT1")
    return Facts(
        medium, medium_from, *errors, "flux that is 0 or no number, without a mask", f"CUNIT1 {unit}" if unit else ""
    )


def _read_flux(path: Path, image: np.ndarray | None) -> np.ndarray:
    if image is None:
        raise ReadError(path, "expected a one-dimensional image in the primary extension, found none")
    if image.size < 2 or image.size != image.shape[-1]:
        raise ReadError(path, f"expected shape (n,) or (1, n) in the primary extension, found {image.shape}")
    return image.reshape(-1).astype(np.float64)


def _read_wavelength(path: Path, header: Header, size: int) -> np.ndarray:
    kind = read_text(header, "CTYPE1").upper()
    if kind.startswith(OTHER_COORDINATES):
        raise ReadError(path, f"expected wavelengths along the first axis, found CTYPE1 {kind!r}")
    start, step = read_number(header, "CRVAL1"), read_number(header, "CDELT1")
    step = step if step else read_number(header, "CD1_1")
    if start is None or not step:
        raise ReadError(path, "expected numbers CRVAL1 and CDELT1 (or CD1_1, not 0) in the header, found none")
    reference = read_number(header, "CRPIX1")
    offset = step * (np.arange(1, size + 1) - (1.0 if reference is None else reference))
    if kind.endswith("-LOG"):
        wavelength = start * np.exp(offset / start)
    elif header.get("DC-FLAG") == 1 or kind.startswith("LOG"):
        if start > 30:
            raise ReadError(path, f"expected CRVAL1 to be log10 of a wavelength, as the header says, found {start:g}")
        wavelength = 10.0 ** (start + offset)
    else:
        wavelength = start + offset
    return wavelength * _find_unit(path, header)


def _find_unit(path: Path, header: Header) -> float:
    unit = read_text(header, "CUNIT1")
    if unit:
        factor = unit_factor(unit)
        if factor is None:
            raise ReadError(path, f"expected CUNIT1 to be one of {', '.join(UNITS)}, found {unit!r}")
        return factor
    named = re.search(r"units\s*=\s*(\w+)", read_text(header, "WAT1_001"))
    guesses = [unit_factor(read_text(header, "CTYPE1")), unit_factor(named.group(1)) if named else None, 1.0]
    return next(factor for factor in guesses if factor is not None)


def unit_factor(unit: str) -> float | None:
    """Give angstrom per unit, or None where the unit is not known."""
    name = unit.lower().replace(" ", "")
    return UNITS.get(name, UNITS.get(name.removesuffix("s")))


def _to_vacuum(header: Header, wavelength: np.ndarray) -> np.ndarray:
    return wavelength if _find_medium(header)[0] == "vacuum" else air_to_vacuum(wavelength)


def _find_medium(header: Header) -> tuple[str, str]:
    """Give "air" or "vacuum", and the header card that says so, "" where none does."""
    vacuum, kind = read_flag(header, "VACUUM"), read_text(header, "CTYPE1").upper().removesuffix("-LOG")
    if vacuum is not None:
        return ("vacuum" if vacuum else "air"), f"VACUUM = {'T' if vacuum else 'F'}"
    return ("vacuum" if kind == "WAVE" else "air"), f"CTYPE1 {kind}" if kind in ("WAVE", "AWAV") else ""


def _find_sigma(extensions: Sequence[Extension]) -> Iterator[tuple[str, Extension]]:
    for extension in extensions:
        name = read_text(extension.header, "EXTNAME").upper()
        if name in SIGMA_NAMES and extension.kind == "IMAGE" and extension.axes:
            yield name, extension


def _read_sigma(path: Path, extensions: Sequence[Extension], size: int) -> np.ndarray | None:
    for name, extension in _find_sigma(extensions):
        sigma = extension.read_image()
        if sigma.size != size:
            raise ReadError(path, f"expected {size} values in {name}, as in the flux, found {sigma.size}")
        return sigma.reshape(-1).astype(np.float64)
    return None


def find_ivar(flux: np.ndarray, bad: np.ndarray, sigma: np.ndarray | None) -> np.ndarray:
    """Give inverse variances from errors (1 sigma), or without them from the scatter between neighbouring pixels."""
    if sigma is None or not np.any(sigma[~bad] > 0):
        sigma = _scatter(flux, bad)
    known = np.isfinite(sigma) & (sigma > 0)
    return np.where(known, 1.0 / np.where(known, sigma, 1.0) ** 2, 0.0)


def _scatter(flux: np.ndarray, bad: np.ndarray) -> np.ndarray:
    """Estimate the noise (1 sigma, per pixel) piece by piece, because it follows the counts."""
    good = np.where(bad, 0.0, flux)
    whole = estimate_noise(good)
    sigma = np.full(flux.size, whole)
    for piece in np.array_split(np.arange(flux.size), max(1, round(flux.size / NOISE_PIECE))):
        local = estimate_noise(good[piece])
        sigma[piece] = local if local > 0 else whole
    # A flux without any scatter is synthetic: noise-free as far as single precision can tell.
    level = np.abs(good[~bad])
    return np.maximum(sigma, 1e-6 * np.median(level)) if level.size else sigma


def read_meta(header: Header) -> dict:
    """Give what a header of ESO's keywords says of the star; None where it says nothing."""
    name = read_text(header, "OBJECT")
    return {
        "source_id": None if name.upper() in PLACEHOLDERS else name,
        "ra": read_number(header, "RA", 0, 360),
        "dec": read_number(header, "DEC", -90, 90),
        "snr": read_number(header, "SNR", 1e-9, 1e9),
        "resolution": read_number(header, "SPEC_RES", 1, 1e9),
    }
