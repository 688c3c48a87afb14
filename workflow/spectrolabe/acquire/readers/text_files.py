"""What every reader of text files needs: opening them safely, and reading columns of numbers."""

import gzip
import io
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from spectrolabe.acquire.readers.errors import ReadError
from spectrolabe.acquire.readers.fits_files import GZIP_MAGIC


@contextmanager
def open_text(path: Path) -> Iterator[io.TextIOBase]:
    """Open a text file, compressed by gzip or not; it is closed when the block ends.

    Raises
    ------
    ReadError
        Where the file is missing or empty, or its compression is damaged.
    """
    if not path.is_file():
        raise ReadError(path, "expected a text file, found no such file")
    with path.open("rb") as raw:
        start = raw.read(2)
    if not start:
        raise ReadError(path, "expected a text file, found an empty file (0 bytes)")
    opener = gzip.open if start == GZIP_MAGIC else open
    try:
        # Whatever the bytes are, they become characters: that they are no numbers is said by who reads them.
        with opener(path, "rt", encoding="latin-1") as lines:
            yield lines
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ReadError(path, f"file is truncated or damaged: {error}") from error


def read_columns(path: Path, least: int) -> tuple[list[str], np.ndarray]:
    """Give the comment lines (starting with #) at the top of a text file, and its columns of numbers.

    Parameters
    ----------
    least : number of columns that there must be.

    Returns
    -------
    Comment lines without their #, and an array of shape (n_lines, n_columns).

    Raises
    ------
    ReadError
        Where there is no line of numbers, columns are too few, or a line has something else than one number in each.
    """
    comments = []
    with open_text(path) as lines:
        first = ""
        for line in lines:
            if line.lstrip().startswith("#"):
                comments.append(line.strip().lstrip("#").strip())
            elif line.strip():
                first = line
                break
        text = first + lines.read()
    count = len(first.split())
    if count < least:
        raise ReadError(path, f"expected {least} columns of numbers, found {count or 'no line of them'}")
    rows = sum(1 for line in io.StringIO(text) if not line.isspace())
    numbers = parse_numbers(text)
    if numbers.size != rows * count:
        raise ReadError(path, f"expected {count} numbers in every line, found {_find_fault(text, count)}")
    return comments, numbers.reshape(rows, count)


def parse_numbers(text: str) -> np.ndarray:
    """Give the numbers of a text, separated by blanks, up to the first word that is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of a word that is no number, which the count tells
        try:
            return np.fromstring(text, sep=" ")
        except ValueError:
            return np.empty(0)


def _find_fault(text: str, count: int) -> str:
    for line in io.StringIO(text):
        if not line.isspace() and not (len(line.split()) == count and parse_numbers(line).size == count):
            return f"{line.strip()[:40]!r}"
    return "another number"
