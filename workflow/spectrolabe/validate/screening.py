"""How well screening finds planted trouble, how often it is wrong, and what lies in the inner and the outer set."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

#: Verdict -> the number that grows with doubt.
VERDICTS = {
    "joint_map": "joint_distance",
    "transformed_map": "map_distance",
    "pca_distance": "pca_distance_score",
    "reconstruction": "reconstruction_score",
    "combined": "score",
}
#: S/N from which spectra count as well exposed.
WELL_EXPOSED = 30
STRENGTH_BINS = 5
#: What a spectrum without trouble is in.
FLAWLESS = ""
#: Share of labels beyond the training range in the published sets.
PUBLISHED = {"all": 0.20, "inner": 0.12, "inner_snr_above_30": 0.10, "outer": 0.58}


def score_verdicts(table: pd.DataFrame, false_alarms: float) -> pd.DataFrame:
    """Tell for every verdict what share of each kind of trouble it flags, and of sound spectra.

    Parameters
    ----------
    table : the joint map with the verdicts, see `spectrolabe.prepare.joint_maps.map_survey`, with ``trouble`` and
        ``trouble_strength``, as a simulated survey has them.
    false_alarms : the rate that verdicts are set to.

    Returns
    -------
    ``verdict``; ``kind`` of trouble, "sound", or "any" of the kinds; ``subset``: "all", "snr_above_30", a part of the
    set, or "strength" with ``low`` and ``high`` (at S/N above 30); ``n`` spectra, ``flagged`` (their share), ``auc``
    (area under the curve of flagged trouble against flagged held-out sound spectra, at S/N above 30) and, of "any",
    ``precision`` (share of the flagged spectra that is in trouble). Empty where trouble is not known.
    """
    columns = ["verdict", "kind", "subset", "low", "high", "n", "flagged", "auc", "precision"]
    if "trouble" not in table:
        return pd.DataFrame(columns=columns)
    trouble = table["trouble"].fillna(FLAWLESS)
    rows = [
        {"verdict": verdict} | row
        for verdict, number in VERDICTS.items()
        for row in _score_verdict(table, trouble, _flagged(table, verdict, false_alarms), table[number])
    ]
    return pd.DataFrame(rows, columns=columns)


def _flagged(table, verdict, false_alarms):
    if verdict == "joint_map":
        return ~table["joint_inner"].to_numpy(bool)
    if verdict == "transformed_map":
        return ~table["map_inner"].to_numpy(bool)
    if verdict == "combined":
        return ~table["sound"].to_numpy(bool)
    return (table[VERDICTS[verdict]] >= -np.log10(false_alarms)).to_numpy()


def _score_verdict(table, trouble, flagged, number) -> Iterator[dict]:
    well = (table["snr"] >= WELL_EXPOSED).to_numpy()
    sound = (trouble == FLAWLESS).to_numpy()
    held_out = sound & table["part"].isin(["validation", "calibration", "test"]).to_numpy()
    for part in ("training", "validation", "calibration", "test", ""):
        rows = sound & (table["part"] == part).to_numpy()
        yield _share("sound", part or "observed", rows, flagged)
    yield _share("sound", "observed_snr_above_30", sound & (table["part"] == "").to_numpy() & well, flagged)
    for kind in sorted({*trouble} - {FLAWLESS}):
        rows = (trouble == kind).to_numpy()
        yield _share(kind, "all", rows, flagged)
        auc = separation(number[rows & well], number[held_out & well])
        yield _share(kind, "snr_above_30", rows & well, flagged) | {"auc": auc}
        yield from _by_strength(kind, rows & well, table["trouble_strength"].to_numpy(float), flagged)
    for subset, rows in (("all", flagged), ("snr_above_30", flagged & well)):
        chosen = ~sound & (well if subset != "all" else True)
        precision = float((~sound)[rows].mean()) if rows.any() else np.nan
        yield _share("any", subset, chosen, flagged) | {"precision": precision}


def _share(kind, subset, rows, flagged):
    share = float(flagged[rows].mean()) if rows.any() else np.nan
    return {"kind": kind, "subset": subset, "n": int(rows.sum()), "flagged": share}


def _by_strength(kind, rows, strength, flagged):
    known = rows & np.isfinite(strength)
    if not known.any():
        return
    edges = np.linspace(strength[known].min(), strength[known].max(), STRENGTH_BINS + 1)
    place = np.clip(np.searchsorted(edges, strength, side="right") - 1, 0, STRENGTH_BINS - 1)
    for number, (low, high) in enumerate(zip(edges[:-1], edges[1:], strict=True)):
        yield _share(kind, "strength", known & (place == number), flagged) | {"low": low, "high": high}


def separation(trouble: pd.Series, sound: pd.Series) -> float:
    """Give the chance that one in trouble has the higher number than a sound one, ties counting half; NaN of none."""
    from scipy.stats import rankdata

    high, low = trouble.dropna(), sound.dropna()
    if not len(high) or not len(low):
        return np.nan
    ranks = rankdata(np.concatenate([high, low]))[: len(high)]
    return float((ranks.sum() - len(high) * (len(high) + 1) / 2) / (len(high) * len(low)))


def share_outside(table: pd.DataFrame, labels: Sequence[str]) -> pd.DataFrame:
    """Tell what share of the observed spectra has survey labels beyond the training range, set by set.

    Parameters
    ----------
    table : the joint map, with the survey's labels.
    labels : that count; a spectrum is outside where any that it has is.

    Returns
    -------
    ``set`` (all, inner, inner_snr_above_30, outer), ``n`` spectra with labels, ``outside`` (share) and ``published``.
    """
    trained = table[(table["part"] == "training") & table["sound"]]
    observed = table[table["part"] == ""]
    labelled = observed[observed[list(labels)].notna().any(axis=1)]
    low, high = trained[list(labels)].min(), trained[list(labels)].max()
    values = labelled[list(labels)]
    outside = ((values < low) | (values > high)).any(axis=1)
    inner = labelled["inner"].astype(bool)
    sets = {
        "all": inner | True,
        "inner": inner,
        "inner_snr_above_30": inner & (labelled["snr"] >= WELL_EXPOSED),
        "outer": ~inner,
    }
    rows = [
        {"set": name, "n": int(rows.sum()), "outside": outside[rows].mean(), "published": PUBLISHED[name]}
        for name, rows in sets.items()
    ]
    return pd.DataFrame(rows)


def screening_rows(scores: pd.DataFrame) -> list[dict]:
    """Give rows for a report: kind of trouble, spectra, and the share that each verdict flags, at S/N above 30."""
    chosen = scores[scores["subset"].isin(["snr_above_30", "test"]) & (scores["kind"] != "any")]
    return [
        {"kind": kind.replace("_", " "), "n": int(rows["n"].iloc[0])}
        | dict(zip(rows["verdict"], rows["flagged"], strict=True))
        for kind, rows in chosen.groupby("kind", sort=False)
    ]
