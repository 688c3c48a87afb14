"""The table of stars: several spectra of one star combined, with an error that knows what repeats do not average."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import chi2

from spectrolabe.predict import flags
from spectrolabe.predict.columns import predicted_labels

#: Doubts of a spectrum, not of its star: where a star has spectra without any of them, the others are left out.
SPOILED = (
    flags.BAD_PIXELS
    | flags.UNLIKE_TRAINING
    | flags.UNLIKE_TRAINING_FEATURES
    | flags.MEMBERS_DISAGREE
    | flags.PARTLY_COVERED
)
#: Stars with repeats that it takes to measure which share of the errors differs between repeats.
MIN_REPEATED = 10


def combine_stars(catalogue: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, float]]:
    """Give one row per star: its spectra averaged by the inverse variance of their calibrated errors.

    Readable spectra are combined; of a star that has some without a doubt of `SPOILED`, these alone. What a model does
    wrong with a star it does in every spectrum of it, so that only a share of the error's variance averages out. The
    share is measured from the catalogue's own repeats, see `repeated_share`; where it is unknown, nothing averages and
    a star's error is that of its spectra.

    Parameters
    ----------
    catalogue : as `spectrolabe.predict.catalogue.build_catalogue` gives it.

    Returns
    -------
    stars : in the order of their first spectra: ``source_id``, ``ra``, ``dec`` (of the first spectrum that knows them),
        ``snr`` (of all combined spectra together), ``n_spectra`` (combined) and ``n_listed`` (in the catalogue), per
        label ``L``, ``L_err``, ``L_chi2`` (of the repeats about their mean, in units of what usually differs between
        repeats, or of the whole errors where that is unknown), ``L_chi2_prob`` (of a value as large or larger; NaN of
        one spectrum) and ``L_flag``; ``flag`` (all bits of the combined spectra) and ``flag_text`` (their names);
        ``L_true`` and ``L_survey``, where the catalogue has them (means of the combined spectra's).
    shares : label -> share of the error's variance that differs between repeats; NaN: unknown.
    """
    codes, names = pd.factorize(catalogue["source_id"])
    count = len(names)
    used = chosen_spectra(catalogue["flag"].to_numpy(), codes, count)
    first = catalogue.groupby(codes)[["ra", "dec"]].first()
    snr = np.where(used, np.nan_to_num(catalogue["snr"].to_numpy(float)), 0)
    columns = {"source_id": names, "ra": first["ra"], "dec": first["dec"]}
    columns |= {"snr": np.sqrt(np.bincount(codes, snr**2, count)).astype(np.float32)}
    columns |= {"n_spectra": np.bincount(codes, used, count), "n_listed": np.bincount(codes, minlength=count)}
    columns |= {name: columns[name].astype(np.int32) for name in ("n_spectra", "n_listed")}
    shares = {}
    # Of a star without a readable spectrum, the flags of those that it has.
    flagged = used | (columns["n_spectra"] == 0)[codes]
    for label in predicted_labels(catalogue):
        averages, shares[label] = _average(catalogue, label, codes, used, count)
        columns |= averages | {f"{label}_flag": join_bits(catalogue[f"{label}_flag"], codes, flagged, count)}
    columns["flag"] = join_bits(catalogue["flag"], codes, flagged, count)
    columns["flag_text"] = _name_bits(columns["flag"])
    given = [f"{label}_{part}" for label in shares for part in ("true", "survey")]
    columns |= {name: _mean(catalogue[name], codes, flagged, count) for name in given if name in catalogue}
    return pd.DataFrame(columns), shares


def chosen_spectra(flag: np.ndarray, codes: np.ndarray, count: int) -> np.ndarray:
    """Say of each spectrum whether its star's labels are made of it: the readable ones, or the unspoiled among them."""
    readable = (flag & flags.UNREADABLE) == 0
    good = readable & ((flag & SPOILED) == 0)
    has_good = np.bincount(codes, good, count) > 0
    return np.where(has_good[codes], good, readable)


def _average(catalogue, label, codes, used, count):
    value, error = (catalogue[name].to_numpy(float) for name in (label, f"{label}_err"))
    silent = np.isnan(error).all()
    # A model without errors weighs all spectra alike.
    mean, total, number, scatter = _weigh(value, np.ones(len(error)) if silent else error, codes, used, count)
    share = np.nan if silent else repeated_share(scatter, number)
    averaging = 0.0 if np.isnan(share) else share
    with np.errstate(invalid="ignore", divide="ignore"):
        # Independent errors have the variance 1 / total, one that all spectra share has the mean of theirs.
        deviation = np.sqrt(averaging / total + max(0.0, 1 - averaging) * number / total)
    scatter = np.where(number > 1, scatter / (averaging or 1.0), np.nan)
    if silent:
        deviation, scatter = np.full((2, count), np.nan)
    probability = chi2.sf(scatter, np.maximum(number - 1, 1))
    columns = {"": mean, "_err": deviation, "_chi2": scatter, "_chi2_prob": probability}
    return {f"{label}{part}": values.astype(np.float32) for part, values in columns.items()}, share


def _weigh(value, error, codes, used, count):
    """Per star: the mean, the sum of the weights, the number of spectra, and their chi-square about the mean."""
    known = used & np.isfinite(value) & (error > 0)
    weight = np.zeros(len(value))
    weight[known] = error[known] ** -2
    value = np.where(known, value, 0)
    total, number = np.bincount(codes, weight, count), np.bincount(codes, known, count)
    with np.errstate(invalid="ignore"):
        mean = np.bincount(codes, weight * value, count) / total
    distance = np.where(known, value - mean[codes], 0)
    return mean, total, number, np.bincount(codes, weight * distance**2, count)


def repeated_share(scatter: np.ndarray, number: np.ndarray) -> float:
    """Give the share of the quoted variance by which repeats scatter about their mean: above 1, errors are too small.

    The median over stars of their chi-square over the median that independent errors would give, so that a few variable
    stars or binaries move nothing; NaN of fewer than `MIN_REPEATED` stars.

    Parameters
    ----------
    scatter : chi-square of each star's spectra about their mean, in units of the quoted errors.
    number : of spectra of each star.
    """
    repeated = (number > 1) & np.isfinite(scatter)
    if repeated.sum() < MIN_REPEATED:
        return np.nan
    return float(np.median(scatter[repeated] / chi2.median(number[repeated] - 1)))


def join_bits(mask: Sequence[int], codes: np.ndarray, chosen: np.ndarray, count: int) -> np.ndarray:
    """Give all bits that the chosen spectra of each star raise."""
    mask, joined = np.asarray(mask, np.int64), np.zeros(count, np.int32)
    for bit in flags.BITS:
        joined |= np.where(np.bincount(codes, chosen & ((mask & bit) > 0), count) > 0, bit, 0).astype(np.int32)
    return joined


def _name_bits(flag):
    # Few masks stand for many stars: each is put into words once.
    masks, number = np.unique(flag, return_inverse=True)
    words = ["; ".join(name for bit, (name, _) in flags.BITS.items() if mask & bit) for mask in masks]
    return np.array(words, object)[number]


def _mean(values, codes, chosen, count):
    values = values.to_numpy(float)
    known = chosen & np.isfinite(values)
    with np.errstate(invalid="ignore"):
        mean = np.bincount(codes, np.where(known, values, 0), count) / np.bincount(codes, known, count)
    return mean.astype(np.float32)
