"""Keys of a catalogue's rows: a column, or a pattern of columns such as ``spec-{PLATE:04d}-{MJD:05d}-{FIBER:04d}``."""

import pandas as pd

from spectrolabe.acquire.key_patterns import is_pattern, key_columns, parse_pattern


def make_keys(table: pd.DataFrame, key: str) -> pd.Series:
    """Give the key of every row, missing where one of its columns is.

    A column in braces stands as it is written in the table; with a format its numbers do, whole ones as integers.

    Parameters
    ----------
    table : text, with the columns of `key_columns`.

    Raises
    ------
    ValueError
        Where the values of a column cannot have the format.
    """
    if not is_pattern(key):
        return table[key]
    known = table[key_columns(key)].notna().all(axis=1)
    keys = pd.Series("", index=table.index[known], dtype=object)
    for literal, name, form in parse_pattern(key):
        keys = keys + literal
        if name:
            keys = keys + _write(table.loc[known, name], form)
    return keys.reindex(table.index)


def _write(values: pd.Series, form: str) -> pd.Series:
    if not form:
        return values.astype(object)
    numbers = pd.to_numeric(values, errors="coerce")
    if numbers.notna().all():
        values = numbers.astype(int) if (numbers % 1 == 0).all() else numbers
    try:
        return pd.Series([format(value, form) for value in values.tolist()], index=values.index, dtype=object)
    except ValueError as error:
        raise ValueError(f"column {values.name!r} cannot be written as {form!r}: {error}") from error
