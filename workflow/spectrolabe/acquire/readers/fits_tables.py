"""Binary tables of FITS files: those columns that are asked for."""

import re
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np

from spectrolabe.acquire.readers.errors import ReadError
from spectrolabe.acquire.readers.fits_headers import Header

#: Letter of a column's format -> its values.
VALUES = {"B": ">u1", "I": ">i2", "J": ">i4", "K": ">i8", "E": ">f4", "D": ">f8", "A": "S1", "L": ">u1"}
#: Bytes of a value that is not read (complex numbers), and places of arrays that stand behind the table.
OTHER_WIDTHS, BEHIND = {"C": 8, "M": 16}, {"P": ">i4", "Q": ">i8"}
FORMAT = re.compile(r" *(\d{0,9})([A-Z])\(?([A-Z]?)")


class _Column(NamedTuple):
    number: int
    letter: str
    count: int  # values in a row
    pointed: str  # letter of the values behind the table
    start: int  # byte in a row


class Table:
    """A binary table: ``names`` of its columns, ``rows`` their length.

    Parameters
    ----------
    path : of the file, for messages.
    header : of the extension.
    axes : bytes of a row, number of rows.
    read : gives the extension's data.

    Raises
    ------
    ReadError
        Where a column's format is unknown, or the columns take more than a row.
    """

    def __init__(self, path: Path, header: Header, axes: tuple[int, int], read: Callable[[], bytes]):
        self._path, self._header, self._read = path, header, read
        self._width, self.rows = axes
        self._columns: dict[str, _Column] = {}
        fields, end = header.get_count("TFIELDS", 0), 0
        for number in range(1, fields + 1):
            form, name = header.get(f"TFORM{number}"), header.get(f"TTYPE{number}")
            found = FORMAT.match(form) if isinstance(form, str) else None
            width = _find_width(found) if found else None
            if width is None:
                raise ReadError(path, f"expected a format of a table's column in TFORM{number}, found {form!r}")
            if isinstance(name, str):
                self._columns.setdefault(name, _Column(number, found[2], _find_count(found), found[3], end))
            end += width
        if end > self._width:
            raise ReadError(path, f"expected columns of NAXIS1 = {self._width} bytes in all, found {end}")
        self.names = list(self._columns)

    def find_number(self, name: str) -> int:
        """Give the number of a column, from 1, that stands in the keys of its header cards."""
        return self._columns[name].number

    @cached_property
    def _data(self) -> bytes:
        return self._read()

    def read_column(self, name: str) -> np.ndarray:
        """Give a column, shape (n_rows,), or (n_rows, n_values) where a row has not one; texts are bytes.

        Raises
        ------
        ReadError
            Where its format is neither numbers, flags nor text.
        """
        column = self._columns[name]
        if column.letter not in VALUES:
            raise self._refuse(name, "numbers or text")
        value = np.dtype(f"S{max(column.count, 1)}" if column.letter == "A" else VALUES[column.letter])
        per_row = min(column.count, 1) if column.letter == "A" else column.count
        cell = {"names": ["x"], "formats": [(value, (per_row,))], "offsets": [column.start], "itemsize": self._width}
        values = np.frombuffer(self._data, np.dtype(cell), self.rows)["x"]
        return self._scale(column.number, column.letter, values[:, 0] if per_row == 1 else values)

    def read_array(self, name: str) -> np.ndarray:
        """Give the values of a column in the first row, shape (n_values,), also of those that stand behind the table.

        Raises
        ------
        ReadError
            As `read_column` does, and where values stand outside the extension.
        """
        column = self._columns[name]
        if column.letter not in BEHIND or not column.count:
            return np.ravel(self.read_column(name)[0])
        if column.pointed not in VALUES:
            raise self._refuse(name, "numbers")
        size, offset = np.frombuffer(self._data, BEHIND[column.letter], 2, column.start).tolist()
        start = self._header.get_count("THEAP", self._width * self.rows) + offset
        if min(size, start) < 0 or start + size * np.dtype(VALUES[column.pointed]).itemsize > len(self._data):
            raise ReadError(self._path, f"expected the values of {name} within the extension, found them outside")
        return self._scale(
            column.number, column.pointed, np.frombuffer(self._data, VALUES[column.pointed], size, start)
        )

    def _refuse(self, name: str, expected: str) -> ReadError:
        form = self._header.get(f"TFORM{self._columns[name].number}")
        return ReadError(self._path, f"expected {expected} in the column {name}, found the format {form!r}")

    def _scale(self, number: int, letter: str, values: np.ndarray) -> np.ndarray:
        if letter in "AL":
            return values == ord("T") if letter == "L" else values
        scale, zero = self._header.get_factor(f"TSCAL{number}", 1), self._header.get_factor(f"TZERO{number}", 0)
        return values if (scale, zero) == (1, 0) else values.astype(np.float64) * scale + zero


def _find_count(form: re.Match) -> int:
    return int(form[1]) if form[1] else 1


def _find_width(form: re.Match) -> int | None:
    """Give the bytes that a format takes in a row; None where there is no such format."""
    count, letter = _find_count(form), form[2]
    if letter == "X":
        return (count + 7) // 8
    if letter in BEHIND:
        return 2 * count * np.dtype(BEHIND[letter]).itemsize
    width = int(VALUES[letter][-1]) if letter in VALUES else OTHER_WIDTHS.get(letter)
    return None if width is None else count * width
