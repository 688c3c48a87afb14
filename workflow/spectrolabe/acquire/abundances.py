"""Abundances relative to the Sun: [Fe/H] and [X/Fe] from a survey's absolute ones."""

from pathlib import Path

import numpy as np
import pandas as pd


def add_relative(table: pd.DataFrame, solar: Path) -> pd.DataFrame:
    """Give a table with [Fe/H] and [X/Fe] (dex) beside its absolute abundances A(X) (dex, A(H) = 12).

    ``a_fe`` gives ``feh``, every other ``a_<element>`` gives ``<element>_fe``; what has an error (1 sigma,
    ``a_<element>_err``) gives one with that of iron in quadrature.

    Parameters
    ----------
    table : numbers, missing ones NaN.
    solar : CSV of the Sun's abundances with the columns ``element`` and ``abundance``.

    Raises
    ------
    ValueError
        Where there is no iron, an abundance is no number, or a column is there already.
    """
    if "a_fe" not in table:
        raise ValueError(f"expected a column 'a_fe' for abundances relative to the Sun, found {', '.join(table)}")
    sun = pd.read_csv(solar, keep_default_na=False).set_index("element")["abundance"]
    sun.index = sun.index.str.lower()
    elements = [name.removeprefix("a_") for name in table if name.startswith("a_") and name.removeprefix("a_") in sun]
    text = [f"a_{element}" for element in elements if not pd.api.types.is_numeric_dtype(table[f"a_{element}"])]
    if text:
        raise ValueError(f"expected numbers in the column {text[0]!r}, found text")
    feh, feh_err = table["a_fe"] - sun["fe"], table.get("a_fe_err")
    added = {"feh": feh} | ({} if feh_err is None else {"feh_err": feh_err})
    for element in sorted(set(elements) - {"fe"}):
        added[f"{element}_fe"] = table[f"a_{element}"] - sun[element] - feh
        if f"a_{element}_err" in table and feh_err is not None:
            added[f"{element}_fe_err"] = np.hypot(table[f"a_{element}_err"], feh_err)
    there = [name for name in added if name in table]
    if there:
        raise ValueError(f"expected no column {there[0]!r}, which the absolute abundances give")
    return table.assign(**added)
