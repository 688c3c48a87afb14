"""The report's tables of selection: what each condition cut, and how alike the parts of a set are."""

from pathlib import Path

import pandas as pd

from spectrolabe.spectra.labels import unit_of
from spectrolabe.validate.style import UNKNOWN, number


def selection_rows(cuts: str | Path) -> list[dict]:
    """Give a row per condition of a set: ``condition``, and numbers of spectra, ``failed``, ``failed_alone``, ``left``.

    Parameters
    ----------
    cuts : CSV that `spectrolabe.prepare.selection.select_spectra` gives, ``<set>.csv``.
    """
    counts = ("failed", "failed_alone", "left")
    table = pd.read_csv(cuts, keep_default_na=False)
    return [
        {"condition": row.condition} | {name: f"{getattr(row, name):,}" for name in counts}
        for row in table.itertuples()
    ]


def coverage_rows(coverage: str | Path) -> list[dict]:
    """Give a row per part and label of a set: ``part``, ``label``, ``unit``, ``n``, five quantiles, and ``ks_p``.

    Parameters
    ----------
    coverage : CSV that `spectrolabe.prepare.selection.label_coverage` gives, ``<set>.coverage.csv``.
    """
    quantiles = ("lowest", "q05", "median", "q95", "highest")
    rows = pd.read_csv(coverage).to_dict("records")
    return [
        {"part": row["part"], "label": row["label"], "unit": unit_of(row["label"]), "n": f"{row['n']:,}"}
        | {name: UNKNOWN if pd.isna(row[name]) else number(row["label"], row[name]) for name in quantiles}
        | {"ks_p": UNKNOWN if pd.isna(row["ks_p"]) else f"{row['ks_p']:.2f}"}
        for row in rows
    ]
