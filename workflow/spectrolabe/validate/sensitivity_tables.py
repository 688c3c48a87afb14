"""The report's tables of sensitivity: where the named lines rank, and how much of each gradient lies within lines."""

import json
from pathlib import Path

import pandas as pd

from spectrolabe.validate.line_shares import ELSEWHERE
from spectrolabe.validate.style import UNKNOWN


def line_rows(peaks: str | Path) -> list[dict]:
    """Give a row per named line: ``label``, ``line`` (angstrom, air), ``arm``, ``rank`` of its peak, ``sign``.

    The rank counts the label's peaks in the arm, whatever their sign, from the strongest; the sign is that of
    d label / d flux there, negative where a deeper line gives a higher label.

    Parameters
    ----------
    peaks : CSV that `spectrolabe.validate.sensitivity.identify_peaks` gives, ``<model>.csv``.
    """
    table = pd.read_csv(peaks, keep_default_na=False, na_values={"named": "", "rank": "", "gradient": ""})
    return [
        {"label": row.label, "line": f"{row.named:.2f}", "arm": row.arm.replace("-", "–")}
        | {"rank": UNKNOWN if pd.isna(row.rank) else f"{row.rank:.0f}", "sign": "−" if row.gradient < 0 else "+"}
        for row in table[table["named"].notna()].itertuples()
    ]


def share_rows(shares: str | Path) -> list[dict]:
    """Give a row per label and arm: ``label``, ``arm``, then ``own``, ``others`` and ``elsewhere``.

    Each says which share of the label's absolute gradient lies there, and how many times that is what the pixels
    there would have if all counted alike; labels without lines of their own are left out.

    Parameters
    ----------
    shares : JSON that `spectrolabe.validate.line_shares.summarise_shares` gives, ``<model>.json``.
    """
    found = pd.DataFrame(json.loads(Path(shares).read_text(encoding="utf-8"))["shares"])
    kind = found["own"].map({True: "own", False: "others"}).mask(found["lines"] == ELSEWHERE, ELSEWHERE)
    rows = []
    for (label, arm), part in found.groupby(["label", "arm"], sort=False):
        if part["own"].any():
            sums = part.groupby(kind)[["share", "pixels"]].sum(min_count=1)
            cells = {name: _share(sums, name) for name in ("own", "others", ELSEWHERE)}
            rows.append({"label": label, "arm": arm.replace("-", "–")} | cells)
    return rows


def _share(sums, name):
    if name not in sums.index or not sums["pixels"][name] > 0 or pd.isna(sums["share"][name]):
        return UNKNOWN
    share = float(sums["share"][name])
    return f"{100 * share:.1f} % ({share / sums['pixels'][name]:.1f} times)"
