"""NLTE spectra as the online tool of the Max Planck Institute for Astronomy gives them: commented text columns."""

from pathlib import Path

from spectrolabe.acquire.readers.errors import ReadError
from spectrolabe.acquire.readers.synthetic import build_synthetic
from spectrolabe.acquire.readers.text_files import read_columns
from spectrolabe.spectra.table import Spectrum

#: Order of the parameters in the comment lines: K, dex, dex, km/s; macroturbulence and rotation (km/s) follow.
PARAMETERS = ("teff", "logg", "feh", "vmic")
#: Atomic numbers of the alpha elements: O, Ne, Mg, Si, S, Ar, Ca, Ti.
ALPHA_ELEMENTS = {8, 10, 12, 14, 16, 18, 20, 22}


def read(path: Path) -> list[Spectrum]:
    """Give the spectrum of a file: wavelength (angstrom, air) and flux in its first two columns.

    The comment lines above say the parameters: the first line of numbers alone is Teff, log g, [Fe/H], vmic,
    macroturbulence, v sin i; a line ``atomic numbers : [X/Fe]`` names the elements that were changed. ``alpha_fe`` is
    their mean over the alpha elements named, unknown where there is no such line. Macroturbulence and rotation must be
    0: they are applied to spectra later.
    """
    comments, columns = read_columns(path, 2)
    parameters = next((numbers for numbers in map(_read_numbers, comments) if len(numbers) >= len(PARAMETERS)), None)
    if parameters is None:
        found = f"{len(comments)} comment lines" if comments else "no comment line"
        raise ReadError(path, f"expected a comment line with Teff, log g, [Fe/H], vmic as numbers, found {found}")
    if any(parameters[4:6]):
        broadened = " and ".join(f"{value:g}" for value in parameters[4:6])
        raise ReadError(path, f"expected macroturbulence and v sin i 0, found {broadened} km/s")
    labels = dict(zip(PARAMETERS, parameters, strict=False)) | {"alpha_fe": _read_alpha(comments)}
    return [build_synthetic(path, columns[:, 0], columns[:, 1], labels, medium="air")]


def _read_numbers(text: str) -> list[float]:
    """Give the numbers of a text that holds nothing else; none where it holds something else."""
    try:
        return [float(word) for word in text.split()]
    except ValueError:
        return []


def _read_alpha(comments: list[str]) -> float | None:
    for comment in comments:
        left, colon, right = comment.partition(":")
        elements, excesses = _read_numbers(left), _read_numbers(right)
        if colon and elements and len(elements) == len(excesses):
            found = [value for element, value in zip(elements, excesses, strict=True) if element in ALPHA_ELEMENTS]
            return sum(found) / len(found) if found else None
    return None
