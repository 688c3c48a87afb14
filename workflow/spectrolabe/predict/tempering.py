"""Distributions over bins after training: one temperature per label, and what is quoted of each distribution."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar
from scipy.special import ndtr

from spectrolabe.predict.distribution_lists import stack
from spectrolabe.train.distributions import entropy, log_likelihood, moments, quantiles, temper

#: Level -> its share of the stars, and its half width, in standard deviations, of a normal distribution.
LEVELS = {"50": (0.5, 0.6745), "68": (0.6827, 1.0), "90": (0.9, 1.6449), "95": (0.9545, 2.0)}
#: Fewer stars than these tell no temperature: its logarithm is good to about one over the root of twice their number.
MIN_STARS = 50
#: Logarithms of the temperatures that are tried, before the best is refined.
TRIED = np.linspace(np.log(0.05), np.log(20), 25)


def fit_temperature(
    probabilities: np.ndarray, edges: np.ndarray, values: np.ndarray, errors: np.ndarray, stars: np.ndarray
) -> float:
    """Find the temperature under which reference labels are the most likely (Guo et al. 2017, with labels' errors).

    Distributions become p^(1/T), normalised. A label's error is convolved with what is predicted, so that errors widen
    no distribution. Networks learn from labels that are spread over bins as widely as their errors, and so predict
    distributions that contain these: temperatures below 1 are to be expected, and those of combined arms, which share
    errors, may yet be above.

    Parameters
    ----------
    probabilities : shape (n, bins), of spectra that nothing was fitted to.
    edges : of the bins, in the label's unit, shape (bins + 1,).
    values, errors : reference labels and their 1 sigma errors (0: none), shape (n,); unknown ones (NaN) do not count,
        nor do values outside the bins, which no distribution can reach.
    stars : of each spectrum; each star counts as one.

    Returns
    -------
    The temperature, within 0.05 and 20; 1 where fewer than `MIN_STARS` stars have a label.
    """
    edges = np.asarray(edges, float)
    known = (values >= edges[0]) & (values <= edges[-1]) & np.isfinite(probabilities).all(axis=1)
    names, number = np.unique(np.asarray(stars)[known], return_inverse=True)
    if len(names) < MIN_STARS:
        return 1.0
    weights = 1 / np.bincount(number)[number]
    probabilities, values, errors = probabilities[known], values[known], errors[known]

    def cost(logarithm):
        return -weights @ log_likelihood(temper(probabilities, np.exp(logarithm)), edges, values, errors)

    best = int(np.argmin([cost(logarithm) for logarithm in TRIED]))
    bounds = TRIED[max(best - 1, 0)], TRIED[min(best + 1, len(TRIED) - 1)]
    return float(np.exp(minimize_scalar(cost, bounds=bounds, method="bounded").x))


def fit_tempering(
    predictions: pd.DataFrame, label: str, edges: np.ndarray, reference: str, errors: np.ndarray
) -> dict[str, float | list[float]]:
    """Give what `temper_predictions` needs of a label: ``temperature`` (see `fit_temperature`) and ``edges``.

    Parameters
    ----------
    predictions : ``source_id``, ``L_distribution``, ``L_removed`` where there is any, and the reference labels.
    reference : their column.
    errors : theirs, 1 sigma, shape (n,); 0 where unknown.
    """
    values = predictions[reference].to_numpy(float) - _removed(predictions, label)
    probabilities = stack(predictions, label, edges)
    temperature = fit_temperature(probabilities, edges, values, errors, predictions["source_id"].to_numpy())
    return {"temperature": temperature, "edges": np.asarray(edges, float).tolist()}


def temper_predictions(predictions: pd.DataFrame, calibration: Mapping[str, Mapping]) -> pd.DataFrame:
    """Replace what is predicted of each label by what its tempered distribution says.

    Parameters
    ----------
    predictions : per label with bins ``L_distribution`` and, where preparation took a part off the label,
        ``L_removed``: distributions are of what is left.
    calibration : label -> ``temperature`` and ``edges`` of the bins; labels without them are left alone.

    Returns
    -------
    The predictions with ``L_distribution`` tempered, ``L`` (its median), ``L_mean``, ``L_entropy`` (nats), and as
    ``L_below50``, ``L_above50``, ... ``L_above95`` the distances from the median to the ends of each level's interval,
    over the level's normal half width: what stands for one standard deviation on that side, at that level.
    """
    columns = {}
    for label, found in calibration.items():
        if "temperature" in found:
            edges = np.asarray(found["edges"], float)
            tempered = temper(stack(predictions, label, edges), found["temperature"])
            columns |= _describe(label, tempered, edges, _removed(predictions, label))
    return predictions.assign(**columns)


def _removed(predictions, label):
    return predictions[f"{label}_removed"].to_numpy(float) if f"{label}_removed" in predictions else 0.0


def _describe(label, probabilities, edges, removed):
    median = quantiles(probabilities, edges, [0.5])[:, 0]
    columns = {label: median + removed, f"{label}_mean": moments(probabilities, edges)[0] + removed}
    columns |= {f"{label}_entropy": entropy(probabilities), f"{label}_distribution": list(probabilities)}
    for level, (share, width) in LEVELS.items():
        low, high = quantiles(probabilities, edges, [(1 - share) / 2, (1 + share) / 2]).T
        columns |= {f"{label}_below{level}": (median - low) / width, f"{label}_above{level}": (high - median) / width}
    return columns


def transform_references(predictions: pd.DataFrame, label: str, edges: np.ndarray) -> np.ndarray:
    """Give the cumulative distribution at each reference label, from 0 to 1 (PIT): uniform, if predictions are true.

    Errors of the reference labels are convolved with the distribution, as they are part of how far both differ.

    Parameters
    ----------
    predictions : ``L_distribution``, ``L_true`` (NaN: unknown), ``L_true_err`` and ``L_removed`` where there are any.
    edges : of the bins, in the label's unit, shape (bins + 1,).
    """
    values = predictions[f"{label}_true"].to_numpy(float) - _removed(predictions, label)
    errors = predictions.get(f"{label}_true_err", pd.Series(0.0, predictions.index)).fillna(0.0).to_numpy(float)
    below = _mean_below((values[:, None] - np.asarray(edges, float)), errors[:, None])
    # The mean of the normal distribution over a bin: the difference of its integral at both edges, by the width.
    shares = (below[:, :-1] - below[:, 1:]) / np.diff(edges)
    return np.clip((stack(predictions, label, edges) * shares).sum(axis=1), 0, 1)


def _mean_below(distance, sigma):
    """The integral of the normal distribution function up to a distance; of errors of 0, of a step."""
    with np.errstate(over="ignore"):
        scaled = distance / np.maximum(sigma, np.finfo(float).tiny)
        return distance * ndtr(scaled) + sigma * np.exp(-(scaled**2) / 2) / np.sqrt(2 * np.pi)
