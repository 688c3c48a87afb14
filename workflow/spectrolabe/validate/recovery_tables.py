"""The report's tables of injected stars: what each mismatch does to each label, and where the numbers stop."""

import json
from pathlib import Path

import pandas as pd

from spectrolabe.validate.recovery import MISMATCHES
from spectrolabe.validate.style import number, percent

MISMATCH_COLUMNS = {
    "label": "label", "mismatch": "injected", "n": "n", "bias": "bias", "scatter": "scatter",
    "coverage68": "inside 68 %", "coverage95": "inside 95 %", "flagged": "flagged",
    "coverage68_unflagged": "inside 68 %, unflagged",
}  # fmt: skip
LIMIT_COLUMNS = {"label": "label", "sentence": "what its numbers mean, and where they stop"}


def limit_rows(limits: str | Path) -> list[dict]:
    """Give a row per label with its sentence.

    Parameters
    ----------
    limits : JSON that `spectrolabe.validate.recovery.find_limits` gives, ``<model>.json``.
    """
    found = json.loads(Path(limits).read_text(encoding="utf-8"))
    return [{"label": label, "sentence": limit["sentence"]} for label, limit in found.items()]


def mismatch_rows(summary: str | Path) -> list[dict]:
    """Give a row per label and mismatch, of the stars whose S/N lets mismatches be seen.

    Parameters
    ----------
    summary : CSV that `spectrolabe.validate.recovery.summarise_recovery` gives, ``<model>.csv``.
    """
    table = pd.read_csv(summary)
    clear = table[table["bins"] == "clear"]
    return [
        {
            "label": row.label,
            "mismatch": MISMATCHES[row.mismatch],
            "n": f"{row.n:,}",
            "bias": number(row.label, row.bias, signed=True),
            "scatter": number(row.label, row.scatter),
        }
        | {name: percent(getattr(row, name)) for name in list(MISMATCH_COLUMNS)[5:]}
        for _, rows in clear.groupby("label", sort=False)
        for row in rows.itertuples()
    ]
