"""Flags: reasons to doubt a spectrum's labels, as a bit mask and in words."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

UNREADABLE, LOW_SNR, BAD_PIXELS, OUTSIDE_TRAINING_RANGE = 1, 2, 4, 8
#: Bit -> (name, what it says).
BITS = {
    UNREADABLE: ("unreadable", "the spectrum could not be read or prepared"),
    LOW_SNR: ("low_snr", "signal-to-noise below the recipe's threshold"),
    BAD_PIXELS: ("bad_pixels", "more pixels without information than the recipe allows"),
    OUTSIDE_TRAINING_RANGE: ("outside_training_range", "a label lies outside the range of the training set"),
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


def flag_spectra(
    predictions: pd.DataFrame, beyond: pd.DataFrame, *, min_snr: float, max_bad_share: float
) -> pd.DataFrame:
    """Give ``flag`` (bit mask, see `BITS`) and ``flag_text`` (the reasons in words) per spectrum.

    Parameters
    ----------
    predictions : with ``status``, ``snr`` and ``bad_share`` (share of the pixels without information).
    beyond : as `outside_range` gives it.
    min_snr, max_bad_share : thresholds.
    """
    unreadable = predictions["status"] != ""
    raised = {
        UNREADABLE: unreadable,
        LOW_SNR: ~unreadable & (predictions["snr"] < min_snr),
        BAD_PIXELS: ~unreadable & (predictions["bad_share"] > max_bad_share),
        OUTSIDE_TRAINING_RANGE: ~unreadable & beyond.any(axis=1),
    }
    flag = sum(np.where(rows, bit, 0) for bit, rows in raised.items())
    words = pd.DataFrame(
        {
            UNREADABLE: predictions["status"],
            LOW_SNR: [f"S/N {snr:.1f} is below {min_snr:g}" for snr in predictions["snr"]],
            BAD_PIXELS: [f"{share:.0%} of the pixels are without information" for share in predictions["bad_share"]],
            OUTSIDE_TRAINING_RANGE: [
                ", ".join(row.index[row]) + " outside the training range" for _, row in beyond.iterrows()
            ],
        },
        index=predictions.index,
    )
    text = ["; ".join(words.at[row, bit] for bit in BITS if raised[bit].at[row]) for row in predictions.index]
    return pd.DataFrame({"flag": flag.astype(np.int32), "flag_text": text}, index=predictions.index)
