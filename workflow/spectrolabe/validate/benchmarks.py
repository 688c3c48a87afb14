"""Benchmark stars: predicted labels beside those of the literature."""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from spectrolabe.predict.flags import OUTSIDE_TRAINING_RANGE

#: The most parts that a star's name is written in: ``61_Cyg_B``, ``alf_Cen_A``.
NAME_PARTS = 3


def read_benchmarks(path: Path) -> pd.DataFrame:
    """Read the benchmark stars: a row each with ``name``, ``aliases``, labels and ``<label>_err`` (NaN = unknown)."""
    return pd.read_csv(path, dtype={"name": str, "aliases": str}, keep_default_na=True).fillna({"aliases": ""})


def match_stars(ids: pd.DataFrame, table: pd.DataFrame) -> pd.Series:
    """Name the benchmark star that each spectrum is of; NaN where it is of none in the table.

    A star is found by its ``source_id``, else by whole parts of the ``spectrum_id`` (``UVES_betHyi-1_47000``,
    ``HD-22879``), whatever their case; of several names in one identifier the longest counts.

    Parameters
    ----------
    ids : ``spectrum_id`` and ``source_id``, one row per spectrum.
    table : as `read_benchmarks` gives it.
    """
    names = _index_names(table)
    stars = []
    for spectrum, source in zip(ids["spectrum_id"], ids["source_id"], strict=True):
        star = names.get(_simplify(source)) if isinstance(source, str) else None
        stars.append(star or _find_name(spectrum, names))
    return pd.Series(stars, index=ids.index, dtype=object, name="star").fillna(np.nan)


def compare_benchmarks(catalogue: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Put predicted beside literature labels, one row per spectrum of a benchmark star, the Sun first.

    Returns
    -------
    ``spectrum_id``, ``star``, ``snr``, ``flag``, ``flag_text``, and for every label of both tables ``L``, ``L_err``,
    ``L_literature``, ``L_literature_err``, ``L_difference`` (predicted minus literature) and ``L_difference_err`` (both
    errors in quadrature; an error that the literature does not give counts as 0).
    """
    stars = match_stars(catalogue, table)
    known = catalogue[stars.notna()]
    literature = table.set_index("name").loc[stars.dropna()].set_index(known.index)
    kept = ["spectrum_id", "snr", "flag", "flag_text"]
    rows = known.reindex(columns=kept)
    rows.insert(1, "star", stars.dropna())
    for label in [name for name in table if f"{name}_err" in table and name in catalogue]:
        rows[label], rows[f"{label}_err"] = known[label], known[f"{label}_err"]
        rows[f"{label}_literature"] = literature[label]
        rows[f"{label}_literature_err"] = literature[f"{label}_err"]
        rows[f"{label}_difference"] = known[label] - literature[label]
        rows[f"{label}_difference_err"] = np.hypot(known[f"{label}_err"], literature[f"{label}_err"].fillna(0))
    order = rows["star"].map({name: number for number, name in enumerate(table["name"])})
    return rows.iloc[np.argsort(order.to_numpy(), kind="stable")].reset_index(drop=True)


def compared_labels(rows: pd.DataFrame) -> list[str]:
    """Name the labels that a comparison holds."""
    return [column.removesuffix("_difference") for column in rows if column.endswith("_difference")]


def within_range(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep the spectra whose labels were not flagged as outside the training range."""
    return rows[rows["flag"].fillna(0).astype(int) & OUTSIDE_TRAINING_RANGE == 0]


def quadratic_mean_difference(rows: pd.DataFrame, label: str) -> float:
    """Give the root mean square of the differences from the literature (label's unit); NaN where none is known."""
    difference = rows[f"{label}_difference"].dropna()
    return float(np.sqrt(np.mean(difference**2))) if len(difference) else np.nan


def summarise(rows: pd.DataFrame) -> pd.DataFrame:
    """Summarise a comparison per label (index): ``n``, ``bias`` (mean difference), ``quadratic_mean``.

    The same columns ending in ``_within`` are of the spectra within the training range.
    """
    summary = {}
    for label in compared_labels(rows):
        parts = {}
        for suffix, chosen in (("", rows), ("_within", within_range(rows))):
            difference = chosen[f"{label}_difference"].dropna()
            parts[f"n{suffix}"] = len(difference)
            parts[f"bias{suffix}"] = difference.mean()
            parts[f"quadratic_mean{suffix}"] = quadratic_mean_difference(chosen, label)
        summary[label] = parts
    return pd.DataFrame.from_dict(summary, orient="index")


def _index_names(table):
    return {
        _simplify(alias): name
        for name, aliases in zip(table["name"], table["aliases"], strict=True)
        for alias in [name, *aliases.split(";")]
        if alias
    }


def _simplify(name):
    letters = re.sub(r"[^0-9a-z]", "", name.lower())
    return re.sub(r"^(hd|hip|hr)0+(?=\d)", r"\1", letters)


def _find_name(spectrum, names):
    parts = [part for part in re.split(r"[\s_.+/\\-]+", spectrum) if part]
    runs = [parts[first : first + count] for count in range(1, NAME_PARTS + 1) for first in range(len(parts))]
    found = [name for name in (_simplify("".join(run)) for run in runs) if name in names]
    return names[max(found, key=len)] if found else None
