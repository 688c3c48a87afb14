"""The report's tables: what stands in their cells."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from markupsafe import Markup

from spectrolabe.spectra.labels import unit_of
from spectrolabe.validate.benchmarks import GROUPS, SUBSETS, compared_labels
from spectrolabe.validate.scores import FOUR_BINS
from spectrolabe.validate.style import name_of, number

HTML_NAMES = {
    "teff": Markup("<i>T</i><sub>eff</sub>"),
    "logg": Markup("log <i>g</i>"),
    "vsini": Markup("<i>v</i> sin <i>i</i>"),
    "vbroad": Markup("<i>v</i><sub>broad</sub>"),
    "vmic": Markup("<i>v</i><sub>mic</sub>"),
}
#: Subset of the scores -> its words, in the columns of the accuracy table.
ACCURACY = dict(zip(("snr_below_30", "snr_30_60", "snr_60_100", "snr_above_100"), FOUR_BINS, strict=True))
ACCURACY |= {"snr_above_60": "above 60"}
UNKNOWN = "–"


def html_name(label: str) -> str:
    """Give a label's name as a page shows it."""
    return HTML_NAMES.get(label, name_of(label))


def score_rows(scores: Mapping) -> list[dict]:
    """Give a row per label: bias, scatter and coverage of all spectra, and median absolute residuals in bins of S/N."""
    return [
        {
            "name": html_name(label),
            "unit": unit_of(label),
            "n": f"{subsets['all']['n']:,}",
            "bias": number(label, subsets["all"]["bias"], signed=True),
            "scatter": number(label, subsets["all"]["scatter"]),
            "coverages": [_percent(subsets["all"][f"coverage{level}"]) for level in ("68", "95")],
            "accuracies": [_accuracy(label, subsets.get(subset)) for subset in ACCURACY],
        }
        for label, subsets in scores.items()
    ]


def _percent(share):
    return UNKNOWN if share is None else f"{100 * share:.1f} %"


def _accuracy(label, statistics):
    return (number(label, statistics["medae"]), f"{statistics['n']:,}") if statistics else None


def benchmark_table(rows: pd.DataFrame, groups: pd.DataFrame) -> dict:
    """Give the benchmark stars, spectrum by spectrum, and their groups' average quadratic differences.

    Parameters
    ----------
    rows, groups : as `spectrolabe.validate.benchmarks.compare_benchmarks` and ``summarise_groups`` give them.
    """
    labels = compared_labels(rows)
    return {
        "labels": [(html_name(label), unit_of(label)) for label in labels],
        "rows": [
            {
                "star": row["star"],
                "spectrum": row["spectrum_id"],
                "group": row["group"],
                "remarks": [*_remarks(row), *([row["flag_text"]] if isinstance(row["flag_text"], str) else [])],
                "cells": [_benchmark_cell(row, label) for label in labels],
            }
            for _, row in rows.iterrows()
        ],
        "groups": _group_rows(groups, labels),
    }


def _remarks(row):
    if row["used_for_mask"]:
        yield SUBSETS["mask"]
    if not row["inside_range"]:
        yield SUBSETS["outside"]


def _benchmark_cell(row, label):
    parts = ("", "_err", "_literature", "_difference")
    predicted, error, reference, difference = (row[f"{label}{part}"] for part in parts)
    return {
        "predicted": " ± ".join(
            number(label, value, coarse=True) for value in (predicted, error) if np.isfinite(value)
        ),
        "reference": number(label, reference, coarse=True) if np.isfinite(reference) else UNKNOWN,
        "difference": number(label, difference, signed=True, coarse=True) if np.isfinite(difference) else "",
    }


def _group_rows(groups, labels):
    names = GROUPS | {"all": "all groups"}
    found = groups.set_index(["subset", "group", "label"])
    return [
        {
            "group": f"{group}: {names[group]}" if group in GROUPS else names[group],
            "subset": SUBSETS[subset],
            "cells": [_group_cell(found, (subset, group, label)) for label in labels],
        }
        for subset in SUBSETS
        for group in names
        if _is_shown(group, set(groups.loc[groups["subset"] == subset, "group"]))
    ]


def _is_shown(group, present):
    # All groups together say nothing new of a single one.
    return group in present and (group in GROUPS or len(present) > 2)


def _group_cell(found, key):
    if key not in found.index:
        return None
    row, label = found.loc[key], key[-1]
    return {
        "quadratic_mean": number(label, row["quadratic_mean"]),
        "bias": number(label, row["bias"], signed=True),
        "stars": int(row["stars"]),
    }


def cluster_rows(clusters: pd.DataFrame) -> list[dict]:
    """Give a row per star cluster: its mean [Fe/H] with the standard deviation of its stars, beside the literature."""

    def show(value, *, signed=True):
        return number("feh", value, signed=signed, coarse=True) if np.isfinite(value) else UNKNOWN

    return [
        {
            "cluster": row.cluster,
            "stars": row.stars,
            "feh": show(row.feh),
            "spread": show(row.feh_std, signed=False),
            "literature": show(row.feh_literature),
            "difference": show(row.feh - row.feh_literature),
        }
        for row in clusters.itertuples()
    ]


def describe_costs(cost: Mapping) -> dict:
    """Say what a model costs, in words."""
    seconds = cost["training_seconds"]
    rate = cost["spectra_per_second"]
    return {
        "members": cost["members"],
        "parameters": f"{cost['parameters']:,}",
        "training": f"{seconds / 60:.1f} min" if seconds >= 60 else f"{seconds:.0f} s",
        "rate": f"{rate:,.0f}" if rate else "",
    }
