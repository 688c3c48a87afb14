"""How well doubt finds planted trouble, and how often it is wrong about sound spectra."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from spectrolabe.predict.doubts import KINDS, score_doubts
from spectrolabe.validate.screening import WELL_EXPOSED, separation
from spectrolabe.validate.style import UNKNOWN, percent

#: What a spectrum without trouble is listed as.
SOUND = "sound"
#: Key of a row -> heading of its column in the report.
COLUMNS = {
    "kind": "spectra", "n": "n", "flagged": "doubted", "spectrum": "spectrum", "features": "features",
    "members": "members", "auc": "AUC",
}  # fmt: skip


def score_doubted(predictions: pd.DataFrame, doubt: Mapping, false_alarms: float) -> pd.DataFrame:
    """Tell what share of each kind of trouble is doubted, and of sound spectra, which should be the stated one.

    Parameters
    ----------
    predictions : as `spectrolabe.predict.doubts.add_judgements` gives them, of readable spectra or not; with
        ``trouble`` where it was planted: without that column all are sound.
    doubt : as `spectrolabe.predict.doubts.fit_doubts` gives it.
    false_alarms : the stated rate.

    Returns
    -------
    ``kind`` of trouble, or "sound"; ``subset``: "all" or "snr_above_30"; ``n`` spectra; the shares of them that each
    kind of reason doubts (``spectrum``, ``features``, ``members``) and any does (``flagged``); ``stated``; ``auc``, the
    area under the curve of all reasons together against the sound spectra of the subset.
    """
    readable = predictions[predictions["status"] == ""]
    trouble = readable.get("trouble", pd.Series("", readable.index)).fillna("").replace("", SOUND)
    scores = score_doubts(readable, doubt)
    limit, rows = -np.log10(false_alarms), []
    for subset, chosen in {"all": trouble == trouble, "snr_above_30": readable["snr"] >= WELL_EXPOSED}.items():
        for kind in [SOUND, *sorted({*trouble} - {SOUND})]:
            these, sound = scores[chosen & (trouble == kind)], scores[chosen & (trouble == SOUND)]
            shares = {name: (these[name] >= limit).mean() for name in KINDS}
            shares |= {"flagged": (these["combined"] >= limit).mean(), "stated": false_alarms}
            auc = np.nan if kind == SOUND else separation(these["combined"], sound["combined"])
            rows.append({"kind": kind, "subset": subset, "n": len(these)} | shares | {"auc": auc})
    return pd.DataFrame(rows)


def doubt_rows(path: str | Path) -> list[dict]:
    """Give a row per kind of trouble for a report, of all spectra of S/N 30 and more; sound ones of any S/N as well.

    Parameters
    ----------
    path : ``<model>/<dataset>.csv`` of what `score_doubted` gives.
    """
    table = pd.read_csv(path)
    table = table[((table["subset"] == "snr_above_30") | (table["kind"] == SOUND)) & (table["n"] > 0)]
    return [
        {
            "kind": row["kind"].replace("_", " ") + (", any S/N" if row["subset"] == "all" else ""),
            "n": f"{row['n']:,}",
            "auc": f"{row['auc']:.3f}" if np.isfinite(row["auc"]) else UNKNOWN,
        }
        | {name: percent(row[name]) for name in ("flagged", *KINDS)}
        for row in table.to_dict("records")
    ]
