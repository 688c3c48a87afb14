"""The report's tables: what stands in their cells."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from markupsafe import Markup

from spectrolabe.spectra.labels import unit_of
from spectrolabe.validate.benchmarks import GROUPS, SUBSETS, compared_labels
from spectrolabe.validate.scores import FEW, FOUR_BINS
from spectrolabe.validate.style import UNKNOWN, name_of, number, percent

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
#: Subset of the scores -> its words, where true and a survey's labels stand beside each other.
SETS = {
    "all": "all",
    "snr_above_30": "S/N of 30 and more",
    "inner": "inner",
    "inner_snr_above_30": "inner, S/N of 30 and more",
    "inner_snr_below_30": "inner, S/N below 30",
    "outer": "outer",
}


def html_name(label: str) -> str:
    """Give a label's name as a page shows it."""
    return HTML_NAMES.get(label, name_of(label))


def table_of(title: str, text: str, columns: Mapping[str, str], rows: Iterable[Mapping]) -> dict:
    """Give a table as the page shows it: heading, note, headings of the columns and rows of cells, the first a name.

    Parameters
    ----------
    columns : key of a row -> heading of its column; one in which no row says anything is left out.
    rows : what stands in the columns; a ``label`` is shown by its symbol, with its unit.
    """
    rows = list(rows)
    told = {key: words for key, words in columns.items() if any(row[key] not in ("", UNKNOWN) for row in rows)}
    cells = [[_with_unit(row[key]) if key == "label" else row[key] for key in told] for row in rows]
    return {"title": title, "text": text, "columns": list(told.values()), "rows": cells}


def _with_unit(label):
    return Markup("{} <small>{}</small>").format(html_name(label), unit_of(label))


def score_rows(scores: Mapping) -> list[dict]:
    """Give a row per label: bias, scatter and coverage of all spectra, and median absolute residuals in bins of S/N."""
    return [
        {
            "name": html_name(label),
            "unit": unit_of(label),
            "n": f"{subsets['all']['n']:,}",
            "bias": number(label, subsets["all"]["bias"], signed=True),
            "scatter": number(label, subsets["all"]["scatter"]),
            "coverages": [percent(subsets["all"][f"coverage{level}"]) for level in ("68", "95")],
            "accuracies": [_accuracy(label, subsets.get(subset)) for subset in ACCURACY],
        }
        for label, subsets in scores.items()
    ]


def _accuracy(label, statistics):
    return (number(label, statistics["medae"]), f"{statistics['n']:,}") if statistics else None


def accuracy_table(scores: Mapping) -> dict | None:
    """Show how labels agree with the true ones and, beside them, with the survey's own, set by set.

    Parameters
    ----------
    scores : the content of ``validate/scores/{model}/{dataset}.json``.

    Returns
    -------
    A table, see `table_of`; None where neither the truth is known beside the survey's labels nor spectra were screened,
    unless the stars are `FEW`, such as a handful that tests alone.
    """
    survey, found = scores.get("survey", {}), {name for subsets in scores["labels"].values() for name in subsets}
    counts = [subsets["all"]["n"] for subsets in scores["labels"].values() if "all" in subsets]
    few = bool(counts) and max(counts) <= FEW
    if not survey and "outer" not in found and not few:
        return None
    references = {"true": scores["labels"]} | ({"survey": survey} if survey else {})
    columns = {"label": "label", "set": "spectra", "n": "n"}
    for name, words in {"true": "true labels" if survey else "given labels", "survey": "survey’s labels"}.items():
        columns |= {name: words, f"{name}_inside": "inside 68 %"} if name in references else {}
    rows = [
        {"label": label, "set": words, "n": f"{subsets[subset]['n']:,}"}
        | {key: cell for of in references for key, cell in _agreement(label, references[of], subset, of).items()}
        for label, subsets in scores["labels"].items()
        for subset, words in SETS.items()
        if subset in subsets
    ]
    text = (
        "Mean ± standard deviation of predicted minus reference, and the share of references within the 68 % interval."
    )
    text += " Inner and outer: spectra in no part of a set." if "outer" in found else ""
    alone = "Inner and outer spectra" if "outer" in found else "Few stars: bias and scatter"
    title = "Against true and against the survey’s labels" if survey else alone
    return table_of(title, text, columns, rows)


def _agreement(label, scores, subset, name):
    statistics = scores.get(label, {}).get(subset)
    if statistics is None:
        return {name: UNKNOWN, f"{name}_inside": UNKNOWN}
    mean, std = number(label, statistics["mean"], signed=True), number(label, statistics["std"])
    return {name: f"{mean} ± {std}", f"{name}_inside": percent(statistics["coverage68"])}


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
