"""The labels of a set's parts: their ranges, spectrum by spectrum, copies left out."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from spectrolabe.validate.style import number

RANGES = {"label": "label", "part": "part", "spectra": "spectra", "lowest": "lowest", "highest": "highest"}


def read_labels(path: str | Path, labels: Sequence[str]) -> pd.DataFrame:
    """Read the labels of a part of a set, one row per spectrum; of a star's copies the first alone.

    Parameters
    ----------
    path : ``prepare/sets/{set}/{part}.parquet``.
    labels : those that are wanted; one that the part does not have is left out.
    """
    names = [name for name in (*labels, "copy") if name in pq.read_schema(path).names]
    rows = pd.read_parquet(path, columns=names)
    if "copy" in rows:
        rows = rows[rows["copy"] == 0].drop(columns="copy")
    return rows.reset_index(drop=True)


def measure_ranges(parts: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Give the lowest and highest value of each label in each part, and how many spectra have it.

    Parameters
    ----------
    parts : name of a part -> its labels, see `read_labels`.

    Returns
    -------
    Columns ``part``, ``label``, ``spectra``, ``lowest``, ``highest`` (in the label's unit; NaN without any).
    """
    rows = [
        {"part": part, "label": label, "spectra": known.size, "lowest": known.min(), "highest": known.max()}
        for part, table in parts.items()
        for label in table
        for known in [table[label].dropna()]
    ]
    return pd.DataFrame(rows, columns=["part", "label", "spectra", "lowest", "highest"])


def range_rows(path: Path) -> list[dict]:
    """Give the rows of the report's table, label by label, of what `measure_ranges` gave."""
    ranges = pd.read_csv(path)
    known = ranges[ranges["spectra"] > 0].sort_values("label", key=_first_seen(ranges), kind="stable")
    return [
        {
            "label": row.label,
            "part": row.part,
            "spectra": f"{row.spectra:,}",
            "lowest": number(row.label, row.lowest),
            "highest": number(row.label, row.highest),
        }
        for row in known.itertuples()
    ]


def _first_seen(ranges):
    places = {label: place for place, label in enumerate(dict.fromkeys(ranges["label"]))}
    return lambda labels: labels.map(places)
