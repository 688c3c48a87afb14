"""Reference stars: the table of those whose labels the literature knows, and which spectra are theirs."""

import re
from pathlib import Path

import numpy as np
import pandas as pd

#: The most parts that a star's name is written in: ``61_Cyg_B``, ``alf_Cen_A``.
NAME_PARTS = 3


def read_benchmarks(path: Path) -> pd.DataFrame:
    """Read the benchmark stars: a row each with ``name``, ``aliases``, labels and ``<label>_err`` (NaN = unknown)."""
    return pd.read_csv(path, dtype={"name": str, "aliases": str}, keep_default_na=True).fillna({"aliases": ""})


def match_stars(ids: pd.DataFrame, table: pd.DataFrame) -> pd.Series:
    """Name the benchmark star that each spectrum is of; NaN where it is of none in the table.

    A star is found by its ``source_id``, else by whole parts of the ``spectrum_id`` (``UVES_betHyi-1_47000``,
    ``HD-22879``), whatever their case; of several names in one identifier the longest counts.

    Parameters
    ----------
    ids : ``spectrum_id`` and ``source_id``, one row per spectrum.
    table : as `read_benchmarks` gives it.
    """
    names = _index_names(table)
    stars = []
    for spectrum, source in zip(ids["spectrum_id"], ids["source_id"], strict=True):
        star = names.get(_simplify(source)) if isinstance(source, str) else None
        stars.append(star or _find_name(spectrum, names))
    return pd.Series(stars, index=ids.index, dtype=object, name="star").fillna(np.nan)


def _index_names(table):
    return {
        _simplify(alias): name
        for name, aliases in zip(table["name"], table["aliases"], strict=True)
        for alias in [name, *aliases.split(";")]
        if alias
    }


def _simplify(name):
    letters = re.sub(r"[^0-9a-z]", "", name.lower())
    return re.sub(r"^(hd|hip|hr)0+(?=\d)", r"\1", letters)


def _find_name(spectrum, names):
    parts = [part for part in re.split(r"[\s_.+/\\-]+", spectrum) if part]
    runs = [parts[first : first + count] for count in range(1, NAME_PARTS + 1) for first in range(len(parts))]
    found = [name for name in (_simplify("".join(run)) for run in runs) if name in names]
    return names[max(found, key=len)] if found else None
