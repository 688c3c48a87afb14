"""Catalogues of a survey: what it publishes about its spectra, one row each, as CSV or FITS table."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import pandas as pd

from spectrolabe.acquire.abundances import add_relative
from spectrolabe.acquire.key_patterns import key_columns
from spectrolabe.acquire.keys import make_keys
from spectrolabe.acquire.tables import find_numbers, list_columns, read_table

#: Stay text even where they look like numbers, or where all fields are empty: a 19-digit Gaia identifier does not fit
#: a float, and a column of flags that no star has raised is no column of missing numbers.
TEXT_COLUMNS = (
    "source_id", "spectrum_id", "tech", "peculi", "benchmark", "cluster", "population", "trouble",
)  # fmt: skip


def read_catalogue(
    file: Path,
    key: str,
    columns: Mapping[str, str] | None = None,
    missing: Sequence[float] = (),
    solar: Path | None = None,
    only: Collection[str] | None = None,
) -> pd.DataFrame:
    """Give a survey's catalogue with our column names, one row per spectrum, the key as text index.

    Columns are numbers where every value is one, else text; columns with several values per row are left out.

    Parameters
    ----------
    file : CSV (.csv, or .tsv separated by tabs) or FITS table.
    key : the column that says which spectrum a row is about, or a pattern of columns: see
        `spectrolabe.acquire.keys.make_keys`.
    columns : our name -> the catalogue's name, for columns that are to be renamed.
    missing : numbers that stand for a missing value.
    solar : the Sun's abundances, which absolute ones become relative to: see
        `spectrolabe.acquire.abundances.add_relative`.
    only : keys of the rows that are wanted; all where None.

    Raises
    ------
    ValueError
        Where the file is no table, lacks a named column, has two rows for one spectrum, or abundances that cannot be
        made relative.
    """
    file, columns = Path(file), dict(columns or {})
    names, keys = list_columns(file), _read_keys(file, key)
    for name in columns.values():
        _check_column(file, name, names)
    wanted = keys.notna() if only is None else keys.isin(only)
    table = read_table(file, names, wanted.to_numpy(bool)).set_axis(pd.Index(keys[wanted], name=None))
    kept = {name: name for name in names if name != key and name not in columns.values()} | columns
    table = pd.DataFrame({ours: table[theirs] for ours, theirs in kept.items()}, index=table.index)
    found = find_numbers(file)
    numbers = [ours for ours, theirs in kept.items() if theirs in found and ours not in TEXT_COLUMNS]
    catalogue = pd.DataFrame(convert_columns(table, numbers, missing), index=table.index)
    if solar is None:
        return catalogue
    try:
        return add_relative(catalogue, solar)
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from error


def _read_keys(file: Path, key: str) -> pd.Series:
    """Read what names the spectrum of each row."""
    names, parts = list_columns(file), key_columns(key)
    for name in parts:
        _check_column(file, name, names)
    table = read_table(file, parts)
    try:
        keys = make_keys(table, key)
    except ValueError as error:
        raise ValueError(f"{file}: key {key!r}: {error}") from error
    repeated = keys[keys.notna() & keys.duplicated()]
    if len(repeated):
        raise ValueError(f"{file}: expected one row per value of {key!r}, found {repeated.iloc[0]!r} more than once")
    return keys


def _check_column(file: Path, name: str, names: Sequence[str]) -> None:
    if name not in names:
        raise ValueError(f"{file}: expected a column {name!r}, found {', '.join(names)}")


def convert_columns(table: pd.DataFrame, numbers: Collection[str], missing: Sequence[float]) -> dict[str, pd.Series]:
    """Make text numbers in some columns of a table, NaN where they stand for a missing value."""
    converted = {name: pd.to_numeric(table[name]).astype(float) for name in table if name in numbers}
    known = {name: values.mask(values.isin(list(missing))) for name, values in converted.items()}
    return {name: known.get(name, table[name]) for name in table}
