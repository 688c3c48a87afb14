"""Calibration: how far quoted uncertainties must be stretched, by split-conformal quantiles on stars kept for that."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

#: Level -> the width, in standard deviations, that a normal distribution would give it.
LEVELS = {"68": (0.6827, 1.0), "95": (0.9545, 2.0)}


def predicted_sigma(predictions: pd.DataFrame, label: str) -> np.ndarray:
    """Give the uncalibrated uncertainty: both parts in quadrature; 1 for all where the head gives no aleatoric part.

    An ensemble of point heads says nothing about noise, so its residuals are calibrated in the label's own unit.
    """
    aleatoric = predictions[f"{label}_aleatoric"].to_numpy(float)
    if np.isnan(aleatoric).all():
        return np.ones(len(predictions))
    return np.hypot(aleatoric, predictions[f"{label}_epistemic"].to_numpy(float))


def calibrate(predictions: pd.DataFrame, labels: list[str]) -> dict[str, dict[str, float]]:
    """Measure the stretch of each label's uncertainty at 68 and 95 % (Angelopoulos & Bates 2023, section 2).

    Parameters
    ----------
    predictions : predictions of the calibration part with ``<label>``, its two uncertainties and ``<label>_true``.

    Returns
    -------
    Per label ``n`` (spectra behind it), ``stretch68``, ``stretch95``: the quantiles of the normalised residuals; where
    too few stars stand behind a level for its quantile to exist, the narrower level's scaled as a normal distribution,
    or 1 and 2 without any; NaN, that is unknown, for a head that gives no uncertainty of its own.
    """
    return {label: _label_stretches(predictions, label) for label in labels}


def _label_stretches(predictions, label):
    sigma = predicted_sigma(predictions, label)
    ratio = np.abs(predictions[label] - predictions[f"{label}_true"]).to_numpy(float) / sigma
    ratio = np.sort(ratio[np.isfinite(ratio)])
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
