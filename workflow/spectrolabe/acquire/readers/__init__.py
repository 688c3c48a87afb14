"""Readers of published file formats: one module per format, one entry in `READERS`.

A reader is a function ``read(path) -> list[Spectrum]``: native sampling, angstrom in vacuum, and in ``meta`` whatever
the file says about the star. Call them through `read_file`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from spectrolabe.acquire.readers.ambre import read as read_ambre
from spectrolabe.acquire.readers.errors import ReadError
from spectrolabe.acquire.readers.facts import Facts
from spectrolabe.acquire.readers.ferre import read as read_ferre
from spectrolabe.acquire.readers.ferre import stream as stream_ferre
from spectrolabe.acquire.readers.gaia_eso import describe as describe_gaia_eso
from spectrolabe.acquire.readers.gaia_eso import read as read_gaia_eso
from spectrolabe.acquire.readers.intrigoss import read as read_intrigoss
from spectrolabe.acquire.readers.lamost_lrs import describe as describe_lamost_lrs
from spectrolabe.acquire.readers.lamost_lrs import read as read_lamost_lrs
from spectrolabe.acquire.readers.linear_1d import describe as describe_linear_1d
from spectrolabe.acquire.readers.linear_1d import read as read_linear_1d
from spectrolabe.acquire.readers.mpia_nlte import read as read_mpia_nlte
from spectrolabe.acquire.readers.phoenix_hires import read as read_phoenix_hires
from spectrolabe.acquire.readers.sdss_spec import describe as describe_sdss_spec
from spectrolabe.acquire.readers.sdss_spec import read as read_sdss_spec
from spectrolabe.spectra.table import Spectrum

__all__ = ["READERS", "Facts", "ReadError", "describe_file", "iterate_file", "read_file"]

READERS: dict[str, Callable[[Path], list[Spectrum]]] = {
    "ambre": read_ambre,
    "ferre": read_ferre,
    "gaia_eso": read_gaia_eso,
    "intrigoss": read_intrigoss,
    "lamost_lrs": read_lamost_lrs,
    "linear_1d": read_linear_1d,
    "mpia_nlte": read_mpia_nlte,
    "phoenix_hires": read_phoenix_hires,
    "sdss_spec": read_sdss_spec,
}
#: Formats with more spectra in a file than memory may hold, each with a function that gives them one by one.
STREAMS: dict[str, Callable[[Path], Iterator[Spectrum]]] = {"ferre": stream_ferre}
#: Formats of observed spectra whose files say, or leave open, what their wavelengths and errors are.
DESCRIBERS: dict[str, Callable[[Path], Facts]] = {
    "gaia_eso": describe_gaia_eso,
    "lamost_lrs": describe_lamost_lrs,
    "linear_1d": describe_linear_1d,
    "sdss_spec": describe_sdss_spec,
}
#: Synthetic spectra have no noise, and their formats leave nothing open.
IN_AIR = ("ambre", "intrigoss", "mpia_nlte")


def read_file(path: Path, reader: str) -> list[Spectrum]:
    """Give the spectra of one file, or say in one sentence why there are none.

    Raises
    ------
    ReadError
        For anything that is wrong with the file: a corrupt file can raise any exception inside the FITS library, and
        one bad file must not end a survey's run.
    ValueError
        Where ``reader`` is no name in `READERS`.
    """
    with _faults_named(path, reader):
        return READERS[reader](Path(path))


def describe_file(path: Path, reader: str) -> Facts:
    """Say what one file holds, and where that is written: medium, errors, mask. Raises as `read_file` does."""
    with _faults_named(path, reader):
        if reader in DESCRIBERS:
            return DESCRIBERS[reader](Path(path))
        medium = "air" if reader in IN_AIR else "vacuum"
        return Facts(medium, f"the format {reader}", "none", "synthetic spectra have none", "flux that is not positive")


def iterate_file(path: Path, reader: str) -> Iterator[Spectrum]:
    """Give the spectra of one file one by one, with no more of them in memory than the format makes necessary.

    Raises as `read_file` does, where a file is damaged only after its last good spectrum.
    """
    with _faults_named(path, reader):
        yield from STREAMS.get(reader, READERS[reader])(Path(path))


@contextmanager
def _faults_named(path: Path, reader: str) -> Iterator[None]:
    if reader not in READERS:
        raise ValueError(f"reader {reader!r} is not known, expected one of {', '.join(sorted(READERS))}")
    try:
        yield
    except ReadError:
        raise
    except Exception as error:
        reason = f"cannot be read as {reader}: {type(error).__name__}: {error}"
        raise ReadError(path, reason) from error
