"""Trials of a study of hyperparameters as a table, and how the best of them falls with what has been spent."""

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from spectrolabe.spectra.labels import unit_of
from spectrolabe.train.studies import ALL, write_value
from spectrolabe.validate.style import number

IDENTITY = ["study", "label", "parameter", "value", "state", "settings"]
NOTED = ["epoch", "std", "val_loss"]


def read_trials(paths: Iterable[str | Path], label: str) -> pd.DataFrame:
    """Read the trials of one label, of one study or several.

    Parameters
    ----------
    paths : JSON files of all trials of the studies, in the order in which they are counted.
    label : the label whose trials are wanted; ``all`` of labels that are studied together.

    Returns
    -------
    A row per trial and noted epoch: ``study``, ``label``, ``parameter`` (what is varied; ``base``: nothing), ``value``,
    ``state`` (finished, pruned, failed, not run), ``settings`` (mapping of all that a study can vary), ``repeat`` (seed
    or fold), ``epoch``, ``std`` (standard deviation of the residuals, the label's unit; without one of ``all``) and
    ``val_loss``. A trial without noted epochs has one row, whose ``epoch`` and numbers are NaN.
    """
    trials = [json.loads(Path(path).read_text(encoding="utf-8")) for path in paths]
    rows = [
        {name: trial[name] for name in IDENTITY}
        | {"repeat": trial["fold"] if "fold" in trial else trial["seed"]}
        | {name: noted.get(name) for name in NOTED}
        for trial in trials
        if trial["label"] == label
        for noted in trial["epochs"] or [{}]
    ]
    table = pd.DataFrame(rows, columns=[*IDENTITY, "repeat", *NOTED])
    table = table.astype({"value": str} | dict.fromkeys(NOTED, float))
    return table.replace(dict.fromkeys(NOTED, [np.inf, -np.inf]), np.nan)


def write_error(label: str, value: float) -> str:
    """Write an error with its unit; that of all labels together counts in the spread of the training labels."""
    return f"{number(label, value)} {'of the spread' if label == ALL else unit_of(label)}"


def average_seeds(trials: pd.DataFrame, parameter: str, measured: str = "std") -> pd.DataFrame:
    """Average the errors at each value of a parameter, epoch by epoch, over seeds or folds (and, in a grid, all else).

    Parameters
    ----------
    trials : of one label and study, as `read_trials` gives them.
    parameter : a name among the settings; trials that vary another one alone are left out.
    measured : ``std``, or ``val_loss``.

    Returns
    -------
    A row per value and epoch: ``chosen`` (the value as text), ``epoch``, ``mean``, ``spread`` (standard deviation over
    the trials; 0 of one) and ``count``.
    """
    others = {name for settings in trials["settings"] for name in settings} - {parameter}
    rows = trials[~trials["parameter"].isin(others)].dropna(subset=["epoch", measured])
    rows = rows.assign(chosen=[write_value(settings.get(parameter)) for settings in rows["settings"]])
    groups = rows.groupby(["chosen", "epoch"], sort=False)[measured]
    return groups.agg(mean="mean", spread=lambda values: values.std(ddof=0), count="size").reset_index()


def best_so_far(trials: pd.DataFrame) -> pd.DataFrame:
    """Give the lowest error that a study has found after so many epochs of training.

    Parameters
    ----------
    trials : of one label and study, as `read_trials` gives them; their order is that in which epochs are counted, and
        the seeds or folds of a trial count together, by their mean. One that failed with any of them is none of the
        best, and counts as a whole one.

    Returns
    -------
    A row per trial and noted epoch: ``spent`` (epochs of training up to there, all trials and seeds), ``std`` (of the
    trial there) and ``best`` (the lowest so far), in the label's unit.
    """
    last, spent, rows = trials["epoch"].max(), 0.0, []
    for _, trial in trials[trials["state"] != "not run"].groupby(["parameter", "value"], sort=False):
        runs = trial.groupby("repeat").agg(state=("state", "first"), epoch=("epoch", "max"))
        failed = runs["state"] == "failed"
        for epoch, noted in trial.groupby("epoch"):
            rows.append({"spent": spent + epoch * len(noted), "std": np.nan if failed.any() else noted["std"].mean()})
        spent += runs["epoch"].mask(failed, last).sum()
    table = pd.DataFrame(rows, columns=["spent", "std"])
    return table.assign(best=table["std"].cummin())
