"""Keys of a catalogue's rows: a column, or a pattern of columns such as ``spec-{PLATE:04d}-{MJD:05d}-{FIBER:04d}``."""

from string import Formatter

import pandas as pd

EXAMPLES = (1, 1.0, "a")  # what a column may hold


def key_columns(key: str) -> list[str]:
    """Name the columns that a key is made of: those in braces, or the one that the key itself names.

    Raises
    ------
    ValueError
        Where the braces hold anything else than a column's name and a format that numbers or text can have.
    """
    return [key] if not _is_pattern(key) else list(dict.fromkeys(name for _, name, _ in _parse(key) if name))


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
    if not _is_pattern(key):
        return table[key]
    known = table[key_columns(key)].notna().all(axis=1)
    keys = pd.Series("", index=table.index[known], dtype=object)
    for literal, name, form in _parse(key):
        keys = keys + literal
        if name:
            keys = keys + _write(table.loc[known, name], form)
    return keys.reindex(table.index)


def _is_pattern(key: str) -> bool:
    return "{" in key or "}" in key


def _parse(key: str) -> list[tuple[str, str, str]]:
    """Give the parts of a pattern: text, then the column that follows it and its format."""
    parts = []
    for literal, name, form, conversion in Formatter().parse(key):
        if name is not None and (not name or conversion or set(name + form) & set("{}[]")):
            raise ValueError("expected the name of a column in each pair of braces, or name:format")
        if form and not any(_fits(example, form) for example in EXAMPLES):
            raise ValueError(f"{form!r} is no format of a number or of text")
        parts.append((literal, name or "", form or ""))
    return parts


def _fits(value, form: str) -> bool:
    try:
        format(value, form)
    except ValueError:
        return False
    return True


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
