"""Doubt about predictions: limits that keep a stated rate of false alarms over three kinds of reasons together."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from spectrolabe.spectra.false_alarms import PER_STEP, Alarm, Tail, fit_alarm, fit_tail

#: Kind of reason -> the column of its score.
KINDS = ("spectrum", "features", "members")
#: Of a verdict on a spectrum, what predictions carry on.
CARRIED = {
    "score": "spectrum_score",
    "telling": "spectrum_telling",
    "worst_wavelength": "spectrum_at",
    "second_velocity": "spectrum_velocity",
    "exposure": "exposure",
}
TINY = 1e-30


def read_judgements(paths: Sequence[Path], names: Iterable[str] | None = None) -> pd.DataFrame:
    """Read how unlike the training spectra each spectrum of some shards is.

    Parameters
    ----------
    names : of the spectra that are wanted, beside those of the calibration part; all without.
    """
    wanted, tables = None if names is None else pa.array(list(names)), []
    for path in paths:
        rows = pq.read_table(path)
        if wanted is not None:
            chosen = pc.is_in(rows["spectrum_id"], wanted)
            if "part" in rows.column_names:
                chosen = pc.or_(chosen, pc.fill_null(pc.equal(rows["part"], "calibration"), False))
            rows = rows.filter(chosen)
        tables.append(rows.to_pandas())
    return pd.concat(tables, ignore_index=True)


def add_judgements(predictions: pd.DataFrame, judgements: pd.DataFrame) -> pd.DataFrame:
    """Put beside each prediction how unlike the training spectra its spectrum is: the columns of `CARRIED`.

    Parameters
    ----------
    predictions : with ``spectrum_id``.
    judgements : with ``spectrum_id`` and the keys of `CARRIED`, rows in any order, perhaps of more spectra.
    """
    found = judgements.set_index("spectrum_id")[[*CARRIED]].rename(columns=CARRIED)
    found = found.reindex(predictions["spectrum_id"]).set_axis(predictions.index)
    return predictions.assign(**found)


def fit_doubts(predictions: pd.DataFrame, judgements: pd.DataFrame, labels: Sequence[str], *, all_sound: bool) -> dict:
    """Learn what is usual of spectra that nothing was fitted to, from a model's calibration part.

    Parameters
    ----------
    predictions : of the calibration part: ``status``, ``feature_distance``, and ``L_epistemic`` per label.
    judgements : of its spectra, see `add_judgements`. Of a screened survey, of all its spectra, with ``part``: those of
        the calibration part count that were left out of it, or the rate would be that of spectra which passed.
    labels : of the model.
    all_sound : whether no spectrum can be in trouble, see `spectrolabe.spectra.false_alarms.fit_tail`.

    Returns
    -------
    ``spectra`` behind the limits; ``alarms`` of the features and of each label's members, over S/N; ``tail``, what
    share of sound spectra has a highest score as high. Where spectra are too few, ``fallback`` says so in words and
    stands in for both.
    """
    rows = add_judgements(predictions[predictions["status"] == ""], judgements)
    rows = rows[rows["exposure"].notna()]
    if len(rows) < PER_STEP:
        return {"spectra": len(rows), "fallback": f"{len(rows)} spectra set no limits, {PER_STEP} would"}
    snr = rows["exposure"].to_numpy(float)
    alarms = {"features": fit_alarm(_log(rows["feature_distance"]), snr)}
    for label in labels:
        # A single member, or several that are alike, have nothing to disagree about.
        if (rows[f"{label}_epistemic"] > 0).all():
            alarms[f"{label}_members"] = fit_alarm(_log(rows[f"{label}_epistemic"]), snr)
    highest = np.fmax.reduce([rows["spectrum_score"].to_numpy(float), *_alarm_scores(rows, alarms).values()])
    sample = np.concatenate([highest, _left_out(judgements, predictions)])
    tail = fit_tail(sample, all_sound=all_sound)
    return {
        "spectra": len(sample),
        "fallback": "",
        "alarms": {name: _plain(alarm) for name, alarm in alarms.items()},
        "tail": _plain(tail),
    }


def _left_out(judgements, predictions):
    if "part" not in judgements:
        return np.empty(0)
    cut = (judgements["part"] == "calibration") & ~judgements["spectrum_id"].isin(predictions["spectrum_id"])
    return judgements.loc[cut, "score"].to_numpy(float)


def score_doubts(predictions: pd.DataFrame, doubt: Mapping) -> pd.DataFrame:
    """Give how doubtful each spectrum is, in minus decimal logarithms of the share of sound spectra that are more so.

    Parameters
    ----------
    predictions : as `add_judgements` gives them, with ``feature_distance`` and the labels' ``L_epistemic``.
    doubt : as `fit_doubts` gives it, or as it was read from JSON.

    Returns
    -------
    The columns of `KINDS`, ``combined`` (the highest), ``L_members`` per label, whose highest is ``members``, and
    ``L_ratio``: how many times what is usual at that S/N the members disagree by. NaN where nothing is known.
    """
    unknown = np.full(len(predictions), np.nan)
    if doubt["fallback"]:
        return pd.DataFrame({name: unknown for name in (*KINDS, "combined")}, index=predictions.index)
    alarms = {name: Alarm(**_arrays(fields)) for name, fields in doubt["alarms"].items()}
    tail = Tail(**_arrays(doubt["tail"]))
    scores = {name: tail.correct(score) for name, score in _alarm_scores(predictions, alarms).items()}
    members = [score for name, score in scores.items() if name != "features"]
    scores["spectrum"] = tail.correct(predictions["spectrum_score"].to_numpy(float))
    scores["members"] = np.fmax.reduce([unknown, *members])
    scores["combined"] = np.fmax.reduce([scores[kind] for kind in KINDS])
    snr = predictions["exposure"].to_numpy(float)
    for name, alarm in alarms.items():
        if name != "features":
            label = name.removesuffix("_members")
            scores[f"{label}_ratio"] = np.exp(_log(predictions[f"{label}_epistemic"]) - alarm.usual(snr))
    return pd.DataFrame(scores, index=predictions.index)


def _alarm_scores(predictions, alarms):
    snr = predictions["exposure"].to_numpy(float)
    columns = {name: name.removesuffix("_members") + "_epistemic" for name in alarms} | {"features": "feature_distance"}
    return {name: alarm.score(_log(predictions[columns[name]]), snr) for name, alarm in alarms.items()}


def _log(values):
    return np.log(np.maximum(values.to_numpy(float), TINY))


def _plain(fitted):
    """Fields of what was fitted, as JSON takes them."""
    return {name: np.asarray(value).tolist() for name, value in vars(fitted).items()}


def _arrays(fields):
    return {name: np.asarray(value) if isinstance(value, list) else value for name, value in fields.items()}
