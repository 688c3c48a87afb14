"""The catalogue: one row per spectrum of the manifest, with calibrated intervals, flags and the reasons for doubt."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from spectrolabe.predict.calibration import LEVELS, intervals
from spectrolabe.predict.distribution_files import correct_edges
from spectrolabe.predict.flags import flag_spectra
from spectrolabe.predict.gathering import CLUSTER
from spectrolabe.predict.recalibration import apply_recalibration
from spectrolabe.predict.tempering import temper_predictions, transform_references

FIRST = ["spectrum_id", "source_id", "ra", "dec", "snr"]
#: What follows the labels and flags, where predictions have it.
REFERENCES = ("true", "true_err", "survey", "survey_err")
LAST = ("part", "screening", "screening_reason", *CLUSTER, "mismatch", "trouble")
PARTS = ("aleatoric", "epistemic", "grid")
#: Of distributions over bins.
OF_BINS = ("mean", "entropy", "pit")


def build_catalogue(
    predictions: pd.DataFrame,
    labels: list[str],
    *,
    calibration: Mapping[str, Mapping],
    ranges: Mapping[str, list[float]],
    min_snr: float,
    max_bad_share: float,
    max_err: Mapping[str, float],
    false_alarms: float,
    others: Sequence[pd.DataFrame] = (),
    other_data: bool = False,
    recalibration: Mapping | None = None,
) -> pd.DataFrame:
    """Turn raw predictions into catalogue rows: calibrated intervals, flags, truths where the manifest had them.

    Labels, errors and S/N are float32, which no spectrum outdoes; coordinates float64. Of labels with bins, ``L`` is
    the median of the tempered distribution; ``L_mean``, ``L_entropy`` and, where a reference value is known, ``L_pit``
    follow its intervals.

    Parameters
    ----------
    predictions : in the manifest's order: ``status``, ``snr``, ``bad_share``, ``missing_ends``, ``feature_distance``,
        per label ``L``, ``L_aleatoric``, ``L_epistemic``, and what `spectrolabe.predict.doubts.add_judgements` adds;
        what `spectrolabe.predict.gathering` adds is carried on, and so is ``L_true`` of labels that are not predicted.
    calibration : ``labels``, as `spectrolabe.predict.calibration.calibrate` gives them, ``doubt``, as
        `spectrolabe.predict.doubts.fit_doubts` does, and ``calibrated_on``, whose ``origin`` may be synthetic.
    ranges : lowest and highest training value of each label.
    min_snr, max_bad_share, max_err, false_alarms : thresholds of the flags; ``max_err`` is label -> largest total
        uncertainty, ``false_alarms`` the share of sound spectra that may be doubted.
    others : predictions of the same spectra by models trained on other grids; with any, ``L_err_grid`` follows.
    other_data : whether the spectra are of another kind than those that the model was calibrated on; ``L_err_grid`` is
        part of the errors and intervals then.
    recalibration : an offset and a scale of each label, see `spectrolabe.predict.recalibration`; their errors are part
        of the errors and intervals.
    """
    predictions = pd.concat([predictions, spread_between_grids(predictions, others, labels)], axis=1)
    predictions = temper_predictions(predictions, {label: calibration["labels"][label] for label in labels})
    if recalibration:
        predictions = apply_recalibration(predictions, recalibration)
    predictions = predictions.assign(**_transforms(predictions, calibration["labels"], recalibration, labels))
    unreadable = predictions["status"] != ""
    raw = [f"{label}{part}" for label in labels for part in ("", *(f"_{part}" for part in (*PARTS, *OF_BINS)))]
    raw = [name for name in raw if name in predictions]
    predictions = predictions.assign(**predictions[raw].mask(unreadable))
    bounds = [
        intervals(predictions, label, calibration["labels"][label], _further_error(predictions, label, other_data))
        .mask(unreadable)
        .astype(np.float32)
        for label in labels
    ]
    quoted = pd.concat([predictions, *bounds], axis=1)
    limits = {"min_snr": min_snr, "max_bad_share": max_bad_share, "max_err": max_err, "false_alarms": false_alarms}
    synthetic = other_data and calibration["calibrated_on"]["origin"] == "synthetic"
    flags = flag_spectra(quoted, labels, ranges=ranges, doubt=calibration["doubt"], on_synthetic=synthetic, **limits)
    of_labels = [_label_columns(quoted, label, flags.pop(f"{label}_flag")) for label in labels]
    known = [name for label in labels for name in (f"{label}_{part}" for part in REFERENCES) if name in predictions]
    known += [name for name in predictions if name.endswith("_true") and name not in known]
    last = [name for name in LAST if name in predictions]
    first = predictions.reindex(columns=FIRST)
    parts = [_single(first, FIRST[4:]), *of_labels, flags, _single(predictions[known], known), predictions[last]]
    return pd.concat(parts, axis=1)


def _transforms(predictions, calibration, recalibration, labels):
    """Where reference labels lie in their distributions, of labels that have both."""
    edges = correct_edges(calibration, recalibration, labels)
    known = {label: ends for label, ends in edges.items() if f"{label}_true" in predictions}
    return {f"{label}_pit": transform_references(predictions, label, ends) for label, ends in known.items()}


def _single(table, columns):
    return table.astype(dict.fromkeys(columns, np.float32))


def _further_error(predictions, label, other_data):
    """What no calibration star shows, in quadrature; None of nothing."""
    names = [f"{label}_recalibration_err"] + ([f"{label}_grid"] if other_data else [])
    terms = [predictions[name].to_numpy(float) ** 2 for name in names if name in predictions]
    return np.sqrt(np.sum(terms, axis=0)) if terms else None


def _label_columns(quoted, label, flag):
    renamed = {f"{label}_{part}": f"{label}_err_{part}" for part in PARTS if f"{label}_{part}" in quoted}
    bounds = [f"{label}_{bound}{level}" for level in LEVELS for bound in ("lo", "hi")]
    of_bins = [f"{label}_{part}" for part in OF_BINS if f"{label}_{part}" in quoted]
    columns = quoted[[label, f"{label}_err", *renamed, *bounds, *of_bins]].rename(columns=renamed).astype(np.float32)
    return columns.assign(**{f"{label}_flag": flag})


def spread_between_grids(
    predictions: pd.DataFrame, others: Sequence[pd.DataFrame], labels: Sequence[str]
) -> pd.DataFrame:
    """Give ``L_grid`` per label: the error to expect on spectra of one grid more, drawn as those of training were.

    It is the square root of 2 times the standard deviation over grids (of a sample) of what models trained on them say
    of a spectrum, in the label's unit: the model's grid and the star's both differ from the mean of all. Grids that
    share code, line data or abundances err alike, so that it is a lower bound on what the choice of a grid does to a
    label; what training anew would change is in it too.

    Parameters
    ----------
    predictions : of one model: ``spectrum_id`` and the labels.
    others : the same of models trained on other grids, rows in any order; without any there are no columns.

    Raises
    ------
    KeyError
        Where another model has no prediction of a spectrum.
    """
    if not others:
        return pd.DataFrame(index=predictions.index)
    aligned = [other.set_index("spectrum_id").loc[predictions["spectrum_id"], labels] for other in others]
    means = np.stack([predictions[labels].to_numpy(float), *(table.to_numpy(float) for table in aligned)])
    spread = np.sqrt(2) * means.std(axis=0, ddof=1)
    return pd.DataFrame(spread, columns=[f"{label}_grid" for label in labels], index=predictions.index)
