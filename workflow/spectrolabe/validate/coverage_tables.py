"""The report's tables of coverage: how often intervals hold what they claim, label by label, in numbers and words."""

import json
from pathlib import Path

import pandas as pd
from markupsafe import Markup

from spectrolabe.predict.calibration import LEVELS
from spectrolabe.validate.style import number

INTERVALS = {"label": "label", "n": "stars"} | {level: f"inside {level} %" for level in LEVELS}
INTERVALS |= {"sharpness": "median error", "worst": "furthest off by S/N"}


def interval_rows(path: Path) -> list[dict]:
    """Give a row per label: stars, share inside at each level with its binomial error, median error, worst bin of S/N.

    Parameters
    ----------
    path : what `spectrolabe.validate.coverage.measure_coverage` gives, with its summary beside it (``.json``).
    """
    table = pd.read_csv(path, dtype={"level": str})
    sharpness = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))["sharpness"]
    return [_label_row(label, rows, sharpness[label]) for label, rows in table.groupby("label", sort=False)]


def _label_row(label, rows, sharpness):
    of_all = rows[rows["bins"] == "all"].set_index("level")
    row = {"label": label, "n": f"{of_all['n'].iloc[0]:,}", "sharpness": number(label, sharpness)}
    for level in LEVELS:
        cell = of_all.loc[level]
        row[level] = _marked(f"{100 * cell['coverage']:.1f} ± {100 * cell['error']:.1f}", cell["within"])
    by_snr = rows[(rows["bins"] == "snr") & (rows["level"] == "68")]
    worst = by_snr.loc[(by_snr["coverage"] - LEVELS["68"][0]).abs().idxmax()] if len(by_snr) else None
    return row | {"worst": "–" if worst is None else _describe_bin(worst)}


def _describe_bin(cell):
    ends = f"from {cell['low']:g}" if cell["high"] == float("inf") else f"{cell['low']:g}–{cell['high']:g}"
    return _marked(f"{ends}: {100 * cell['coverage']:.0f} % of {cell['n']:,} at 68 %", cell["within"])


def _marked(text, within):
    return text if within else Markup('<span class="flagged">{}</span>').format(text)


def read_sentence(path: Path) -> str:
    """Give the sentence of a summary, see `spectrolabe.validate.coverage.summarise`."""
    return json.loads(path.read_text(encoding="utf-8"))["sentence"]
