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
#: Columns more where trials are compared by their validation losses.
LOSSES = {"val_loss": "loss", "base_val_loss": "loss of the base"}
#: How the columns of errors of single labels begin.
APART = "std_"
MINUTE, HOUR = 60, 3600  # seconds


def best_columns(best: str | Path) -> dict[str, str]:
    """Give the columns of the table of best settings: with losses, and errors of labels, where these are looked at."""
    table = pd.read_csv(best, nrows=1)
    apart = [name for name in table if name.startswith(APART)]
    losses = LOSSES if (table["criterion"] == "loss").any() else {}
    return BEST | losses | {name: f"error of {name.removeprefix(APART)}" for name in apart}


def best_rows(best: str | Path) -> list[dict]:
    """Give a row per label and parameter: its best value, the error there beside the base's, and what a label has cost.

    What trials are compared by stands with its standard deviation over seeds or folds.

    Parameters
    ----------
    best : CSV that `spectrolabe.train.summaries.find_best` gives, ``<study>.csv``.
    """
    table = pd.read_csv(best, dtype={"value": str, "base_value": str}, keep_default_na=False, na_values={"std": [""]})
    apart = [name for name in table if name.startswith(APART)]
    for name in ("base_std", "spread", *LOSSES, *apart):
        table[name] = pd.to_numeric(table[name], errors="coerce")
    return [
        {
            "label": row.label,
            "parameter": row.parameter.replace("_", " "),
            "value": row.value,
            "std": _error(row.label, row.std) + (_spread(row) if row.criterion == "error" else ""),
            "epoch": f"{row.epoch:,}",
            "base_value": row.base_value,
            "base_std": _error(row.label, row.base_std),
            "cost": _cost(row),
        }
        | (_losses(row) if row.criterion == "loss" else {})
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


def _spread(row):
    return "" if pd.isna(row.spread) else f" ± {_error(row.label, row.spread)}"


def _losses(row):
    texts = {name: UNKNOWN if pd.isna(getattr(row, name)) else f"{getattr(row, name):.4g}" for name in LOSSES}
    spread = "" if pd.isna(row.spread) else f" ± {row.spread:.2g}"
    return texts | {"val_loss": texts["val_loss"] + spread}


def _cost(row):
    return f"{row.trials:,} trials, {row.epochs_spent:,} epochs"


def _duration(seconds):
    if seconds >= HOUR:
        return f"{seconds / HOUR:.1f} h"
    return f"{seconds / MINUTE:.1f} min" if seconds >= MINUTE else f"{seconds:.0f} s"
