"""Calibration: how far quoted uncertainties must be stretched, by split-conformal quantiles on stars kept for that."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from spectrolabe.predict.tempering import LEVELS, fit_tempering, temper_predictions

#: Stars that a bin of S/N must hold, so that its own 95 % interval is good to 1 %.
MIN_STARS = 500
MAX_BINS = 5
#: Twice the relative error of the squared 68 % quantile of normal residuals, times the root of the number of stars.
TWO_ERRORS = 4.0
#: What stands in for a stretch that errors of labels hide, until `_replace_hidden` finds one.
HIDDEN = "the labels' errors hide the model's"


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


def predicted_sides(predictions: pd.DataFrame, label: str, level: str) -> tuple[np.ndarray, np.ndarray]:
    """Give what stands for one uncalibrated standard deviation below and above a label, at a level of `LEVELS`.

    Of distributions over bins as `spectrolabe.predict.tempering.temper_predictions` gives it, of moments the same on
    both sides and at all levels.
    """
    names = f"{label}_below{level}", f"{label}_above{level}"
    if names[0] in predictions:
        return tuple(predictions[name].to_numpy(float) for name in names)
    sigma = predicted_sigma(predictions, label)
    return sigma, sigma


def calibrate(
    predictions: pd.DataFrame,
    labels: Sequence[str],
    *,
    by_truth: bool = False,
    edges: Mapping[str, np.ndarray] | None = None,
) -> dict[str, dict]:
    """Measure the stretch of each label's uncertainty at 50, 68, 90 and 95 % (Angelopoulos & Bates 2023, section 2).

    The quantiles are of residuals over quoted uncertainties, in bins of S/N that hold `MIN_STARS` stars each. Stars
    are exchangeable, the spectra of one star are not: each star counts as one (Lee, Barber & Willett 2023). Errors of
    the reference labels are taken out: a star's own stretch s is the smallest with residual² <= s² sigma² + (z error)²,
    z the level's normal half width.

    Distributions over bins are tempered first, see `spectrolabe.predict.tempering.fit_temperature`: networks that learn
    from labels as wide as their errors predict these with the rest, so that temperatures below 1 are to be expected.
    Stretches are then of what stands for sigma on the reference's side of the median, at each level.

    Parameters
    ----------
    predictions : of the calibration part: ``source_id``, ``snr``, ``<label>``, its two uncertainties, the column that
        `reference_of` names, with ``_err`` behind its name the labels' errors, where they are known, and of labels with
        bins ``<label>_distribution``.
    by_truth : whether residuals are from the true labels, where they are known beside a survey's own.
    edges : label -> edges of its bins, in its unit, of those labels that have bins.

    Returns
    -------
    Label -> ``reference`` (true or survey), ``reference_errors`` (whether there were any), and ``bins``: of each,
    ``snr`` (lowest and highest; the first starts at 0, the last has no end), ``stars``, ``spectra``, ``stretch50``,
    ``stretch68``, ``stretch90``, ``stretch95`` (NaN: unknown) and in ``fallback`` what stands in for a quantile that
    cannot be measured, see `_quantiles` and `_replace_hidden`; of labels with bins also ``temperature`` and ``edges``.
    """
    readable = predictions[predictions["status"] == ""] if "status" in predictions else predictions
    tempering = {
        label: fit_tempering(readable, label, ends, *_choose_reference(readable, label, by_truth))
        for label, ends in (edges or {}).items()
    }
    tempered = temper_predictions(predictions, tempering)
    calibrated = {label: _calibrate_label(tempered, label, by_truth) | tempering.get(label, {}) for label in labels}
    _replace_hidden(calibrated)
    return calibrated


def _choose_reference(predictions, label, by_truth):
    true = f"{label}_true"
    reference = true if by_truth and predictions[true].notna().any() else reference_of(predictions, label)
    errors = predictions.get(f"{reference}_err", pd.Series(0.0, predictions.index))
    return reference, errors.fillna(0.0).to_numpy(float)


def _calibrate_label(predictions, label, by_truth):
    reference, errors = _choose_reference(predictions, label, by_truth)
    difference = (predictions[reference] - predictions[label]).to_numpy(float)
    columns = {"source_id": predictions["source_id"], "snr": predictions["snr"].to_numpy(float)}
    columns |= {"residual": np.abs(difference), "error": errors}
    for level in LEVELS:
        below, above = predicted_sides(predictions, label, level)
        columns[f"sigma{level}"] = np.where(difference < 0, below, above)
    stars = pd.DataFrame(columns, index=predictions.index)
    stars = stars[stars["residual"].notna() & stars["sigma68"].notna()]
    # Without a star and without a quoted uncertainty, nothing is known.
    silent = len(predictions) > 0 and bool(predictions[f"{label}_aleatoric"].isna().all())
    bare = silent and not (predictions[f"{label}_epistemic"] > 0).any()
    edges = _snr_edges(stars)
    number = _bin_numbers(stars["snr"].to_numpy(float), edges)
    bins = [
        {"snr": [low, high]} | _calibrate_bin(stars[number == index], silent, bare)
        for index, (low, high) in enumerate(zip(edges, [*edges[1:], None], strict=True))
    ]
    return {
        "reference": reference.removeprefix(f"{label}_"),
        "reference_errors": bool((stars["error"] > 0).any()),
        "bins": bins,
    }


def _snr_edges(stars):
    """Lower edges of bins with as many stars each, by the stars' median S/N."""
    snr = stars.groupby("source_id")["snr"].median().dropna()
    count = min(MAX_BINS, len(snr) // MIN_STARS)
    if count < 2:
        return [0.0]
    inner = np.round(np.quantile(snr, np.arange(1, count) / count), 1)
    return [0.0, *(float(edge) for edge in np.unique(inner[inner > snr.min()]))]


def _bin_numbers(snr, edges):
    # Spectra of unknown S/N count in no bin where there are several.
    number = np.searchsorted(edges, snr, side="right") - 1
    return np.clip(number, 0, None) if len(edges) == 1 else np.where(np.isnan(snr), -1, np.clip(number, 0, None))


def _calibrate_bin(stars, silent, bare):
    weights = 1 / stars.groupby("source_id")["source_id"].transform("size").to_numpy(float)
    count = int(stars["source_id"].nunique())
    residual, error = (stars[name].to_numpy(float) for name in ("residual", "error"))
    sigma = {level: stars[f"sigma{level}"].to_numpy(float) for level in LEVELS}
    stretches, fallback = _quantiles(_own_stretches(residual, sigma, error), weights, count, silent)
    if (error > 0).any() and _is_hidden(stretches["stretch68"] * sigma["68"], error, count):
        fallback = HIDDEN
        if bare:  # There is no scale but the residuals' own, and it is better too wide than nothing.
            stretches, _ = _quantiles(_own_stretches(residual, sigma, np.zeros_like(error)), weights, count, silent)
            fallback += ": they are part of the stretch"
    return {"stars": count, "spectra": len(stars), **stretches, "fallback": fallback}


def _own_stretches(residual, sigma, error):
    """Per level, the smallest stretch of each spectrum's uncertainty that holds its reference label."""
    stretches = {}
    for level, (_, width) in LEVELS.items():
        beyond = np.sqrt(np.maximum(residual**2 - (width * error) ** 2, 0))
        # Members that agree to the last bit on one spectrum promise more than any stretch can keep: infinite, counted.
        with np.errstate(divide="ignore", invalid="ignore"):
            stretches[level] = np.nan_to_num(beyond / sigma[level], nan=0.0, posinf=np.inf)
    return stretches


def _quantiles(ratios, weights, count, silent):
    """Conformal quantiles; of a level that too few stars stand behind, the narrower one's, scaled as if normal."""
    stretches, missing, known, narrower = {}, [], np.nan if silent else 1.0, 0.0
    for level, (share, width) in LEVELS.items():
        order = np.argsort(ratios[level], kind="stable")
        behind = np.cumsum(weights[order])
        rank = int(np.searchsorted(behind, (count + 1) * share - 1e-9))
        if rank < len(order):
            # Levels are measured one by one where labels have errors, and must not cross.
            narrower = max(float(ratios[level][order[rank]]), narrower)
            known = narrower / width
        else:
            missing.append(level)
        stretches[f"stretch{level}"] = known * width
    if not missing:
        return stretches, ""
    source = "the networks' own uncertainty" if len(missing) == len(LEVELS) else "the narrower level's, scaled"
    words = "nothing is known" if np.isnan(known) else f"{source} as of a normal distribution"
    return stretches, f"too few stars for {', '.join(missing)} %: {words}"


def _is_hidden(own, error, count):
    """Whether the model's own variance is less than twice the error that it is known with, by the labels' variance."""
    own, labels = np.median(own) ** 2, np.median(error) ** 2
    return bool(np.isfinite(own) and own < TWO_ERRORS / np.sqrt(count) * (own + labels))


def _replace_hidden(calibrated):
    """Where errors of labels hide the model's own: never below what the other labels need, nor below no stretch."""
    measured = {
        name: bins
        for name, label in calibrated.items()
        if (bins := [limits for limits in label["bins"] if limits["fallback"] == ""])
    }
    lowest = {}
    for level, (_, width) in LEVELS.items():
        others = [limits[f"stretch{level}"] for bins in measured.values() for limits in bins]
        lowest[f"stretch{level}"] = max([width, float(np.median(others))] if others else [width])
    source = f"the median stretch of {', '.join(measured)}" if measured else "the networks' own uncertainty"
    for limits in (limits for label in calibrated.values() for limits in label["bins"]):
        if limits["fallback"] == HIDDEN:
            # Level by level there is nothing but noise left: the levels of one label say together how much wider it is.
            wider = max(1.0, float(np.median([limits[name] / floor for name, floor in lowest.items()])))
            limits |= {name: wider * floor for name, floor in lowest.items()}
            limits["fallback"] = f"{HIDDEN}: at least {source}"


def intervals(
    predictions: pd.DataFrame, label: str, calibration: Mapping, grid: np.ndarray | None = None
) -> pd.DataFrame:
    """Give a label's calibrated ``L_err`` and ``L_lo50``, ``L_hi50``, ... ``L_hi95``, in the label's unit.

    ``L_err`` is half the width of the 68 % interval, which need not lie evenly about the label.

    Parameters
    ----------
    predictions : tempered, where the label has bins, see `spectrolabe.predict.tempering.temper_predictions`.
    calibration : of this label, as `calibrate` gives it. A spectrum of unknown S/N gets the widest stretch of all bins.
    grid : further standard errors, shape (n,) or one for all, in the label's unit: added in quadrature to each half
        width, times the level's normal half width.
    """
    value = predictions[label].to_numpy(float)
    bins = calibration["bins"]
    number = _bin_numbers(predictions["snr"].to_numpy(float), [limits["snr"][0] for limits in bins])
    columns, narrower = {}, (-np.inf, -np.inf)
    for level, (_, width) in LEVELS.items():
        stretches = np.array([limits[f"stretch{level}"] for limits in bins])
        stretch = np.where(number < 0, stretches.max(), stretches[number])
        halves = [side * stretch for side in predicted_sides(predictions, label, level)]
        if grid is not None:
            halves = [np.hypot(half, width * np.asarray(grid, float)) for half in halves]
        # Levels are stretched one by one, and the sides of a distribution are no multiples of each other.
        narrower = below, above = [np.maximum(*pair) for pair in zip(halves, narrower, strict=True)]
        columns |= {f"{label}_lo{level}": value - below, f"{label}_hi{level}": value + above}
        if level == "68":
            columns[f"{label}_err"] = (below + above) / 2
    return pd.DataFrame(columns, index=predictions.index)
