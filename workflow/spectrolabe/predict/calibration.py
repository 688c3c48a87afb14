"""Calibration: how far quoted uncertainties must be stretched, by split-conformal quantiles on stars kept for that."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

#: Level -> the width, in standard deviations, that a normal distribution would give it.
LEVELS = {"68": (0.6827, 1.0), "95": (0.9545, 2.0)}


def reference_of(table: pd.DataFrame, label: str) -> str:
    """Name the column of the labels that a model has learned from: a survey's own, where its true ones are known too.

    Uncertainties are calibrated on these, so that a simulated survey is treated as an observed one.
    """
    return f"{label}_survey" if f"{label}_survey" in table else f"{label}_true"


def predicted_sigma(predictions: pd.DataFrame, label: str) -> np.ndarray:
    """Give the uncalibrated uncertainty: both parts in quadrature; of point heads, how far the members lie apart.

    A single point head has no such spread; its residuals are calibrated in the label's own unit (1 for all).
    """
    aleatoric, epistemic = (predictions[f"{label}_{part}"].to_numpy(float) for part in ("aleatoric", "epistemic"))
    if not np.isnan(aleatoric).all():
        return np.hypot(aleatoric, epistemic)
    return epistemic if (epistemic > 0).any() else np.ones(len(predictions))


def calibrate(predictions: pd.DataFrame, labels: list[str]) -> dict[str, dict[str, float]]:
    """Measure the stretch of each label's uncertainty at 68 and 95 % (Angelopoulos & Bates 2023, section 2).

    Parameters
    ----------
    predictions : predictions of the calibration part with ``<label>``, its two uncertainties, and the column that
        `reference_of` names.

    Returns
    -------
    Per label ``n`` (spectra behind it), ``stretch68``, ``stretch95``: the quantiles of the normalised residuals; where
    too few stars stand behind a level for its quantile to exist, the narrower level's scaled as a normal distribution,
    or 1 and 2 without any; NaN, that is unknown, for a head that gives no uncertainty of its own.
    """
    return {label: _label_stretches(predictions, label) for label in labels}


def _label_stretches(predictions, label):
    sigma = predicted_sigma(predictions, label)
    residual = np.abs(predictions[label] - predictions[reference_of(predictions, label)]).to_numpy(float)
    # Members that agree to the last bit on one spectrum promise more than any stretch can keep: infinite, and counted.
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = residual / sigma
    ratio = np.sort(ratio[~np.isnan(ratio)])
    # Without a star and without a quoted uncertainty, nothing is known.
    silent = len(predictions) and predictions[f"{label}_aleatoric"].isna().all()
    stretches, fallback = {}, np.nan if silent else 1.0
    for level, (share, width) in LEVELS.items():
        rank = int(np.ceil((len(ratio) + 1) * share))
        enough = 0 < rank <= len(ratio)
        stretches[f"stretch{level}"] = float(ratio[rank - 1]) if enough else fallback * width
        fallback = stretches[f"stretch{level}"] / width
    return {"n": len(ratio), **stretches}


def intervals(predictions: pd.DataFrame, label: str, stretches: Mapping[str, float]) -> pd.DataFrame:
    """Give a label's calibrated ``L_err``, ``L_lo68``, ``L_hi68``, ``L_lo95``, ``L_hi95``, in the label's unit."""
    value, sigma = predictions[label].to_numpy(float), predicted_sigma(predictions, label)
    columns = {f"{label}_err": sigma * stretches["stretch68"]}
    for level in LEVELS:
        half = sigma * stretches[f"stretch{level}"]
        columns |= {f"{label}_lo{level}": value - half, f"{label}_hi{level}": value + half}
    return pd.DataFrame(columns, index=predictions.index)
