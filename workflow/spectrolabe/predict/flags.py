"""Flags: reasons to doubt a spectrum's labels, as a bit mask and in words."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from spectrolabe.spectra.labels import unit_of

UNREADABLE, LOW_SNR, BAD_PIXELS, OUTSIDE_TRAINING_RANGE, LARGE_UNCERTAINTY, UNLIKE_TRAINING = 1, 2, 4, 8, 16, 32
#: Bit -> (name, what it says).
BITS = {
    UNREADABLE: ("unreadable", "the spectrum could not be read or prepared"),
    LOW_SNR: ("low_snr", "signal-to-noise below the recipe's threshold"),
    BAD_PIXELS: ("bad_pixels", "more pixels without information than the recipe allows"),
    OUTSIDE_TRAINING_RANGE: ("outside_training_range", "a label lies outside the range of the training set"),
    LARGE_UNCERTAINTY: ("large_uncertainty", "a label is less certain than the recipe allows"),
    UNLIKE_TRAINING: ("unlike_training", "the spectrum lies outside those of the training set"),
}


def outside_range(predictions: pd.DataFrame, ranges: Mapping[str, list[float]]) -> pd.DataFrame:
    """Say per label (column) and spectrum whether it lies beyond the training range by more than its uncertainty.

    An unknown uncertainty counts as 0.
    """
    beyond = {}
    for label, (low, high) in ranges.items():
        value, error = predictions[label], predictions[f"{label}_err"].fillna(0.0)
        beyond[label] = (value + error < low) | (value - error > high)
    return pd.DataFrame(beyond, index=predictions.index)


def uncertain(predictions: pd.DataFrame, max_err: Mapping[str, float]) -> pd.DataFrame:
    """Say per label (column) and spectrum whether its total uncertainty exceeds its limit; an unknown one does not."""
    exceeded = {label: predictions[f"{label}_err"] > limit for label, limit in max_err.items()}
    return pd.DataFrame(exceeded, index=predictions.index, dtype=bool)


def flag_spectra(
    predictions: pd.DataFrame,
    beyond: pd.DataFrame,
    *,
    min_snr: float,
    max_bad_share: float,
    max_err: Mapping[str, float],
) -> pd.DataFrame:
    """Give ``flag`` (bit mask, see `BITS`) and ``flag_text`` (the reasons in words) per spectrum.

    Parameters
    ----------
    predictions : with ``status``, ``snr``, ``bad_share`` (share of the pixels without information), ``L_err`` for
        the labels of ``max_err``, and, where spectra were screened, ``screening`` and ``screening_reason``.
    beyond : as `outside_range` gives it.
    min_snr, max_bad_share : thresholds.
    max_err : label -> largest total uncertainty (the label's unit).
    """
    unreadable = (predictions["status"] != "").to_numpy()
    doubtful = uncertain(predictions, max_err)
    outer = predictions.get("screening", pd.Series("", predictions.index)) == "outer"
    raised = {
        UNREADABLE: unreadable,
        LOW_SNR: ~unreadable & (predictions["snr"] < min_snr).to_numpy(),
        BAD_PIXELS: ~unreadable & (predictions["bad_share"] > max_bad_share).to_numpy(),
        OUTSIDE_TRAINING_RANGE: ~unreadable & beyond.any(axis=1).to_numpy(),
        LARGE_UNCERTAINTY: ~unreadable & doubtful.any(axis=1).to_numpy(),
        UNLIKE_TRAINING: ~unreadable & outer.to_numpy(),
    }
    words = _words(predictions, beyond, doubtful, min_snr, max_err)
    flag = np.zeros(len(predictions), np.int32)
    text = np.full(len(predictions), "", object)
    for bit, rows in raised.items():
        if not rows.any():
            continue
        flag[rows] |= bit
        text[rows] = _join(text[rows], words[bit](rows), "; ")
    return pd.DataFrame({"flag": flag, "flag_text": text}, index=predictions.index)


def _words(predictions, beyond, doubtful, min_snr, max_err):
    """Per bit, what gives the reasons of chosen spectra in words."""
    return {
        UNREADABLE: lambda rows: predictions["status"][rows],
        LOW_SNR: lambda rows: [f"S/N {snr:.1f} is below {min_snr:g}" for snr in predictions["snr"][rows]],
        BAD_PIXELS: lambda rows: [
            f"{share:.0%} of the pixels are without information" for share in predictions["bad_share"][rows]
        ],
        OUTSIDE_TRAINING_RANGE: lambda rows: _name_labels(beyond[rows]) + " outside the training range",
        LARGE_UNCERTAINTY: lambda rows: _quote_errors(predictions[rows], doubtful[rows], max_err),
        UNLIKE_TRAINING: lambda rows: [
            f"unlike the training spectra: {why}" for why in predictions["screening_reason"][rows]
        ],
    }


def _join(before, after, separator):
    after = np.asarray(after, object)
    return np.where(before == "", after, before + np.where(before == "", "", separator) + after)


def _name_labels(doubts):
    # Few patterns of labels stand for many spectra: each is put into words once.
    patterns, number = np.unique(doubts.to_numpy(bool), axis=0, return_inverse=True)
    names = [", ".join(doubts.columns[pattern]) for pattern in patterns]
    return np.array(names, object)[number.ravel()]


def _quote_errors(rows, doubts, max_err):
    text = np.full(len(rows), "", object)
    for label, limit in max_err.items():
        chosen, unit = doubts[label].to_numpy(), unit_of(label)
        quoted = [
            f"{label} uncertain by {_round(error)} {unit} (limit {limit:g})" for error in rows[f"{label}_err"][chosen]
        ]
        text[chosen] = _join(text[chosen], quoted, ", ")
    return text


def _round(value):
    return f"{value:.3g}" if value < 1000 else f"{value:.0f}"
