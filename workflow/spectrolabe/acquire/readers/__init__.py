"""Readers of published file formats: one module per format, one entry in `READERS`.

A reader is a function ``read(path) -> list[Spectrum]``: native sampling, angstrom in vacuum, and in ``meta`` whatever
the file says about the star. Call them through `read_file`.
"""

from collections.abc import Callable
from pathlib import Path

from spectrolabe.acquire.readers.errors import ReadError
from spectrolabe.acquire.readers.lamost_lrs import read as read_lamost_lrs
from spectrolabe.acquire.readers.linear_1d import read as read_linear_1d
from spectrolabe.acquire.readers.sdss_spec import read as read_sdss_spec
from spectrolabe.spectra.table import Spectrum

__all__ = ["READERS", "ReadError", "read_file"]

READERS: dict[str, Callable[[Path], list[Spectrum]]] = {
    "lamost_lrs": read_lamost_lrs,
    "linear_1d": read_linear_1d,
    "sdss_spec": read_sdss_spec,
}


def read_file(path: Path, reader: str) -> list[Spectrum]:
    """Give the spectra of one file, or say in one sentence why there are none.

    Raises ------ ReadError For anything that is wrong with the file: a corrupt file can raise any exception inside
    the FITS library, and one bad file must not end a survey's run.
    ValueError
        Where ``reader`` is no name in `READERS`.
    """
    if reader not in READERS:
        raise ValueError(f"reader {reader!r} is not known, expected one of {', '.join(sorted(READERS))}")
    try:
        return READERS[reader](Path(path))
    except ReadError:
        raise
    except Exception as error:
        reason = f"cannot be read as {reader}: {type(error).__name__}: {error}"
        raise ReadError(path, reason) from error
