"""Injection and recovery: what a model's numbers are worth where the truth is known, and where they stop."""

from collections.abc import Iterator, Mapping
from itertools import pairwise

import numpy as np
import pandas as pd

from spectrolabe.predict.flags import OF_CATALOGUE, is_doubted
from spectrolabe.spectra.labels import unit_of
from spectrolabe.validate.scores import labels_with_truth, robust_sigma, select_snr
from spectrolabe.validate.style import number

#: Mismatch of injected stars -> its words.
MISMATCHES = {
    "none": "as the networks know them",
    "resolution": "resolution 10 % lower",
    "continuum": "continuum wrong by 2 to 5 %",
    "velocity": "velocity of 5 km/s not removed",
    "rotation": "rotation unknown to the set",
    "grid": "spectra of another grid",
}
SNR_EDGES = (5, 10, 20, 40, 80, 160, 300)
#: S/N from which mismatches are compared: noise no longer hides them.
CLEAR_SNR = 40
#: By how much coverage may fall short of its level before it counts as broken, at the least.
TOLERANCE = 0.06
#: A label whose scatter is more than this share of what the injected stars differ by says little of a star.
MOST_SCATTER = 0.5
LEVEL = 0.6827


def tabulate_recovery(catalogue: pd.DataFrame) -> pd.DataFrame:
    """Give a row per injected star: what it is, what the model says, whether the intervals hold it, and its flags.

    Parameters
    ----------
    catalogue : of injected stars, with ``mismatch`` and the labels' ``L_true``.

    Returns
    -------
    ``spectrum_id``, ``mismatch``, ``snr``, ``flag`` (without what concerns the whole catalogue), and per label ``L``,
    ``L_true``, ``L_err``, ``L_flag``, ``L_inside68`` and ``L_inside95`` (missing where no interval is given).
    """
    table = catalogue[["spectrum_id", "mismatch", "snr"]].assign(flag=catalogue["flag"] & ~OF_CATALOGUE)
    for label in labels_with_truth(catalogue):
        truth = catalogue[f"{label}_true"]
        table = table.join(catalogue[[label, f"{label}_true", f"{label}_err", f"{label}_flag"]])
        for level in ("68", "95"):
            low, high = (catalogue[f"{label}_{end}{level}"] for end in ("lo", "hi"))
            inside = truth.between(low, high).astype("boolean")
            table[f"{label}_inside{level}"] = inside.mask(low.isna() | high.isna() | truth.isna())
    return table


def summarise_recovery(table: pd.DataFrame) -> pd.DataFrame:
    """Give bias, scatter and coverage per mismatch and label: of all S/N, in bins, and from `CLEAR_SNR` on.

    Parameters
    ----------
    table : as `tabulate_recovery` gives it.

    Returns
    -------
    A row per ``mismatch``, ``label`` and subset (``bins``: all, snr or clear; ``low`` and ``high``, its S/N): ``n``
    spectra with a label, ``bias`` (median of predicted minus true), ``scatter`` (robust 1 sigma), ``coverage68``,
    ``coverage95``, ``flagged`` (share with any flag), and ``coverage68_unflagged`` of the others. Without spectra there
    is no row.
    """
    found = [
        {"mismatch": kind, "label": label, "bins": bins, "low": low, "high": high, **statistics}
        for kind in MISMATCHES
        for label in labels_with_truth(table)
        for bins, low, high in _bins()
        if (statistics := measure_cell(select_snr(table[table["mismatch"] == kind], low, high), label))
    ]
    columns = ["mismatch", "label", "bins", "low", "high", "n", "bias", "scatter"]
    return pd.DataFrame(found, columns=[*columns, "coverage68", "coverage95", "flagged", "coverage68_unflagged"])


def _bins() -> Iterator[tuple[str, float, float]]:
    yield "all", 0.0, np.inf
    # Noise leaves the last bin's stars a little above its end.
    yield from (("snr", low, np.inf if high == SNR_EDGES[-1] else high) for low, high in pairwise(SNR_EDGES))
    yield "clear", CLEAR_SNR, np.inf


def measure_cell(rows: pd.DataFrame, label: str) -> dict[str, float]:
    """Give the statistics of some stars in a label (see `summarise_recovery`); nothing where no star has it."""
    difference = (rows[label] - rows[f"{label}_true"]).to_numpy(float)
    known = np.isfinite(difference)
    if not known.any():
        return {}
    flagged = is_doubted(rows["flag"]).to_numpy()
    inside = {level: rows[f"{label}_inside{level}"].to_numpy(float, na_value=np.nan) for level in ("68", "95")}
    return {
        "n": int(known.sum()),
        "bias": float(np.median(difference[known])),
        "scatter": robust_sigma(difference[known]),
        **{f"coverage{level}": _mean(hits) for level, hits in inside.items()},
        "flagged": float(flagged.mean()),
        "coverage68_unflagged": _mean(inside["68"][~flagged]),
    }


def _mean(hits):
    known = hits[np.isfinite(hits)]
    return float(known.mean()) if known.size else np.nan


def is_broken(coverage: float, count: int) -> bool:
    """Tell whether 68 % intervals hold less than they claim, by more than `TOLERANCE` and twice the binomial error."""
    return coverage < LEVEL - max(TOLERANCE, 2 * np.sqrt(LEVEL * (1 - LEVEL) / count))


def find_limits(table: pd.DataFrame, summary: pd.DataFrame) -> dict[str, dict]:
    """Say per label where its numbers stop.

    Parameters
    ----------
    table, summary : as `tabulate_recovery` and `summarise_recovery` give them.

    Returns
    -------
    Label -> ``coverage_from``, the S/N below which bin after bin the 68 % intervals break (None: they hold in no bin,
    or none is given), ``broken_bins``, all bins in which they break, ``scatter_from``, the S/N from which on the
    scatter is at most half of what the stars differ by (None: nowhere), ``broken_by``, the mismatches with which the
    intervals break at S/N of `CLEAR_SNR` and more, and all of it as a ``sentence``.
    """
    found = {}
    for label, rows in summary.groupby("label", sort=False):
        matched = rows[rows["mismatch"] == "none"]
        bins, clear = matched[matched["bins"] == "snr"], rows[(rows["bins"] == "clear") & (rows["mismatch"] != "none")]
        spread = table.loc[table["mismatch"] == "none", f"{label}_true"].std()
        broken, low = _break(bins), bins["low"].to_numpy(float)
        holding, unclear = low[~broken & bins["coverage68"].notna()], bins["scatter"] > MOST_SCATTER * spread
        says = low[~np.logical_or.accumulate(unclear[::-1])[::-1]]
        limits = {
            "coverage_from": float(holding[0]) if holding.size else None,
            "broken_bins": [_name_bin(row) for row in bins[broken].itertuples()],
            "scatter_from": float(says[0]) if says.size else None,
            "broken_by": clear.loc[_break(clear), "mismatch"].tolist(),
        }
        found[label] = limits | {"sentence": _describe(label, bins, clear, limits)}
    return found


def _break(rows):
    return np.array([is_broken(row.coverage68, row.n) for row in rows.itertuples()], bool)


def _name_bin(row):
    return [row.low, min(row.high, SNR_EDGES[-1])]


def _describe(label: str, bins: pd.DataFrame, clear: pd.DataFrame, limits: Mapping) -> str:
    if bins.empty:
        return "No injected star has this label."
    faint, bright = (f"{number(label, row.scatter)} {unit_of(label)}" for _, row in bins.iloc[[0, -1]].iterrows())
    parts = [_describe_coverage(bins, limits)]
    parts.append(f"scatter {bright} at S/N above {bins['low'].max():g}, {faint} below {bins['high'].min():g}")
    if limits["scatter_from"] is None:
        parts.append("at any S/N more than half of what the stars differ by, so that the label says little")
    elif limits["scatter_from"] > SNR_EDGES[0]:
        parts.append(f"below S/N {limits['scatter_from']:g} it is more than half of what the stars differ by")
    broken = clear[clear["mismatch"].isin(limits["broken_by"])].sort_values("coverage68")
    told = [
        f"{MISMATCHES[row.mismatch]} ({100 * row.coverage68:.0f} % inside, {100 * row.flagged:.0f} % flagged)"
        for row in broken.itertuples()
    ]
    parts.append(f"broken by: {', '.join(told)}" if told else "no mismatch breaks the intervals")
    return "; ".join(parts) + "."


def _describe_coverage(bins, limits):
    if bins["coverage68"].isna().all():
        return "No interval is given"
    if limits["coverage_from"] is None:
        return "68 % intervals hold at no S/N"
    broken = zip(limits["broken_bins"], bins.loc[_break(bins), "coverage68"], strict=True)
    exceptions = [f"{low:g} to {high:g} ({100 * inside:.0f} % inside)" for (low, high), inside in broken]
    told = f" except at {', '.join(exceptions)}" if exceptions else ""
    return f"68 % intervals hold at S/N {SNR_EDGES[0]} to {SNR_EDGES[-1]}{told}"
