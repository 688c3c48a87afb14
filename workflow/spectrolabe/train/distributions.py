"""Distributions over bins: built from labels with errors, combined, tempered, and described by moments and quantiles.

A distribution is a row of probabilities, shape (n, bins), that sum to one; ``edges``, shape (bins + 1,), rise and are
in the label's unit. Within a bin the density is uniform. The two edge bins stand for all that lies beyond them, too. A
row that holds NaN gives NaN.
"""

from collections.abc import Sequence

import numpy as np
from scipy.special import ndtr

#: Least probability of a bin before distributions are multiplied: one that says 0 would forbid what all others say.
FLOOR = 1e-9


def integrate_normal(mean: np.ndarray, sigma: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Give the shares of normal distributions that lie in each bin, those outside in the edge bins.

    Differences of the cumulative distribution, 1/2 [1 + erf(z / sqrt 2)], at the two edges of a bin.

    Parameters
    ----------
    mean, sigma : of each distribution, shape (n,) or a number, in the edges' unit; where ``sigma`` is 0, all is in the
        bin of the mean, or half on either side of an edge.

    Returns
    -------
    Shape (n, bins); a row of NaN where mean or sigma is NaN.
    """
    mean, sigma = np.broadcast_arrays(*(np.atleast_1d(np.asarray(values, float)) for values in (mean, sigma)))
    least = np.finfo(float).tiny
    with np.errstate(over="ignore"):
        inner = ndtr((np.asarray(edges, float)[1:-1] - mean[:, None]) / np.maximum(sigma, least)[:, None])
    ends = np.where(np.isnan(mean + sigma), np.nan, 0.0)[:, None]
    return np.diff(np.concatenate([ends, inner, 1 + ends], axis=1), axis=1)


def quantiles(probabilities: np.ndarray, edges: np.ndarray, levels: Sequence[float]) -> np.ndarray:
    """Give where the cumulative distributions reach the ``levels`` (0 to 1), shape (n, n_levels): linear in a bin."""
    probabilities, edges = np.asarray(probabilities, float), np.asarray(edges, float)
    below = np.cumsum(probabilities, axis=1)
    below /= below[:, -1:]
    rows, found = np.arange(len(below)), []
    for level in levels:
        bins = np.minimum((below < level).sum(axis=1), below.shape[1] - 1)
        start = np.where(bins > 0, below[rows, bins - 1], 0.0)
        mass = below[rows, bins] - start
        # A bin that holds nothing is reached at its lower edge, by the level 0 alone.
        share = np.where(mass == 0, 0.0, (level - start) / np.where(mass == 0, 1.0, mass))
        found.append(edges[bins] + share * np.diff(edges)[bins])
    return np.stack(found, axis=1)


def moments(probabilities: np.ndarray, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give mean and variance, each of shape (n,); a bin of width w adds w^2 / 12, the variance within it."""
    probabilities, edges = np.asarray(probabilities, float), np.asarray(edges, float)
    centres, widths = (edges[1:] + edges[:-1]) / 2, np.diff(edges)
    mean = probabilities @ centres
    return mean, (probabilities * ((centres - mean[:, None]) ** 2 + widths**2 / 12)).sum(axis=1)


def entropy(probabilities: np.ndarray) -> np.ndarray:
    """Give the entropy -sum p ln p in nats, shape (n,): 0 for one bin alone, ln(bins) where all are alike."""
    probabilities = np.asarray(probabilities, float)
    return -(probabilities * np.log(np.where(probabilities == 0, 1.0, probabilities))).sum(axis=1)


def conflate(distributions: Sequence[np.ndarray], floor: float = FLOOR) -> np.ndarray:
    """Combine what independent measurements say of the same spectra: the normalised product (Hill & Miller 2011).

    Each distribution, shape (n, bins), is first raised to ``floor`` at least and normalised. One that is uniform
    changes nothing.
    """
    logarithm = sum(np.log(_normalise(np.maximum(np.asarray(each, float), floor))) for each in distributions)
    return _normalise(np.exp(logarithm - logarithm.max(axis=1, keepdims=True)))


def temper(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Give p^(1 / temperature), normalised: wider above 1, narrower below, with the same bin on top.

    Raises
    ------
    ValueError
        Where the temperature is not above 0.
    """
    if not temperature > 0:
        raise ValueError(f"a temperature must be above 0: found {temperature}")
    probabilities = np.asarray(probabilities, float)
    # Relative to the highest, so that a low temperature leaves something.
    return _normalise((probabilities / probabilities.max(axis=1, keepdims=True)) ** (1 / temperature))


def log_likelihood(probabilities: np.ndarray, edges: np.ndarray, values: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """Give the log of the density at ``values``, known with normal ``errors`` (1 sigma, 0 allowed), shape (n,).

    The integral of the density times the normal distribution. What of that lies beyond the edges is judged by the edge
    bins, as `integrate_normal` puts it there. Where the density is 0, the log of the least number above 0; NaN where a
    value or an error is.
    """
    shares = integrate_normal(values, errors, edges)
    density = (np.asarray(probabilities, float) * shares / np.diff(edges)).sum(axis=1)
    return np.log(np.maximum(density, np.finfo(float).tiny))


def _normalise(probabilities):
    return probabilities / probabilities.sum(axis=1, keepdims=True)
