"""The report's table of errors: what they are made of, and how repeated spectra scatter."""

from pathlib import Path

import numpy as np
import pandas as pd

from spectrolabe.validate.style import UNKNOWN, number

LENGTHS = ("aleatoric", "epistemic", "grid", "total", "scatter", "quoted")
#: Key of a row -> heading of its column.
ERRORS = {
    "label": "label",
    "n": "spectra",
    "aleatoric": "noise",
    "epistemic": "members",
    "grid": "between grids",
    "total": "total",
    "repeated": "stars with repeats",
    "scatter": "their scatter",
    "quoted": "their error",
    "share": "share that averages",
    "improbable": "improbable",
}


def error_rows(budget: str | Path) -> list[dict]:
    """Give a row per label with the columns of `ERRORS`.

    Parameters
    ----------
    budget : CSV of what `spectrolabe.validate.error_budget.measure_errors` gives.
    """
    return [
        {"label": row["label"], "n": f"{row['n']:,}", "repeated": f"{row['repeated']:,}"}
        | {name: number(row["label"], row[name]) if np.isfinite(row[name]) else UNKNOWN for name in LENGTHS}
        | {name: f"{100 * row[name]:.1f} %" if np.isfinite(row[name]) else UNKNOWN for name in ("share", "improbable")}
        for row in pd.read_csv(budget).to_dict("records")
    ]
