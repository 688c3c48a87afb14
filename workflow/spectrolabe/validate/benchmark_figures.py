"""Benchmark stars beside the literature, in the groups that published tables average over."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from spectrolabe.predict.flags import is_doubted
from spectrolabe.spectra.labels import unit_of
from spectrolabe.validate.benchmarks import GROUPS, SUBSETS, compared_labels, quadratic_mean_difference
from spectrolabe.validate.style import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    PALE,
    axis_name,
    draw_message,
    new_figure,
    number,
    styled,
)

RED = "#cc0000"
SPREAD = 0.5  # width, in stars, that the spectra of one star are drawn over
#: Subset -> how its stars are drawn.
MARKS = {
    "compared": {"color": BLUE, "mec": BLUE},
    "cooler": {"color": ORANGE, "mec": ORANGE, "marker": "v"},
    "outside": {"color": BLUE, "mec": RED, "mew": 2},
    "mask": {"color": GREY, "mec": GREY, "marker": "s"},
}


@styled
def plot_benchmark_stars(rows: pd.DataFrame) -> Figure:
    """Draw predicted minus literature labels star by star in their groups, with both errors joined.

    Parameters
    ----------
    rows : as `spectrolabe.validate.benchmarks.compare_benchmarks` gives them. Stars outside the training range have red
        outlines, cooler ones are triangles, those that a mask was learned from grey squares, flagged spectra open.
    """
    labels = [label for label in compared_labels(rows) if rows[f"{label}_difference"].notna().any()]
    if not labels:
        return draw_message("No spectrum of a benchmark star in this dataset")
    stars = rows["star"].drop_duplicates().tolist()
    figure = new_figure(float(np.clip(0.42 * len(stars) + 2.5, 7.5, 17)), 1.85 * len(labels) + 1.5)
    panels = figure.subplots(len(labels), 1, sharex=True, squeeze=False)[:, 0]
    places, flagged = _place_spectra(rows, stars), is_doubted(rows["flag"]).to_numpy()
    for axes, label in zip(panels, labels, strict=True):
        axes.axhline(0, color=INK, lw=0.8)
        axes.grid(axis="x", color=PALE, lw=0.5)
        _draw_differences(axes, rows, label, places, flagged)
        axes.set_ylabel(axis_name(label, "Δ "))
        axes.set_title(_describe_groups(rows[rows["subset"] == "compared"], label), fontsize=9, fontweight="normal")
    _separate_groups(panels, rows, stars)
    figure.legend(handles=_legend(rows, flagged), loc="outside lower center", ncols=2)
    panels[-1].set_xticks(range(len(stars)), stars, rotation=60, ha="right", rotation_mode="anchor", color=INK)
    panels[-1].set_xlim(-0.7, len(stars) - 0.3)
    return figure


def _place_spectra(rows, stars):
    number_of = rows.groupby("star").cumcount()
    count = rows.groupby("star")["star"].transform("size")
    return (rows["star"].map(stars.index) + SPREAD * ((number_of + 0.5) / count - 0.5)).to_numpy(float)


def _draw_differences(axes, rows, label, places, flagged):
    for name, mark in MARKS.items():
        for chosen, face in ((~flagged, mark["color"]), (flagged, "white")):
            chosen = chosen & (rows["subset"] == name).to_numpy()
            difference, error = rows.loc[chosen, f"{label}_difference"], rows.loc[chosen, f"{label}_difference_err"]
            style = (
                {"ls": "", "marker": "o", "ms": 6, "capsize": 2.5, "capthick": 1.2, "lw": 1.2} | mark | {"mfc": face}
            )
            axes.errorbar(places[chosen], difference, error, **style)


def _legend(rows, flagged):
    style = {"ls": "", "ms": 7, "marker": "o"}
    handles = [
        Line2D([], [], **style | mark, label=SUBSETS[name])
        for name, mark in MARKS.items()
        if (rows["subset"] == name).any()
    ]
    return handles + [Line2D([], [], **style, mfc="white", mec=BLUE, label="flagged")] * bool(flagged.any())


def _separate_groups(panels, rows, stars):
    group_of = rows.drop_duplicates("star").set_index("star")["group"]
    for group in GROUPS:
        places = [place for place, star in enumerate(stars) if group_of[star] == group]
        if not places:
            continue
        name = f"{group} ({len(places)})"
        panels[0].annotate(
            name, ((places[0] + places[-1]) / 2, 1), xycoords=("data", "axes fraction"), xytext=(0, 24),
            textcoords="offset points", ha="center", fontweight="bold", annotation_clip=False,
        )  # fmt: skip
        if places[0]:
            for axes in panels:
                axes.axvline(places[0] - 0.5, color=GREY, lw=0.8, ls="--")


def _describe_groups(rows, label):
    texts = []
    for group in GROUPS:
        members = rows[rows["group"] == group]
        value = quadratic_mean_difference(members, label)
        if np.isfinite(value):
            count = members.loc[members[f"{label}_difference"].notna(), "star"].nunique()
            texts.append(f"{group} {number(label, value)} {unit_of(label)} (n = {count})")
    return "average quadratic difference: " + ("; ".join(texts) or "no star inside the training range")
