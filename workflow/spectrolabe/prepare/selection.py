"""Selection: which observed spectra are good enough to train on, what cut the others, and how alike the parts are."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from scipy.stats import ks_2samp

from spectrolabe.acquire.conditions import ConditionError, evaluate_conditions
from spectrolabe.acquire.manifests import fill_text
from spectrolabe.prepare.parts import PARTS
from spectrolabe.prepare.splitting import assign_parts
from spectrolabe.spectra.slices import read_named

READABLE = "status = ''"
NEEDED = ("spectrum_id", "source_id", "status")
#: Spectra that conditions are evaluated on at once, as SQLite holds a copy; those about other spectra are on all.
BLOCK = 200_000
QUANTILES = {"lowest": 0.0, "q05": 0.05, "median": 0.5, "q95": 0.95, "highest": 1.0}


@dataclass(frozen=True)
class Selection:
    """What a set takes of a survey.

    ``spectra`` has one row per spectrum: spectrum_id, source_id, selected, ``part`` ("" where not selected) and
    ``cut``, the first condition that it fails (""); ``cuts`` has one row per condition in order: condition, failed,
    failed_alone (spectra that no other condition cuts) and left (spectra that meet it and all before it); ``coverage``
    is of `label_coverage`.
    """

    spectra: pd.DataFrame
    cuts: pd.DataFrame
    coverage: pd.DataFrame


def list_columns(shards: Sequence[str | Path]) -> list[str]:
    """Name the columns that prepared shards have beside the spectra."""
    names = dict.fromkeys(name for path in shards for name in pq.read_schema(path).names)
    return [name for name in names if name not in ("flux", "ivar")]


def read_rows(shards: Sequence[str | Path], used: Sequence[str] | None = None) -> pd.DataFrame:
    """Read what prepared shards say of their spectra, without the spectra; missing text is empty.

    Parameters
    ----------
    used : texts that name the wanted columns, such as conditions and labels, beside `NEEDED`; all without.
    """
    words = None if used is None else {word.lower() for text in (*used, *NEEDED) for word in re.findall(r"\w+", text)}
    tables = []
    for path in shards:
        names = list_columns([path])
        # A name with other characters than those of a word may be written in several ways.
        chosen = [name for name in names if words is None or name.lower() in words or not name.isidentifier()]
        tables.append(pd.read_parquet(path, columns=chosen))
    return fill_text(pd.concat(tables, ignore_index=True))


def select_spectra(
    table: pd.DataFrame,
    *,
    name: str,
    conditions: Sequence[str],
    labels: Sequence[str],
    split: Mapping[str, float],
    seed: int,
    labelled: bool = True,
    columns: Sequence[str] = (),
) -> Selection:
    """Select the spectra that can be read, have a label, and meet a set's conditions.

    Parameters
    ----------
    table : one row per spectrum, as `read_rows` gives it.
    name : the set's, for messages.
    conditions : see `spectrolabe.acquire.conditions.evaluate_conditions`; a missing value fails a condition.
    labels : of the set.
    labelled : whether spectra without any of the labels are left out; a set that only tests takes them too, and the
        survey need not have the columns.
    split, seed : see `spectrolabe.prepare.splitting.assign_parts`.
    columns : all that the survey has, for messages, where the table has fewer.

    Raises
    ------
    ValueError
        Where a condition cannot be evaluated, or the table lacks a label.
    """
    missing = [label for label in labels if label not in table]
    if missing and labelled:
        wanted = "its catalogue must give the recipe's labels"
        raise ValueError(f"set {name!r}: the survey has no column {missing[0]!r}: {wanted}")
    known = [" OR ".join(f"{label} IS NOT NULL" for label in labels)] if labelled else []
    conditions = list(dict.fromkeys([READABLE, *known, *conditions]))
    try:
        met = _evaluate(table, conditions)
    except ConditionError as error:
        known = ", ".join(columns or table)
        raise ValueError(f"set {name!r}: {error}; expected SQL over the columns {known}") from error
    selected = met.all(axis=0)
    parts = np.where(selected, assign_parts(table["source_id"], split, seed), "")
    first = np.where(selected, "", np.array(conditions, object)[np.argmin(met, axis=0)])
    spectra = table[["spectrum_id", "source_id"]].assign(selected=selected, part=parts, cut=first)
    coverage = label_coverage(table.assign(part=parts)[selected], [label for label in labels if label in table])
    return Selection(spectra, _count_cuts(conditions, met), coverage)


def _evaluate(table, conditions):
    together = any(re.search(r"\bselect\b", condition, re.IGNORECASE) for condition in conditions)
    step, met = max(len(table), 1) if together else BLOCK, []
    for start in range(0, max(len(table), 1), step):
        rows = table.iloc[start : start + step]
        found = evaluate_conditions({column: rows[column].tolist() for column in rows}, conditions)
        met.append(np.array([found[condition] for condition in conditions], bool).reshape(len(conditions), len(rows)))
    return np.concatenate(met, axis=1)


def _count_cuts(conditions, met):
    alone = ~met & ((~met).sum(axis=0) == 1)
    left = np.logical_and.accumulate(met, axis=0)
    counts = {"failed": ~met, "failed_alone": alone, "left": left}
    return pd.DataFrame({"condition": conditions} | {name: rows.sum(axis=1) for name, rows in counts.items()})


def label_coverage(table: pd.DataFrame, labels: Sequence[str]) -> pd.DataFrame:
    """Tell how each part covers the labels: n (stars with the label), lowest, q05, median, q95, highest, and ``ks_p``.

    ``ks_p`` is the probability of a difference from the training part as large as this, or larger, if both are drawn
    from one distribution (Kolmogorov and Smirnov). A star counts once, by its first spectrum.

    Parameters
    ----------
    table : source_id, part and labels of the selected spectra.
    """
    stars = table.drop_duplicates("source_id")
    training = stars[stars["part"] == "training"]
    rows = []
    for part in reversed(PARTS):
        for label in labels:
            values, trained = (some[label].dropna() for some in (stars[stars["part"] == part], training))
            quantiles = dict(zip(QUANTILES, values.quantile(list(QUANTILES.values())), strict=True))
            row = {"part": part, "label": label, "n": len(values)} | quantiles | {"ks_p": np.nan}
            if part != "training" and min(len(values), len(trained)) > 1:
                row["ks_p"] = ks_2samp(values, trained, method="asymp").pvalue
            rows.append(row)
    return pd.DataFrame(rows, columns=["part", "label", "n", *QUANTILES, "ks_p"])


def read_chosen(selection: str | Path | None, screening: str | Path | None, names: Sequence[str]) -> set[str] | None:
    """Say which of some spectra a set may take: selected, and sound where they were screened; None where it takes all.

    Parameters
    ----------
    selection : Parquet with the columns spectrum_id and selected, where the set has conditions.
    screening : Parquet with the columns spectrum_id and sound, where the survey is screened.
    names : of the spectra; of no others anything is kept in memory.
    """
    chosen = None
    for path, column in ((selection, "selected"), (screening, "sound")):
        if path:
            table = read_named(path, names, ["spectrum_id", column])
            found = set(table.loc[table[column].astype(bool), "spectrum_id"])
            chosen = found if chosen is None else chosen & found
    return chosen
