"""Catalogues of a survey: what it publishes about its spectra, one row each, as CSV or FITS table."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from astropy.table import Table

from spectrolabe.acquire.abundances import add_relative

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
) -> pd.DataFrame:
    """Give a survey's catalogue with our column names, one row per spectrum, the key as text index.

    Columns are numbers where every value is one, else text; columns with several values per row are left out.

    Parameters
    ----------
    file : CSV (.csv, or .tsv separated by tabs) or FITS table.
    key : the column that says which spectrum a row is about.
    columns : our name -> the catalogue's name, for columns that are to be renamed.
    missing : numbers that stand for a missing value.
    solar : the Sun's abundances, which absolute ones become relative to: see
        `spectrolabe.acquire.abundances.add_relative`.

    Raises
    ------
    ValueError
        Where the file is no table, lacks a named column, has two rows for one spectrum, or abundances that cannot be
        made relative.
    """
    table = _read_table(Path(file))
    columns = dict(columns or {})
    for name in [key, *columns.values()]:
        if name not in table:
            raise ValueError(f"{file}: expected a column {name!r}, found {', '.join(table.columns)}")
    table = table[table[key].notna()]
    repeated = table[key][table[key].duplicated()]
    if len(repeated):
        raise ValueError(f"{file}: expected one row per value of {key!r}, found {repeated.iloc[0]!r} more than once")
    kept = {name: table[name] for name in table if name != key and name not in columns.values()}
    kept |= {ours: table[theirs] for ours, theirs in columns.items()}
    converted = {name: _convert(name, values, missing) for name, values in kept.items()}
    catalogue = pd.DataFrame(converted, index=table.index).set_axis(pd.Index(table[key], name=None))
    if solar is None:
        return catalogue
    try:
        return add_relative(catalogue, solar)
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from error


def _read_table(file: Path) -> pd.DataFrame:
    """Read every column as text, so that a column's type depends on its values and not on the format."""
    if file.suffix.lower() in (".csv", ".tsv", ".txt"):
        separator = "," if file.suffix.lower() == ".csv" else "\t"
        table = pd.read_csv(file, sep=separator, dtype=str, keep_default_na=False, na_values=["", "nan", "NaN"])
        return table.apply(lambda column: column.str.strip())
    try:
        table = Table.read(file, format="fits")
    except OSError as error:
        raise ValueError(f"{file}: expected a CSV (.csv, .tsv, .txt) or FITS table, found neither ({error})") from error
    table.convert_bytestring_to_unicode()
    flat = {name: _to_text(table[name]) for name in table.colnames if table[name].ndim == 1}
    return pd.DataFrame(flat)


def _to_text(column: np.ndarray) -> pd.Series:
    values = pd.Series([None if np.ma.is_masked(value) else str(value).strip() for value in column], dtype=str)
    return values.mask(values.isin(["", "nan"]))


def _convert(name: str, values: pd.Series, missing: Sequence[float]) -> pd.Series:
    if name in TEXT_COLUMNS:
        return values
    numbers = pd.to_numeric(values, errors="coerce")
    if numbers.isna().sum() > values.isna().sum():
        return values
    numbers = numbers.astype(float)
    return numbers.mask(numbers.isin(list(missing)))
