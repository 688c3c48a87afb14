"""Gaia-ESO spectra as the ESO archive gives them: phase-3 binary tables (one row of arrays) of UVES and GIRAFFE."""

from pathlib import Path

import numpy as np

from spectrolabe.acquire.readers.errors import ReadError
from spectrolabe.acquire.readers.facts import Facts
from spectrolabe.acquire.readers.files import build_spectrum, read_flag, read_number, read_text
from spectrolabe.acquire.readers.fits_files import open_fits, read_table
from spectrolabe.acquire.readers.fits_headers import Header
from spectrolabe.acquire.readers.linear_1d import find_ivar, read_meta, unit_factor
from spectrolabe.spectra.table import Spectrum
from spectrolabe.spectra.wavelength import air_to_vacuum

#: Flux columns in order of preference, each with the column of its errors (1 sigma) or inverse variances. A flux never
#: takes another one's errors: they may differ by the whole flux calibration.
FLUXES = {"FLUX": ("ERR", "IVAR"), "FLUX_REDUCED": ("ERR_REDUCED", "IVAR")}


def read(path: Path) -> list[Spectrum]:
    """Give the spectrum of a file: arrays WAVE, FLUX (or FLUX_REDUCED), ERR (or IVAR) and QUAL in its first table.

    Wavelengths are in the unit of WAVE, else nanometre, as the survey writes them. Medium: header VACUUM wins; then the
    column's descriptor (TUCD), by ESO's standard ``em.wl`` for vacuum and ``em.wl;obs.atmos`` for air; else air.

    Errors: ERR, else IVAR, else the median signal-to-noise ratio of the header (SNR), else the scatter between
    neighbouring pixels. A pixel is bad where QUAL is not 0, or the flux is exactly 0 or no number.

    ``meta``: OBJECT (the survey's name of the star, the same in all settings) as source_id, RA and DEC (degrees), SNR,
    SPEC_RES as resolution.
    """
    header, arrays, column, name = _read_arrays(path)
    others = {key: array.size for key, array in arrays.items() if array.size != arrays["WAVE"].size}
    if others:
        key, size = next(iter(others.items()))
        raise ReadError(path, f"expected {arrays['WAVE'].size} values in {key}, as in WAVE, found {size}")
    wavelength = _find_wavelength(path, header, arrays["WAVE"], column)
    flux = arrays[name].astype(np.float64)
    bad = ~np.isfinite(flux) | (flux == 0) | (arrays.get("QUAL", np.zeros(flux.size)) != 0)
    ivar = _choose_ivar(header, flux, bad, *(arrays.get(key) for key in FLUXES[name]))
    return [build_spectrum(path, wavelength, flux, ivar, bad, read_meta(header))]


def describe(path: Path) -> Facts:
    """Say what a file holds, and where that is written (see `read`)."""
    header, arrays, column, name = _read_arrays(path)
    known = [key for key in FLUXES[name] if np.any(arrays.get(key, np.zeros(1)) > 0)]
    kind = {"IVAR": "ivar"}.get(known[0], "sigma") if known else "none"
    written = f"column {known[0]}" if known else "SNR of the header, else the scatter of neighbouring pixels"
    mask = "QUAL not 0, or flux 0" if "QUAL" in arrays else "flux that is 0 or no number, without a mask"
    return Facts(*_find_medium(header, column), kind, written, mask, f"WAVE in {_find_unit(header, column)}")


def _read_arrays(path: Path) -> tuple[Header, dict[str, np.ndarray], int, str]:
    """Give the header of both extensions, the arrays by name, the number of the column WAVE, the name of the flux."""
    with open_fits(path) as extensions:
        table = read_table(path, extensions, 1)
        if table.rows != 1:
            raise ReadError(path, f"expected one row of arrays in the table of extension 1, found {table.rows} rows")
        names = {name.upper(): name for name in table.names}
        name = next((name for name in FLUXES if name in names), None)
        if "WAVE" not in names or name is None:
            found = ", ".join(names) or "none"
            raise ReadError(path, f"expected columns WAVE and {' or '.join(FLUXES)}, found {found}")
        wanted = [key for key in ("WAVE", name, *FLUXES[name], "QUAL") if key in names]
        arrays = {key: table.read_array(names[key]) for key in wanted}
        header = extensions[0].header.over(extensions[1].header)
    return header, arrays, table.find_number(names["WAVE"]), name


def _find_wavelength(path: Path, header: Header, values: np.ndarray, column: int) -> np.ndarray:
    unit = _find_unit(header, column)
    factor = unit_factor(unit)
    if factor is None:
        raise ReadError(path, f"expected TUNIT{column} to be nm or angstrom, found {unit!r}")
    wavelength = values.astype(np.float64) * factor
    return wavelength if _find_medium(header, column)[0] == "vacuum" else air_to_vacuum(wavelength)


def _find_unit(header: Header, column: int) -> str:
    return read_text(header, f"TUNIT{column}") or "nm"


def _find_medium(header: Header, column: int) -> tuple[str, str]:
    """Give "air" or "vacuum", and the header card that says so, "" where none does."""
    vacuum, kind = read_flag(header, "VACUUM"), read_text(header, f"TUCD{column}").lower()
    if vacuum is not None:
        return ("vacuum" if vacuum else "air"), f"VACUUM = {'T' if vacuum else 'F'}"
    said = kind in ("em.wl", "em.wl;obs.atmos")
    return ("vacuum" if kind == "em.wl" else "air"), f"TUCD{column} {kind}" if said else ""


def _choose_ivar(
    header: Header, flux: np.ndarray, bad: np.ndarray, errors: np.ndarray | None, ivar: np.ndarray | None
) -> np.ndarray:
    if errors is not None and np.any(errors[~bad] > 0):
        return find_ivar(flux, bad, errors.astype(np.float64))
    if ivar is not None and np.any(ivar[~bad] > 0):
        return ivar.astype(np.float64)
    snr = read_number(header, "SNR", 1e-9, 1e9)
    if snr is None or bad.all():
        return find_ivar(flux, bad, None)
    return np.full(flux.size, (snr / np.median(np.abs(flux[~bad]))) ** 2)
