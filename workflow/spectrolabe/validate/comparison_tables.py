"""The report's tables of methods beside each other, written as finely as they are known: errors, bias and scatter."""

from pathlib import Path

import numpy as np
import pandas as pd
from markupsafe import Markup

from spectrolabe.spectra.labels import unit_of
from spectrolabe.validate.report_tables import html_name
from spectrolabe.validate.style import UNKNOWN

#: Key of a row -> heading of its column; those of the labels follow.
FIRST_COLUMNS = {
    "row": "method",
    "seeds": "seeds",
    "parameters": "parameters",
    "seconds": Markup("time <small>s</small>"),
    "training": Markup("training <small>s</small>"),
}
#: Ending of a column -> what predicted labels were set against, in the heading.
AGAINST = {"": "", "_true": ", true"}
#: Figures of a number whose spread is not known.
FIGURES = 3


def method_columns(comparison: str | Path) -> dict[str, str]:
    """Give the table's columns: method, size and time, then of every label its error, in per cent, and of the truth."""
    columns = dict(FIRST_COLUMNS)
    for label in pd.read_csv(comparison)["label"].unique():
        name = html_name(label)
        columns[label] = Markup("{} <small>{}</small>").format(name, unit_of(label))
        columns[f"{label}_percent"] = Markup("{} <small>% of range</small>").format(name)
        columns[f"{label}_true"] = Markup("{} <small>{}, true</small>").format(name, unit_of(label))
    return columns


def method_rows(comparison: str | Path) -> list[dict]:
    """Give a row per method: mean ± standard deviation, and in brackets how many times the reference's.

    Parameters
    ----------
    comparison : CSV that `spectrolabe.validate.comparisons.compare_models` gives.
    """
    table = pd.read_csv(comparison)
    rows = []
    for name, found in table.groupby("row", sort=False):
        first = found.iloc[0]
        row = {"row": name, "seeds": _seeds(found["seeds"])}
        row["parameters"] = f"{first['parameters']:,} ({write_number(first['parameters_ratio'])})"
        row["seconds"] = write_number(first["seconds"], first["seconds_spread"])
        row["seconds"] += f" ({write_number(first['seconds_ratio'])})"
        row["training"] = write_number(first["training_seconds"])
        for _, cells in found.iterrows():
            label = cells["label"]
            row[label] = _error(cells, "mae")
            row[f"{label}_percent"] = write_number(cells["mae_percent"])
            row[f"{label}_true"] = _error(cells, "mae_true")
        rows.append(row)
    return rows


def scatter_columns(comparison: str | Path) -> dict[str, str]:
    """Give the columns of the second table: method, then of every label bias and scatter, and both of the truth."""
    columns = {"row": "method"}
    for label in pd.read_csv(comparison)["label"].unique():
        for ending, words in AGAINST.items():
            for name in ("bias", "scatter"):
                head = Markup("{} <small>{}, {}{}</small>").format(html_name(label), name, unit_of(label), words)
                columns[f"{label}_{name}{ending}"] = head
    return columns


def scatter_rows(comparison: str | Path) -> list[dict]:
    """Give a row per method: mean and standard deviation of predicted minus given labels, each ± its spread over seeds.

    Parameters
    ----------
    comparison : CSV that `spectrolabe.validate.comparisons.compare_models` gives.
    """
    rows = []
    for name, found in pd.read_csv(comparison).groupby("row", sort=False):
        row = {"row": name}
        for _, cells in found.iterrows():
            for ending in AGAINST:
                mean, std = ((cells[f"{key}{ending}"], cells[f"{key}{ending}_spread"]) for key in ("mean", "std"))
                row[f"{cells['label']}_bias{ending}"] = write_number(*mean, signed=True)
                row[f"{cells['label']}_scatter{ending}"] = write_number(*std)
        rows.append(row)
    return rows


def _seeds(counts):
    lowest, highest = counts.min(), counts.max()
    return str(lowest) if lowest == highest else f"{lowest} to {highest}"


def _error(cells, error):
    if np.isnan(cells[error]):
        return UNKNOWN
    ratio = write_number(cells[f"{error}_ratio"], cells[f"{error}_ratio_spread"])
    return f"{write_number(cells[error], cells[f'{error}_spread'])} ({ratio})"


def write_number(value: float, spread: float = np.nan, *, signed: bool = False) -> str:
    """Write a number as finely as its spread, of one figure, or two where the first is 1; without one, by `FIGURES`."""
    if not np.isfinite(value):
        return UNKNOWN
    sign, told = "+" if signed else "", ""
    if np.isfinite(spread) and spread > 0:
        first = _first_place(spread)
        decimals = max(0, -first + (spread < 1.95 * 10.0**first))
        told = f" ± {spread:.{decimals}f}"
    else:
        decimals = max(0, FIGURES - 1 - _first_place(value)) if value else 0
    # A number that rounds to zero has no sign.
    return f"{round(value, decimals) + 0.0:{sign}.{decimals}f}{told}".replace("-", "−")


def _first_place(value):
    return int(np.floor(np.log10(abs(value))))
