"""FERRE model grids (``f_*.dat``; Allende Prieto et al. 2018, A&A 618, A25): many spectra in one text file.

A Fortran namelist ``&SYNTH ... /`` describes the grid; below it, one line per spectrum (FERRE User Guide, section 4).
"""

import itertools
import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

import numpy as np

from spectrolabe.acquire.readers.errors import ReadError
from spectrolabe.acquire.readers.synthetic import build_synthetic
from spectrolabe.acquire.readers.text_files import open_text, parse_numbers
from spectrolabe.spectra.table import Spectrum
from spectrolabe.spectra.wavelength import air_to_vacuum

#: The name of each dimension, in capitals -> our label, and how its value becomes ours.
DIMENSIONS: dict[str, tuple[str, Callable[[float], float]]] = {
    **dict.fromkeys(("TEFF",), ("teff", float)),
    **dict.fromkeys(("LOGG", "LOG(G)"), ("logg", float)),
    **dict.fromkeys(("METALS", "[M/H]", "[FE/H]", "FE_H"), ("feh", float)),
    **dict.fromkeys(("O MG SI S CA TI", "[ALPHA/M]", "[ALPHA/FE]", "ALPHA"), ("alpha_fe", float)),
    **dict.fromkeys(("MICRO", "VMICRO"), ("vmic", float)),
    "LOG10VDOP": ("vmic", lambda value: 10.0**value),
}
#: Wavelength from x = WAVE(1) + i WAVE(2), by LOGW.
SCALES = {0: lambda x: x, 1: lambda x: 10.0**x, 2: np.exp}
#: What we cannot read: spectra in columns, principal components, flux with a constant taken off.
UNREAD = ("TRANSPOSED", "NPCA", "CONSTANT")
#: Largest numbers of pixels, of dimensions, of nodes in one: a damaged header would otherwise ask for all the memory.
MOST_PIXELS, MOST_DIMENSIONS, MOST_NODES = 5_000_000, 20, 10_000
ASSIGNMENT = re.compile(r"\s*(\w+\s*(?:\(\s*\d+\s*\))?)\s*=")
VALUE = re.compile(r"'([^']*)'|\"([^\"]*)\"|([^\s,'\"]+)")

Header = dict[str, list[str]]


def read(path: Path) -> list[Spectrum]:
    """Give all spectra of a grid file at once; see `stream`, which needs a fraction of the memory."""
    return list(stream(path))


def stream(path: Path) -> Iterator[Spectrum]:
    """Give the spectra of a grid file one by one, in its order; only one is in memory.

    The header says the wavelengths (WAVE, LOGW, NPIX; air unless VACUUM is 1), the nodes of each dimension (LABEL, N_P,
    LLIMITS, STEPS; the last dimension varies fastest) and the resolving power (RESOLUTION). Files with several headers
    (MULTI) hold several pieces of wavelength side by side. Spectra that are 0 or INVALID_CODE throughout were not
    computed and are passed over.

    Raises
    ------
    ReadError
        Where the header or a line is not as it should be, or lines are missing; spectra given before stay good.
    """
    with open_text(path) as lines:
        headers = [_read_header(path, lines)]
        headers += [_read_header(path, lines) for _ in range(_whole(path, headers[0], "MULTI", MOST_DIMENSIONS, 0))]
        pieces = headers[1:] or headers
        wavelength = np.concatenate([_read_wavelength(path, header) for header in pieces])
        nodes = _read_nodes(path, pieces[0])
        invalid = _number(path, pieces[0], "INVALID_CODE", 0)
        resolution = min(_number(path, header, "RESOLUTION", 0) for header in pieces) or None
        expected = math.prod(len(values) for _, values in nodes)
        given = (line for line in lines if line.strip())
        for number, values in enumerate(itertools.product(*(values for _, values in nodes)), start=1):
            flux = _read_line(path, next(given, None), number, expected, wavelength.size)
            flux[flux == invalid] = np.nan
            if np.any(flux > 0):
                labels = dict(zip((name for name, _ in nodes), values, strict=True))
                yield build_synthetic(path, wavelength, flux, labels, medium="vacuum", resolution=resolution)
        if next(given, None) is not None:
            raise ReadError(path, f"expected {expected} spectra, one a line, as N_P says, found more")


def _read_header(path: Path, lines: TextIO) -> Header:
    """Read one namelist: key -> its values as texts; LABEL(2) is a key of its own."""
    start = next((line.strip() for line in lines if line.strip()), "")
    if start.upper() != "&SYNTH":
        raise ReadError(path, f"expected a FERRE grid, which starts with '&SYNTH', found {start[:20]!r}")
    header: Header = {}
    key = ""
    for line in lines:
        if line.strip() == "/":
            return header
        begins = ASSIGNMENT.match(line)
        if begins:
            key = re.sub(r"\s", "", begins[1]).upper()
            header[key] = []
        # A line without an assignment goes on with the values of the line before it.
        values = VALUE.findall(line[begins.end() :] if begins else line)
        header.setdefault(key, []).extend("".join(value).strip() for value in values)
    raise ReadError(path, "file is truncated: expected a line '/' that ends the header, found none")


def _number(path: Path, header: Header, key: str, default: float | None = None) -> float:
    return _numbers(path, header, key, 1, default)[0]


def _whole(path: Path, header: Header, key: str, most: int, default: float | None = None) -> int:
    value = _number(path, header, key, default)
    if not 0 <= value <= most:
        raise ReadError(path, f"expected {key} to be at most {most} in the header, found {value:g}")
    return int(value)


def _numbers(path: Path, header: Header, key: str, count: int, default: float | None = None) -> list[float]:
    values = header.get(key, [] if default is None else [str(default)])
    try:
        numbers = [float(value.upper().replace("D", "E")) for value in values[:count]]
    except ValueError:
        numbers = []
    numbers = [number for number in numbers if math.isfinite(number)]
    if len(numbers) < count:
        wanted = "a number" if count == 1 else f"{count} numbers"
        raise ReadError(path, f"expected {key} to be {wanted} in the header, found '{' '.join(values)}'")
    return numbers


def _read_wavelength(path: Path, header: Header) -> np.ndarray:
    """Give the wavelengths of one header (angstrom, vacuum)."""
    start, step = _numbers(path, header, "WAVE", 2)
    pixels, scale = _number(path, header, "NPIX"), _number(path, header, "LOGW", 0)
    if scale not in SCALES or not 2 <= pixels <= MOST_PIXELS:
        raise ReadError(path, f"expected LOGW 0, 1 or 2 and NPIX 2 to {MOST_PIXELS}, found {scale:g} and {pixels:g}")
    wavelength = SCALES[int(scale)](start + step * np.arange(int(pixels)))
    return wavelength if _number(path, header, "VACUUM", 0) else air_to_vacuum(wavelength)


def _read_nodes(path: Path, header: Header) -> list[tuple[str, list[float]]]:
    """Give (our label, its values) of each dimension, in order."""
    for key in UNREAD:
        if any(_numbers(path, header, key, len(header.get(key, [])))):
            raise ReadError(path, f"expected a grid of plain spectra ({key} 0), found {key} {header[key][0]}")
    count = _whole(path, header, "N_OF_DIM", MOST_DIMENSIONS)
    sizes, starts, steps = (_numbers(path, header, key, count) for key in ("N_P", "LLIMITS", "STEPS"))
    nodes = []
    for i, (size, start, step) in enumerate(zip(sizes, starts, steps, strict=True)):
        name = " ".join(header.get(f"LABEL({i + 1})") or header.get("LABEL", [""] * count)[i : i + 1])
        if name.upper() not in DIMENSIONS:
            raise ReadError(path, f"expected LABEL({i + 1}) to be one of {', '.join(DIMENSIONS)}, found {name!r}")
        if not 1 <= size <= MOST_NODES:
            raise ReadError(path, f"expected N_P to be 1 to {MOST_NODES} in each dimension, found {size:g}")
        label, convert = DIMENSIONS[name.upper()]
        nodes.append((label, [convert(start + step * k) for k in range(int(size))]))
    return nodes


def _read_line(path: Path, line: str | None, number: int, expected: int, pixels: int) -> np.ndarray:
    if line is None:
        raise ReadError(path, f"file is truncated: expected {expected} spectra, one a line, found {number - 1}")
    flux = parse_numbers(line)
    if flux.size != pixels:
        raise ReadError(path, f"expected {pixels} numbers in spectrum {number} of {expected}, found {flux.size}")
    return flux
