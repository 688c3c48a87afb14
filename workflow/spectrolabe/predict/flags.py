"""Flags: reasons to doubt a spectrum's labels, as a bit mask and in words."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from spectrolabe.predict.doubts import score_doubts
from spectrolabe.predict.flag_words import put_into_words

UNREADABLE, LOW_SNR, BAD_PIXELS, OUTSIDE_TRAINING_RANGE, LARGE_UNCERTAINTY, UNLIKE_TRAINING = 1, 2, 4, 8, 16, 32
UNLIKE_TRAINING_FEATURES, MEMBERS_DISAGREE, PARTLY_COVERED, NEAR_TRAINING_EDGE = 64, 128, 256, 512
CALIBRATED_ON_SYNTHETIC = 1024
#: Bit -> (name, what it says).
BITS = {
    UNREADABLE: ("unreadable", "the spectrum could not be read or prepared"),
    LOW_SNR: ("low_snr", "signal-to-noise below the recipe's threshold"),
    BAD_PIXELS: ("bad_pixels", "more pixels without information than the recipe allows"),
    OUTSIDE_TRAINING_RANGE: ("outside_training_range", "a label lies outside the range of the training set"),
    LARGE_UNCERTAINTY: ("large_uncertainty", "a label is less certain than the recipe allows"),
    UNLIKE_TRAINING: ("unlike_training", "the spectrum differs from those of the training set"),
    UNLIKE_TRAINING_FEATURES: ("unlike_training_features", "what a network sees differs from the training set's"),
    MEMBERS_DISAGREE: ("members_disagree", "a label's members differ more than is usual at that signal-to-noise"),
    PARTLY_COVERED: ("partly_covered", "ends of the wavelength range are missing"),
    NEAR_TRAINING_EDGE: ("near_training_edge", "a label is within its error of the edge of the training range"),
    CALIBRATED_ON_SYNTHETIC: ("calibrated_on_synthetic", "uncertainties are calibrated on synthetic spectra"),
}
#: Bits that concern the whole catalogue: they tell no spectrum from another.
OF_CATALOGUE = CALIBRATED_ON_SYNTHETIC
#: Bits that ask for care, and make no spectrum one to leave out.
CAUTIONS = NEAR_TRAINING_EDGE | CALIBRATED_ON_SYNTHETIC
#: Share of the pixels that may be missing at the ends of arms, where training spectra lack less.
MISSING_ENDS = 0.01


def is_doubted(flag: pd.Series) -> pd.Series:
    """Say which spectra have a bit raised other than those of `CAUTIONS`; a missing flag is none."""
    return (flag.fillna(0).astype(int) & ~CAUTIONS) != 0


def outside_range(predictions: pd.DataFrame, ranges: Mapping[str, Sequence[float]]) -> pd.DataFrame:
    """Say per label (column) and spectrum whether it lies beyond the training range by more than its uncertainty.

    An unknown uncertainty counts as 0.
    """
    beyond = {}
    for label, (low, high) in ranges.items():
        value, error = predictions[label], predictions[f"{label}_err"].fillna(0.0)
        beyond[label] = (value + error < low) | (value - error > high)
    return pd.DataFrame(beyond, index=predictions.index)


def near_edge(predictions: pd.DataFrame, ranges: Mapping[str, Sequence[float]]) -> pd.DataFrame:
    """Say per label (column) and spectrum whether it lies within its uncertainty of an edge of the training range."""
    near = {}
    for label, edges in ranges.items():
        value, error = predictions[label], predictions[f"{label}_err"]
        near[label] = np.logical_or.reduce([(value - edge).abs() <= error for edge in edges])
    return pd.DataFrame(near, index=predictions.index)


def uncertain(predictions: pd.DataFrame, max_err: Mapping[str, float]) -> pd.DataFrame:
    """Say per label (column) and spectrum whether its total uncertainty exceeds its limit; an unknown one does not."""
    exceeded = {label: predictions[f"{label}_err"] > limit for label, limit in max_err.items()}
    return pd.DataFrame(exceeded, index=predictions.index, dtype=bool)


def flag_spectra(
    predictions: pd.DataFrame,
    labels: Sequence[str],
    *,
    ranges: Mapping[str, Sequence[float]],
    min_snr: float,
    max_bad_share: float,
    max_err: Mapping[str, float],
    false_alarms: float,
    doubt: Mapping,
    on_synthetic: bool = False,
) -> pd.DataFrame:
    """Give ``flag`` (bit mask, see `BITS`), ``flag_text`` (the reasons in words) and ``L_flag`` per label.

    Parameters
    ----------
    predictions : with ``status``, ``snr``, ``bad_share`` and ``missing_ends`` (shares of the pixels without
        information, and without it at the ends of arms), ``L``, ``L_err`` and ``L_epistemic`` for the labels, and what
        `spectrolabe.predict.doubts.score_doubts` needs.
    ranges : label -> lowest and highest training value.
    min_snr, max_bad_share : thresholds.
    max_err : label -> largest total uncertainty (the label's unit).
    false_alarms : share of sound spectra that the bits 32, 64 and 128 together may be raised of.
    doubt : what is usual, as `spectrolabe.predict.doubts.fit_doubts` gives it.
    on_synthetic : whether the uncertainties of observed spectra are calibrated on synthetic ones.
    """
    readable = (predictions["status"] == "").to_numpy()
    scores = score_doubts(predictions, doubt)
    limit = -np.log10(false_alarms)
    of_labels = _doubts_of_labels(predictions, labels, ranges, max_err, scores, limit)
    raised = {UNREADABLE: ~readable} | {
        bit: readable & np.asarray(rows, bool)
        for bit, rows in {
            LOW_SNR: predictions["snr"] < min_snr,
            BAD_PIXELS: predictions["bad_share"] > max_bad_share,
            OUTSIDE_TRAINING_RANGE: of_labels[OUTSIDE_TRAINING_RANGE].any(axis=1),
            LARGE_UNCERTAINTY: of_labels[LARGE_UNCERTAINTY].any(axis=1),
            UNLIKE_TRAINING: scores["spectrum"] >= limit,
            UNLIKE_TRAINING_FEATURES: scores["features"] >= limit,
            MEMBERS_DISAGREE: scores["members"] >= limit,
            PARTLY_COVERED: predictions["missing_ends"] > MISSING_ENDS,
            NEAR_TRAINING_EDGE: of_labels[NEAR_TRAINING_EDGE].any(axis=1),
            CALIBRATED_ON_SYNTHETIC: np.full(len(predictions), on_synthetic),
        }.items()
    }
    thresholds = {"min_snr": min_snr, "max_err": max_err}
    words = put_into_words(predictions, {BITS[bit][0]: table for bit, table in of_labels.items()}, scores, **thresholds)
    flag = np.zeros(len(predictions), np.int32)
    text = np.full(len(predictions), "", object)
    for bit, rows in raised.items():
        flag[rows] |= bit
        if rows.any():
            text[rows] = _join(text[rows], words[BITS[bit][0]](rows))
    columns = {f"{label}_flag": _flag_label(of_labels, label, readable) for label in labels}
    return pd.DataFrame({"flag": flag, "flag_text": text} | columns, index=predictions.index)


def _doubts_of_labels(predictions, labels, ranges, max_err, scores, limit):
    """Bit -> which labels (columns) of which spectra it concerns."""
    ranges = {label: ranges[label] for label in labels}
    beyond = outside_range(predictions, ranges)
    # Without members to disagree, there is no such score.
    disagreeing = {label: scores.get(f"{label}_members", pd.Series(np.nan, scores.index)) >= limit for label in labels}
    return {
        OUTSIDE_TRAINING_RANGE: beyond,
        NEAR_TRAINING_EDGE: near_edge(predictions, ranges) & ~beyond,
        LARGE_UNCERTAINTY: uncertain(predictions, max_err).reindex(columns=list(labels), fill_value=False),
        MEMBERS_DISAGREE: pd.DataFrame(disagreeing, index=predictions.index),
    }


def _flag_label(of_labels, label, readable):
    flag = sum(np.where(table[label], bit, 0) for bit, table in of_labels.items())
    return np.where(readable, flag, UNREADABLE).astype(np.int32)


def _join(before, after):
    after = np.asarray(after, object)
    return np.where(before == "", after, before + np.where(before == "", "", "; ") + after)
