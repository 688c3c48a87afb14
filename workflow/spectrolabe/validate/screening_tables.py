"""The report's tables of screening: how much of the trouble each verdict finds, and what lies outside the labels."""

from pathlib import Path

import numpy as np
import pandas as pd

from spectrolabe.validate.report_tables import SETS
from spectrolabe.validate.screening import VERDICTS, screening_rows
from spectrolabe.validate.style import UNKNOWN, percent

#: Key of a row -> heading of its column.
RECALL = {
    "kind": "spectra",
    "n": "n",
    "joint_map": "joint map",
    "transformed_map": "transformed map",
    "pca_distance": "PCA distance",
    "reconstruction": "reconstruction",
    "combined": "combined",
}
OUTSIDE = {"set": "spectra", "n": "n", "outside": "outside", "published": "published"}


def recall_rows(scores: str | Path) -> list[dict]:
    """Give a row per kind of trouble: ``kind``, ``n``, and the share that each verdict flags; then their precision.

    Parameters
    ----------
    scores : CSV that `spectrolabe.validate.screening.score_verdicts` gives, ``<dataset>.csv``.
    """
    table = pd.read_csv(scores)
    rows = [_row(row["kind"], row["n"], row) for row in screening_rows(table)]
    precision = table[(table["kind"] == "any") & (table["subset"] == "snr_above_30")].set_index("verdict")["precision"]
    return rows + [_row("flagged spectra that are in trouble", None, precision)] if len(rows) else []


def _row(kind, count, shares):
    counted = UNKNOWN if count is None else f"{count:,}"
    return {"kind": kind, "n": counted} | {verdict: percent(shares.get(verdict, np.nan)) for verdict in VERDICTS}


def outside_rows(shares: str | Path) -> list[dict]:
    """Give a row per set of observed spectra: ``set``, ``n``, share ``outside`` the training labels, ``published``.

    Parameters
    ----------
    shares : CSV that `spectrolabe.validate.screening.share_outside` gives.
    """
    return [
        {
            "set": SETS[row.set],
            "n": f"{row.n:,}",
            "outside": percent(row.outside),
            "published": f"{100 * row.published:.0f} %",
        }
        for row in pd.read_csv(shares).itertuples()
    ]
