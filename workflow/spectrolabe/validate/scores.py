"""Scores of a catalogue: how far predicted labels lie from the reference labels, and whether intervals hold them."""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import pandas as pd

from spectrolabe.predict.calibration import LEVELS, reference_of
from spectrolabe.validate.interval_hits import is_inside

SNR_EDGES = [0, 10, 30, 60, 100, 150, np.inf]
#: Bins of S/N that accuracy is stated in, as words -> lowest and highest.
FOUR_BINS = {"below 30": (0, 30), "30–60": (30, 60), "60–100": (60, 100), "above 100": (100, np.inf)}
LABEL_BINS = 4
#: S/N that the screened survey's spectra are parted at: those of its training set lie above.
GOOD_SNR = 30
MAD_TO_SIGMA = 1.4826
#: Stars up to which each is drawn with its interval, and plain means and standard deviations stand in a table.
FEW = 100


def labels_with_truth(catalogue: pd.DataFrame, reference: str = "true") -> list[str]:
    """Name the labels of a catalogue that have at least one value in the column ``L_{reference}``."""
    labels = [column.removesuffix(f"_{reference}") for column in catalogue if column.endswith(f"_{reference}")]
    return [label for label in labels if label in catalogue and catalogue[f"{label}_{reference}"].notna().any()]


def shown_reference(catalogue: pd.DataFrame, label: str) -> str:
    """Name what predictions of a label are set against: ``true`` or ``survey``, the column ``L_{reference}``.

    That is what calibration takes (`spectrolabe.predict.calibration.reference_of`), but the truth where the survey says
    nothing of any star, as of a simulated survey's candidates.
    """
    column = reference_of(catalogue, label)
    unknown = column in catalogue and catalogue[column].isna().all()
    return "true" if unknown else column.removeprefix(f"{label}_")


def observed_sets(catalogue: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Part the spectra of a screened survey that belong to no part of a set: inner, by S/N, and outer.

    Parameters
    ----------
    catalogue : ``screening``, ``part``, ``snr``; of a survey that is not screened, there are no such sets.
    """
    if "screening" not in catalogue:
        return {}
    observed = catalogue[catalogue["part"] == ""]
    inner = observed[observed["screening"] == "inner"]
    return {
        "inner": inner,
        "inner_snr_above_30": select_snr(inner, GOOD_SNR, np.inf),
        "inner_snr_below_30": select_snr(inner, 0, GOOD_SNR),
        "outer": observed[observed["screening"] == "outer"],
    }


def robust_sigma(values: np.ndarray) -> float:
    """Give one standard deviation as outliers cannot move it: 1.4826 times the median absolute deviation."""
    values = np.asarray(values, float)
    return float(MAD_TO_SIGMA * np.median(np.abs(values - np.median(values))))


def score(catalogue: pd.DataFrame, reference: str = "true") -> dict[str, dict[str, dict[str, float | int | None]]]:
    """Score every label that has reference values, for all spectra and in bins of S/N and of the label itself.

    Parameters
    ----------
    catalogue : a row per spectrum: ``snr``, and per label ``L``, ``L_lo50`` .. ``L_hi95``, ``L_{reference}`` (NaN:
        unknown) and, where the reference values have errors, ``L_{reference}_err``.
    reference : "true", or "survey": a survey's own labels, where the truth is known too.

    Returns
    -------
    Label -> subset (``all``, ``snr_30_60``, ``snr_below_30``, ``snr_above_30``, ``snr_above_60``, ``snr_above_100``,
    ``teff_4000_4750``, ..., and those of `observed_sets`; empty ones absent) -> ``n``, ``bias`` (median of predicted
    minus reference), ``scatter`` (robust 1 sigma), ``mean``, ``std``, ``medae``, ``mae``, ``rmse`` in the label's unit,
    and ``coverage50``, ``coverage68``, ``coverage90``, ``coverage95`` (share of the reference values within the
    interval, which their own errors widen; None where no interval is given).
    """
    scores = {}
    for label in labels_with_truth(catalogue, reference):
        known = catalogue[catalogue[label].notna() & catalogue[f"{label}_{reference}"].notna()]
        parted = _subsets(known, label, reference)
        subsets = {name: _statistics(rows, label, reference) for name, rows in parted.items() if len(rows)}
        if subsets:
            scores[label] = subsets
    return scores


def _subsets(known, label, reference):
    subsets = {"all": known}
    if "snr" in known:
        for low, high in pairwise(SNR_EDGES):
            subsets[f"snr_{low:g}_{high:g}"] = select_snr(known, low, high)
        subsets["snr_below_30"] = select_snr(known, 0, 30)
        subsets |= {f"snr_above_{low}": select_snr(known, low, np.inf) for low in (30, 60, 100)}
    subsets |= observed_sets(known)
    truth = known[f"{label}_{reference}"]
    if truth.nunique() > 1:
        edges = np.linspace(truth.min(), truth.max(), LABEL_BINS + 1)
        number = np.clip(np.searchsorted(edges, truth, side="right") - 1, 0, LABEL_BINS - 1)
        decimals = max(0, 1 - int(np.floor(np.log10(edges[1] - edges[0]))))
        for index, (low, high) in enumerate(pairwise(edges)):
            subsets[f"{label}_{low:.{decimals}f}_{high:.{decimals}f}"] = known[number == index]
    return subsets


def select_snr(rows: pd.DataFrame, low: float, high: float) -> pd.DataFrame:
    """Keep the spectra with a signal-to-noise ratio of at least ``low`` and below ``high``."""
    return rows[(rows["snr"] >= low) & (rows["snr"] < high)]


def _statistics(rows, label, reference):
    truth = rows[f"{label}_{reference}"].to_numpy(float)
    difference = rows[label].to_numpy(float) - truth
    statistics = {
        "n": len(difference),
        "bias": np.median(difference),
        "scatter": robust_sigma(difference),
        "mean": difference.mean(),
        "std": difference.std(),
        "medae": np.median(np.abs(difference)),
        "mae": np.abs(difference).mean(),
        "rmse": np.sqrt(np.mean(difference**2)),
    }
    statistics = {name: value if name == "n" else float(value) for name, value in statistics.items()}
    return statistics | {f"coverage{level}": coverage(rows, label, level, reference)[0] for level in LEVELS}


def coverage(rows: pd.DataFrame, label: str, level: str, reference: str = "true") -> tuple[float | None, int]:
    """Give the share of reference values within their interval (None of none), and how many were asked.

    Errors of the reference values widen the interval, see `spectrolabe.validate.interval_hits.half_widths`.
    """
    columns = [label, f"{label}_{reference}", f"{label}_lo{level}", f"{label}_hi{level}"]
    asked = rows.reindex(columns=columns).notna().all(axis=1)
    inside = is_inside(rows[asked], label, level, reference) if asked.any() else np.empty(0)
    return (float(inside.mean()) if len(inside) else None), len(inside)


def model_costs(kept: Mapping, metadata: Mapping[bytes, bytes] | None) -> dict[str, float | int | None]:
    """Say what a model costs: its parameters, kept members, seconds of training, and spectra labelled per second.

    Parameters
    ----------
    kept : the content of ``train/kept/{model}.json``.
    metadata : of the catalogue's Parquet file; the rate is None where ``spectra_per_second`` is not in it.
    """
    rate = (metadata or {}).get(b"spectra_per_second")
    return {
        "parameters": kept["parameters"],
        "members": len(kept["members"]),
        "training_seconds": kept["training_seconds"],
        "spectra_per_second": None if rate is None else float(rate),
    }
