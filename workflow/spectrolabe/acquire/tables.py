"""Tables as surveys publish them, CSV or FITS, read as text: only the columns and rows that are wanted."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from astropy.io import fits

SEPARATORS = {".csv": ",", ".tsv": "\t", ".txt": "\t"}
NUMBERS = ("B", "I", "J", "K", "E", "D")  # formats of binary tables
TABLES = (fits.BinTableHDU, fits.TableHDU)


def list_columns(file: Path) -> list[str]:
    """Name a table's columns; those of a FITS table with several values per row are left out.

    Raises
    ------
    ValueError
        Where the file is no table.
    """
    if _is_text(file):
        return list(_read_text(file, nrows=0))
    with _open(file) as hdus:
        values = _find_table(file, hdus).columns.dtype
        return [name for name in values.names if values[name].shape == ()]


def read_table(file: Path, columns: Sequence[str] | None = None, rows: np.ndarray | None = None) -> pd.DataFrame:
    """Read every value as text, so that a column's type depends on its values and not on the format.

    Of a FITS table what is not wanted is not read, so that a few columns, or the rows of a few spectra, of a table of
    gigabytes take little memory.

    Parameters
    ----------
    file : CSV (.csv, or .tsv and .txt separated by tabs) or FITS table.
    columns : names of `list_columns`; all where None.
    rows : for every row of the file, whether it is wanted; all where None.

    Raises
    ------
    ValueError
        Where the file is no table.
    """
    if _is_text(file):
        table = _read_text(file, usecols=columns)[columns or list_columns(file)]
        return table if rows is None else table[rows].reset_index(drop=True)
    columns = list_columns(file) if columns is None else columns
    with _open(file) as hdus:
        hdu = _find_table(file, hdus)
        return pd.DataFrame({name: _read_column(hdu, name, slice(None) if rows is None else rows) for name in columns})


def find_numbers(file: Path, columns: Sequence[str] | None = None) -> set[str]:
    """Name those of some columns, or of all, whose values are all numbers or missing, whichever rows are wanted.

    Raises
    ------
    ValueError
        Where the file is no table.
    """
    if _is_text(file):
        table = read_table(file, columns)
        return {name for name in table if _are_numbers(table[name])}
    with _open(file) as hdus:
        hdu = _find_table(file, hdus)
        formats = {name: hdu.columns[name].format.strip("01") for name in columns or list_columns(file)}
        numbers = {name for name, form in formats.items() if form in NUMBERS}
        return numbers | {name for name in {*formats} - numbers if _are_numbers(_read_column(hdu, name, slice(None)))}


def _are_numbers(values: pd.Series) -> bool:
    return pd.to_numeric(values, errors="coerce").isna().sum() == values.isna().sum()


def _is_text(file: Path) -> bool:
    return file.suffix.lower() in SEPARATORS


def _read_text(file: Path, **options) -> pd.DataFrame:
    separator = SEPARATORS[file.suffix.lower()]
    table = pd.read_csv(file, sep=separator, dtype=str, keep_default_na=False, na_values=["", "nan", "NaN"], **options)
    return table.apply(lambda column: column.str.strip())


def _open(file: Path) -> fits.HDUList:
    try:
        return fits.open(file, memmap=True)
    except OSError as error:
        raise _not_a_table(file, error) from error


def _find_table(file: Path, hdus: fits.HDUList):
    found = next((hdu for hdu in hdus if isinstance(hdu, TABLES)), None)
    if found is None:
        raise _not_a_table(file, "there is no table in it")
    return found


def _not_a_table(file: Path, reason) -> ValueError:
    return ValueError(f"{file}: expected a CSV (.csv, .tsv, .txt) or FITS table, found neither ({reason})")


def _read_column(hdu, name: str, rows) -> pd.Series:
    values, null = hdu.data[name][rows], hdu.columns[name].null
    text = pd.Series(np.char.strip(np.asarray(values).astype(str)), dtype=str)
    return text.mask(text.isin(["", "nan"] if null is None else ["", "nan", str(null).strip()]))
