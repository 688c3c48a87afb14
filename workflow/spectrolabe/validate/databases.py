"""Databases beside each other: how well networks do that were trained on sets of other sizes, or other kinds of copies.

The statistic is that of tables 3 and 5 of Open Astronomy 31, 38 (2022): the standard deviation of
predicted minus true labels, on what a network was trained on, on its validation spectra, and on tests.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from spectrolabe.validate.scores import labels_with_truth, robust_sigma

COLUMNS = ["set", "model", "spectra", "part", "label", "subset", "n", "std", "scatter"]
#: The subset of all spectra.
ALL = "all"
TRAINING = "training"


def read_residuals(catalogue: str | Path, below: Iterable[str]) -> pd.DataFrame:
    """Read what a model says of a part of a set and the truths, ``L`` and ``L_true`` of its labels, a row per spectrum.

    Parameters
    ----------
    catalogue : Parquet file; of its columns, no others are read.
    below : labels whose ``L_true`` are wanted too, whether the model predicts them or not.

    Raises
    ------
    ValueError
        Where the catalogue lacks one of these.
    """
    names = pq.read_schema(catalogue).names
    labels = [name for name in names if f"{name}_true" in names]
    wanted = [*labels, *dict.fromkeys(f"{label}_true" for label in [*labels, *below])]
    missing = [name for name in wanted if name not in names]
    if missing:
        found = f"no column {', '.join(missing)}"
        raise ValueError(f"{catalogue}: {found}; expected the true value of every label of databases.below")
    return pd.read_parquet(catalogue, columns=wanted)


def compare_databases(
    residuals: Iterable[tuple[str, str, str, pd.DataFrame]], below: Mapping[str, float]
) -> pd.DataFrame:
    """Score every model on its own set's parts and on tests, in all and where other labels are small.

    Parameters
    ----------
    residuals : (set trained on, model, part, table as `read_residuals` gives it); the part is ``training``,
        ``validation`` or the name of a test, and a model's training part comes before its others.
    below : label -> value below which spectra are scored apart, in the label's unit.

    Returns
    -------
    A row per model, part, label and subset, in their order: ``set``, ``model``, ``spectra`` (number that the model was
    trained on), ``part``, ``label``, ``subset`` (``all``, or such as ``vsini < 100``), ``n``, ``std`` (plain standard
    deviation of predicted minus true) and ``scatter`` (robust), in the label's unit; NaN of no spectra.
    """
    counts, rows = {}, []
    for name, model, part, table in residuals:
        if part == TRAINING:
            counts[model] = len(table)
        first = {"set": name, "model": model, "spectra": counts[model], "part": part}
        rows += [
            first | {"label": label, "subset": subset} | _spread(chosen, label)
            for label in labels_with_truth(table)
            for subset, chosen in _subsets(table, below).items()
        ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _subsets(table, below):
    limited = {f"{label} < {limit:g}": table[table[f"{label}_true"] < limit] for label, limit in below.items()}
    return {ALL: table} | limited


def _spread(rows, label):
    residual = (rows[label] - rows[f"{label}_true"]).dropna().to_numpy(float)
    if not residual.size:
        return {"n": 0, "std": np.nan, "scatter": np.nan}
    return {"n": residual.size, "std": residual.std(), "scatter": robust_sigma(residual)}


def name_databases(comparison: pd.DataFrame) -> pd.Series:
    """Name the database of every row: its set, so that networks for one label each, trained on it, stand together.

    A model that shares a label with those before it on the same set stands alone, as ``<set> (<model>)``.
    """
    names, taken = {}, {}
    for (name, model), rows in comparison.groupby(["set", "model"], sort=False):
        labels = {*rows["label"]}
        together = not labels & taken.setdefault(name, set())
        names[model] = name if together else f"{name} ({model})"
        if together:
            taken[name] |= labels
    return comparison["model"].map(names)
