"""Recalibration: an offset and a scale of each label, measured on a few stars whose labels are trusted."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from scipy.stats import norm, t

from spectrolabe.predict.calibration import LEVELS, intervals, reference_of
from spectrolabe.predict.tempering import temper_predictions
from spectrolabe.spectra.slices import choose_names

#: Fewer trusted stars than these tell nothing of a label.
MIN_STARS = 5
#: Spectra with a survey's own labels that are read at most: they may hold whole distributions.
MOST_SPECTRA = 50_000
#: Share of a label's training range that stars must span, the lowest and the highest aside, for a scale to be fitted.
MIN_SPAN = 1 / 3
#: A scale is kept that differs from 1 by more than two standard errors, of as many stars as there are.
SIGNIFICANCE = norm.cdf(2)
#: Tukey's bisquare: residuals beyond so many standard deviations do not count.
CUT = 4.685
MAD_TO_SIGMA = 1.4826
#: A fit ends with steps below this share of their standard errors, or after so many.
SETTLED, ITERATIONS = 1e-6, 50
#: What of a label's is scaled with it.
SCALED = ("aleatoric", "epistemic", "removed", *(f"{side}{level}" for side in ("below", "above") for level in LEVELS))


def choose_labelled(paths: Sequence[Path], labels: Sequence[str]) -> Callable[[pd.DataFrame], np.ndarray]:
    """Give the function that chooses, of some files' predictions, the spectra with labels that the survey itself gives.

    Where these are more than `MOST_SPECTRA`, it chooses about as many: all those of evenly chosen stars.
    """

    def is_labelled(rows):
        return rows.reindex(columns=[reference_of(rows, label) for label in labels]).notna().any(axis=1).to_numpy()

    names = [f"{label}_{part}" for label in labels for part in ("true", "survey")]
    known = [[name for name in names if name in pq.read_schema(path).names] for path in paths]
    count = sum(is_labelled(pd.read_parquet(path, columns=own)).sum() for path, own in zip(paths, known, strict=True))
    share = min(1, MOST_SPECTRA / max(count, 1))
    return lambda rows: is_labelled(rows) & choose_names(rows["source_id"], share)


def own_labels(predictions: pd.DataFrame, labels: Sequence[str]) -> pd.DataFrame:
    """Take the labels that a survey itself gives as trusted, each with its error (NaN: unknown); see `recalibrate`."""
    trusted = {"star": predictions["source_id"]}
    for label in labels:
        reference = reference_of(predictions, label)
        trusted[label], trusted[f"{label}_err"] = (predictions.get(name) for name in (reference, f"{reference}_err"))
    return pd.DataFrame(trusted, index=predictions.index)


def listed_labels(stars: pd.Series, table: pd.DataFrame) -> pd.DataFrame:
    """Give the labels that a table of trusted stars lists for each spectrum; see `recalibrate`.

    Parameters
    ----------
    stars : the name of each spectrum's star in the table; NaN where it is of none.
    table : ``name``, and ``L`` with ``L_err`` per label.
    """
    return table.set_index("name").reindex(stars).set_index(stars.index).assign(star=stars)


def recalibrate(
    predictions: pd.DataFrame,
    trusted: pd.DataFrame,
    labels: Sequence[str],
    *,
    calibration: Mapping[str, Mapping],
    ranges: Mapping[str, Sequence[float]],
) -> dict[str, dict]:
    """Measure by which offset and scale predicted labels differ from those of trusted stars.

    Parameters
    ----------
    predictions : one row per spectrum, not yet tempered: ``status`` and per label ``L``, ``L_aleatoric``,
        ``L_epistemic``, and ``L_distribution`` where it has bins.
    trusted : the same rows: ``star`` (name; NaN: of none), and per label ``L`` with ``L_err`` (NaN: unknown). Of labels
        that are not to be recalibrated it may hold some too: stars outside the training range in any are left out.
    labels : those to recalibrate.
    calibration : label -> what `spectrolabe.predict.calibration.intervals` takes.
    ranges : lowest and highest training value of each label.

    Returns
    -------
    Label -> ``offset``, ``offset_err`` (the label's unit, at ``pivot``), ``scale``, ``scale_err`` (1 and 0 where the
    stars do not span `MIN_SPAN` of the training range, or a scale is not significant), ``spread`` (scatter of the stars
    in units of their errors, at least 1; the errors of offset and scale are stretched by it), ``names`` of the stars,
    ``left_out`` (those that do not count), ``scatter_before`` and ``scatter_after`` (robust 1 sigma about 0 of trusted
    minus predicted labels, each star's after a fit to the others alone).

    Raises
    ------
    ValueError
        For a label with fewer than `MIN_STARS` stars.
    """
    predictions = temper_predictions(predictions, {label: calibration[label] for label in labels})
    inside = predictions["status"].eq("") & trusted["star"].notna()
    for label, (low, high) in ranges.items():
        if label in trusted:
            inside &= trusted[label].between(low, high) | trusted[label].isna()
    found = {}
    for label in labels:
        stars = average_stars(predictions[inside], trusted[inside], label, calibration[label])
        if len(stars) < MIN_STARS:
            raise ValueError(
                f"recalibration of '{label}': expected at least {MIN_STARS} trusted stars within the training range"
                f" that the survey has observed, found {len(stars)} ({', '.join(map(str, stars.index)) or 'none'})"
            )
        found[label] = _describe_fit(stars, ranges[label][1] - ranges[label][0])
    return found


def average_stars(predictions: pd.DataFrame, trusted: pd.DataFrame, label: str, calibration: Mapping) -> pd.DataFrame:
    """Average the spectra of each trusted star: a row per name with ``value``, ``error``, ``given``, ``given_error``.

    Spectra count by the inverse variance of their calibrated errors; the average keeps their mean error, for what a
    model does wrong with a star it does in every spectrum. A star without an error in the literature is given the
    median one.
    """
    columns = {"value": predictions[label], "error": intervals(predictions, label, calibration)[f"{label}_err"]}
    columns |= {"given": trusted[label], "given_error": trusted[f"{label}_err"]}
    rows = pd.DataFrame({"star": trusted["star"], **columns}).astype(dict.fromkeys(columns, float))
    rows = rows[rows["error"].gt(0) & rows["value"].notna() & rows["given"].notna()]
    rows = rows.assign(weight=rows["error"] ** -2, weighted=rows["value"] * rows["error"] ** -2)
    stars = rows.groupby("star", sort=True)
    weight = stars["weight"].sum()
    averages = {"value": stars["weighted"].sum() / weight, "error": np.sqrt(stars.size() / weight)}
    given_error = stars["given_error"].first()
    usual = given_error.median() if given_error.notna().any() else 0.0
    return pd.DataFrame(averages | {"given": stars["given"].first(), "given_error": given_error.fillna(usual)})


def _describe_fit(stars, extent):
    columns = [stars[name].to_numpy() for name in ("value", "error", "given", "given_error")]
    fit, weights = fit_line(*columns, extent)
    kept = np.arange(len(stars))
    left = np.array([_residual(columns, kept != star, star, extent) for star in kept])
    names = {"names": list(map(str, stars.index)), "left_out": list(map(str, stars.index[weights == 0]))}
    before = MAD_TO_SIGMA * float(np.median(np.abs(columns[2] - columns[0])))
    return fit | names | {"scatter_before": before, "scatter_after": MAD_TO_SIGMA * float(np.median(np.abs(left)))}


def _residual(columns, others, star, extent):
    fit, _ = fit_line(*(column[others] for column in columns), extent)
    value, _, given, _ = (column[star] for column in columns)
    return given - correct_label(value, fit)


def correct_label(value: np.ndarray, fit: Mapping[str, float]) -> np.ndarray:
    """Give values of a label, in its unit, as its fit corrects them (see `recalibrate`)."""
    return value + fit["offset"] + (fit["scale"] - 1) * (value - fit["pivot"])


def fit_line(
    value: np.ndarray, error: np.ndarray, given: np.ndarray, given_error: np.ndarray, extent: float
) -> tuple[dict[str, float], np.ndarray]:
    """Fit ``given = value + offset + (scale - 1) * (value - pivot)``, weighted, so that an outlier does not count.

    Iterated with Tukey's bisquare weights. The slope is taken along the mean of predicted and given values, each by its
    inverse variance: their difference does not depend on that mean's noise, so that noise flattens no scale.

    Parameters
    ----------
    value, error, given, given_error : of each star, in the label's unit.
    extent : width of the label's training range.

    Returns
    -------
    What `recalibrate` gives of a fit, and each star's weight.
    """
    inner = np.sort(value)[1:-1]
    if np.ptp(inner) >= MIN_SPAN * extent:
        fit, weights = _iterate(value, error, given, given_error, scaled=True)
        if abs(fit["scale"] - 1) > t.ppf(SIGNIFICANCE, len(value) - 2) * fit["scale_err"]:
            return fit, weights
    return _iterate(value, error, given, given_error, scaled=False)


def _iterate(value, error, given, given_error, *, scaled):
    sigma, share = np.hypot(error, given_error), error**2 / (error**2 + given_error**2)
    corrected, scale = value + np.median(given - value), 1.0
    for _ in range(ITERATIONS):
        residual = given - corrected
        free = len(value) - 1 - scaled
        spread = max(1.0, MAD_TO_SIGMA * np.median(np.abs(residual) / sigma) * np.sqrt(len(value) / free))
        ratio = np.minimum(np.abs(residual) / (CUT * spread * sigma), 1)
        weights = ((1 - ratio**2) / (spread * sigma)) ** 2
        place = share * given + (1 - share) * corrected
        centre = np.average(place, weights=weights)
        step = np.average(residual, weights=weights)
        lever = np.sum(weights * (place - centre) ** 2)
        slope = np.sum(weights * (place - centre) * residual) / lever if scaled else 0.0
        corrected, scale = corrected + step + slope * (corrected - centre), scale * (1 + slope)
        if abs(step) < SETTLED * weights.sum() ** -0.5 and abs(slope) < SETTLED * lever**-0.5:
            break
    pivot = np.average(value, weights=weights)
    fit = {"offset": np.average(corrected, weights=weights) - pivot, "offset_err": weights.sum() ** -0.5}
    fit |= {"scale": scale, "scale_err": lever**-0.5 if scaled else 0.0, "pivot": pivot, "spread": spread}
    return {name: float(number) for name, number in fit.items()}, weights


def apply_recalibration(predictions: pd.DataFrame, recalibration: Mapping[str, Mapping]) -> pd.DataFrame:
    """Correct raw predictions, and give the correction's own error as ``L_recalibration_err`` of each label.

    Parameters
    ----------
    predictions : per label ``L``, ``L_aleatoric``, ``L_epistemic``, and of labels with bins what
        `spectrolabe.predict.tempering.temper_predictions` gives; the uncertainties are scaled as the label is.
    recalibration : the content of ``predict/recalibration/{model}.json``; labels that it does not name stay the same.
    """
    columns = {}
    for label, fit in recalibration["labels"].items():
        value = predictions[label].to_numpy(float)
        columns[label] = correct_label(value, fit)
        if f"{label}_mean" in predictions:
            columns[f"{label}_mean"] = correct_label(predictions[f"{label}_mean"].to_numpy(float), fit)
        scaled = [f"{label}_{part}" for part in SCALED if f"{label}_{part}" in predictions]
        columns |= {name: predictions[name] * fit["scale"] for name in scaled}
        columns[f"{label}_recalibration_err"] = np.hypot(fit["offset_err"], fit["scale_err"] * (value - fit["pivot"]))
    return predictions.assign(**columns)
