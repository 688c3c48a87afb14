"""Words for flags: each reason to doubt names its number, its limit and its place."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from spectrolabe.spectra.labels import unit_of

#: What is shifted has a velocity for a place.
SHIFTED = "second set of lines or wrong velocity"


def put_into_words(
    predictions: pd.DataFrame,
    of_labels: Mapping[str, pd.DataFrame],
    scores: pd.DataFrame,
    *,
    min_snr: float,
    max_err: Mapping[str, float],
) -> dict[str, Callable]:
    """Give, per flag, the function that puts the reasons of chosen spectra (a boolean array) into words.

    Parameters
    ----------
    predictions : see `spectrolabe.predict.flags.flag_spectra`.
    of_labels : flag -> the labels (columns) of each spectrum that it concerns.
    scores : as `spectrolabe.predict.doubts.score_doubts` gives them.
    min_snr, max_err : thresholds.
    """
    beyond, near = of_labels["outside_training_range"], of_labels["near_training_edge"]
    doubtful, disagreeing = of_labels["large_uncertainty"], of_labels["members_disagree"]
    return {
        "unreadable": lambda rows: predictions["status"][rows],
        "low_snr": lambda rows: [f"S/N {snr:.1f} is below {min_snr:g}" for snr in predictions["snr"][rows]],
        "bad_pixels": lambda rows: [
            f"{share:.0%} of the pixels are without information" for share in predictions["bad_share"][rows]
        ],
        "outside_training_range": lambda rows: _name_labels(beyond[rows]) + " outside the training range",
        "large_uncertainty": lambda rows: _quote_errors(predictions[rows], doubtful[rows], max_err),
        "unlike_training": lambda rows: _name_difference(predictions[rows]),
        "unlike_training_features": lambda rows: [
            f"seen by the network, {distance:.1f} times as far from the training spectra as these are"
            for distance in predictions["feature_distance"][rows]
        ],
        "members_disagree": lambda rows: _quote_ratios(scores[rows], disagreeing[rows]),
        "partly_covered": lambda rows: [
            f"{share:.0%} of the wavelengths are missing at their ends" for share in predictions["missing_ends"][rows]
        ],
        "near_training_edge": lambda rows: _name_labels(near[rows]) + " within the error of the training range's edge",
        "calibrated_on_synthetic": lambda rows: np.full(rows.sum(), "calibrated on synthetic spectra", object),
    }


def _name_labels(doubts):
    # Few patterns of labels stand for many spectra: each is put into words once.
    numbers = doubts.to_numpy(bool) @ (1 << np.arange(doubts.shape[1]))
    patterns, place = np.unique(numbers, return_inverse=True)
    names = [", ".join(name for bit, name in enumerate(doubts.columns) if pattern >> bit & 1) for pattern in patterns]
    return np.array(names, object)[place.ravel()]


def _quote_errors(rows, doubts, max_err):
    text = np.full(len(rows), "", object)
    for label, limit in max_err.items():
        chosen, unit = doubts[label].to_numpy(), unit_of(label)
        quoted = [
            f"{label} uncertain by {_round(error)} {unit} (limit {limit:g})" for error in rows[f"{label}_err"][chosen]
        ]
        text[chosen] = _join(text[chosen], quoted)
    return text


def _quote_ratios(scores, doubts):
    text = np.full(len(doubts), "", object)
    for label in doubts.columns[doubts.any()]:
        chosen = doubts[label].to_numpy()
        quoted = [f"{label} {ratio:.1f} times" for ratio in scores[f"{label}_ratio"][chosen]]
        text[chosen] = _join(text[chosen], quoted)
    return "members differ more than usual: " + text


def _name_difference(rows):
    columns = ("spectrum_telling", "spectrum_at", "spectrum_velocity")
    return [
        f"unlike the training spectra: {what} ({velocity:+.0f} km/s)"
        if what == SHIFTED
        else f"unlike the training spectra: {what} (near {place:.0f} angstrom)"
        for what, place, velocity in zip(*(rows[name] for name in columns), strict=True)
    ]


def _join(before, after):
    after = np.asarray(after, object)
    return np.where(before == "", after, before + np.where(before == "", "", ", ") + after)


def _round(value):
    return f"{value:.3g}" if value < 1000 else f"{value:.0f}"
