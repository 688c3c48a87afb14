"""The table of stars: several spectra of one star combined, with an error that knows what repeats do not average."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from scipy.stats import chi2

from spectrolabe.predict import flags
from spectrolabe.predict.columns import predicted_labels
from spectrolabe.spectra.slices import Order, Slices, read_column

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
#: Stars whose repeats are compared at most: of more, as many, evenly chosen.
MOST_COMPARED = 1_000_000
#: What stars are made of: columns of all labels, and of each.
USED = ("source_id", "ra", "dec", "snr", "flag")
USED_OF_LABELS = ("", "_err", "_flag", "_true", "_survey")


@dataclass(frozen=True)
class Repeats:
    """What a catalogue's repeated spectra say of a label's errors.

    ``share`` of the error's variance that differs between repeats (NaN: unknown); ``silent``: there are no errors.
    """

    share: float
    silent: bool


def group_spectra(catalogue: Path, folder: Path) -> Slices:
    """Read the spectra of a catalogue's Parquet file star by star, some at a time, in the order of first spectra.

    Parameters
    ----------
    folder : where temporary files may lie.
    """
    names = pq.read_schema(catalogue).names
    labels = predicted_labels(names)
    of_labels = [f"{label}{part}" for label in labels for part in (*USED_OF_LABELS, "_lo68")]
    order = Order(read_column([catalogue], "source_id"))
    return Slices([catalogue], order, folder, key="source_id", columns=[*USED, *of_labels])


def measure_repeats(slices: Iterable[pd.DataFrame], stars: int = 0) -> dict[str, Repeats]:
    """Measure what repeats say of each label, see `repeated_share`.

    Parameters
    ----------
    slices : of a catalogue, all spectra of a star in one of them.
    stars : in all of them together; of more than `MOST_COMPARED` every second, third, ... counts.
    """
    every, ratios, silent = max(1, -(-stars // MOST_COMPARED)), {}, {}
    for catalogue in slices:
        codes, _, count, used = _number_stars(catalogue)
        for label in predicted_labels(catalogue):
            quoted = catalogue[f"{label}_err"].notna().any()
            silent[label] = silent.get(label, True) and not quoted
            _, _, number, scatter = _weigh(*_values(catalogue, label), codes, used, count)
            ratios.setdefault(label, []).append(_compare(scatter[::every], number[::every]))
    return {
        label: Repeats(np.nan if silent[label] else _share(np.concatenate(found)), silent[label])
        for label, found in ratios.items()
    }


def combine_stars(
    catalogue: pd.DataFrame, repeats: Mapping[str, Repeats] | None = None
) -> tuple[pd.DataFrame, dict[str, float]]:
    """Give one row per star: its spectra averaged by the inverse variance of their calibrated errors.

    Readable spectra are combined; of a star that has some without a doubt of `SPOILED`, these alone. What a model does
    wrong with a star it does in every spectrum of it, so that only a share of the error's variance averages out. The
    share is measured from the catalogue's own repeats, see `repeated_share`; where it is unknown, nothing averages and
    a star's error is that of its spectra.

    Parameters
    ----------
    catalogue : as `spectrolabe.predict.catalogue.build_catalogue` gives it, or all spectra of some of its stars.
    repeats : what the whole catalogue says, see `measure_repeats`; without, this one is the whole.

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
    repeats = measure_repeats([catalogue]) if repeats is None else repeats
    codes, names, count, used = _number_stars(catalogue)
    first = catalogue.groupby(codes)[["ra", "dec"]].first()
    snr = np.where(used, np.nan_to_num(catalogue["snr"].to_numpy(float)), 0)
    columns = {"source_id": names, "ra": first["ra"], "dec": first["dec"]}
    columns |= {"snr": np.sqrt(np.bincount(codes, snr**2, count)).astype(np.float32)}
    columns |= {"n_spectra": np.bincount(codes, used, count), "n_listed": np.bincount(codes, minlength=count)}
    columns |= {name: columns[name].astype(np.int32) for name in ("n_spectra", "n_listed")}
    shares = {label: found.share for label, found in repeats.items()}
    # Of a star without a readable spectrum, the flags of those that it has.
    flagged = used | (columns["n_spectra"] == 0)[codes]
    for label in predicted_labels(catalogue):
        averages = _average(catalogue, label, repeats[label], codes, used, count)
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


def _number_stars(catalogue):
    """Give the number of each spectrum's star, the stars' names, how many there are, and which spectra they are of."""
    codes, names = pd.factorize(catalogue["source_id"])
    return codes, names, len(names), chosen_spectra(catalogue["flag"].to_numpy(), codes, len(names))


def _values(catalogue, label):
    return (catalogue[name].to_numpy(float) for name in (label, f"{label}_err"))


def _average(catalogue, label, repeats, codes, used, count):
    value, error = _values(catalogue, label)
    share, silent = repeats.share, repeats.silent
    # A model without errors weighs all spectra alike.
    mean, total, number, scatter = _weigh(value, np.ones(len(error)) if silent else error, codes, used, count)
    averaging = 0.0 if np.isnan(share) else share
    with np.errstate(invalid="ignore", divide="ignore"):
        # Independent errors have the variance 1 / total, one that all spectra share has the mean of theirs.
        deviation = np.sqrt(averaging / total + max(0.0, 1 - averaging) * number / total)
    scatter = np.where(number > 1, scatter / (averaging or 1.0), np.nan)
    if silent:
        deviation, scatter = np.full((2, count), np.nan)
    probability = chi2.sf(scatter, np.maximum(number - 1, 1))
    columns = {"": mean, "_err": deviation, "_chi2": scatter, "_chi2_prob": probability}
    return {f"{label}{part}": values.astype(np.float32) for part, values in columns.items()}


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
    return _share(_compare(scatter, number))


def _compare(scatter, number):
    """Of stars with repeats, how many times as much these scatter as independent errors would let them."""
    repeated = (number > 1) & np.isfinite(scatter)
    return scatter[repeated] / chi2.median(number[repeated] - 1)


def _share(ratios):
    return float(np.median(ratios)) if len(ratios) >= MIN_REPEATED else np.nan


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
