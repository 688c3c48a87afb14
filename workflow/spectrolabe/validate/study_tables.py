"""The report's tables of studies: the best settings of each label, and what ways of searching have found and cost."""

from pathlib import Path

import pandas as pd

from spectrolabe.validate.style import UNKNOWN, number

#: Key of a row -> heading of its column.
BEST = {
    "label": "label", "parameter": "parameter", "value": "best", "std": "error", "epoch": "epochs",
    "base_value": "base", "base_std": "error of the base", "cost": "spent",
}  # fmt: skip
COMPARED = {
    "label": "label", "study": "study", "method": "method", "std": "lowest error", "trials": "trials",
    "epochs": "epochs spent", "time": "training", "settings": "with",
}  # fmt: skip
#: How the columns of errors of single labels begin.
APART = "std_"
MINUTE, HOUR = 60, 3600  # seconds


def best_columns(best: str | Path) -> dict[str, str]:
    """Give the columns of the table of best settings; of labels that are studied together, with the error of each."""
    apart = [name for name in pd.read_csv(best, nrows=0).columns if name.startswith(APART)]
    return BEST | {name: f"error of {name.removeprefix(APART)}" for name in apart}


def best_rows(best: str | Path) -> list[dict]:
    """Give a row per label and parameter: its best value, the error there beside the base's, and what a label has cost.

    Parameters
    ----------
    best : CSV that `spectrolabe.train.summaries.find_best` gives, ``<study>.csv``.
    """
    table = pd.read_csv(best, dtype={"value": str, "base_value": str}, keep_default_na=False, na_values={"std": [""]})
    apart = [name for name in table if name.startswith(APART)]
    for name in ("base_std", *apart):
        table[name] = pd.to_numeric(table[name], errors="coerce")
    return [
        {
            "label": row.label,
            "parameter": row.parameter.replace("_", " "),
            "value": row.value,
            "std": _error(row.label, row.std),
            "epoch": f"{row.epoch:,}",
            "base_value": row.base_value,
            "base_std": _error(row.label, row.base_std),
            "cost": _cost(row),
        }
        | {name: _error(name.removeprefix(APART), getattr(row, name)) for name in apart}
        for row in table.itertuples()
    ]


def compared_rows(comparison: str | Path) -> list[dict]:
    """Give a row per label and study: its method, the lowest error, what it cost, and the settings that gave it.

    Parameters
    ----------
    comparison : CSV that `spectrolabe.train.summaries.compare_studies` gives.
    """
    return [
        {
            "label": row.label,
            "study": row.study,
            "method": row.method.replace("_", " "),
            "std": _error(row.label, row.best_std),
            "trials": f"{row.trials:,}",
            "epochs": f"{row.epochs_spent:,}",
            "time": _duration(row.seconds),
            "settings": row.settings,
        }
        for row in pd.read_csv(comparison).itertuples()
    ]


def _error(label, value):
    return UNKNOWN if pd.isna(value) else number(label, value)


def _cost(row):
    return f"{row.trials:,} trials, {row.epochs_spent:,} epochs"


def _duration(seconds):
    if seconds >= HOUR:
        return f"{seconds / HOUR:.1f} h"
    return f"{seconds / MINUTE:.1f} min" if seconds >= MINUTE else f"{seconds:.0f} s"
