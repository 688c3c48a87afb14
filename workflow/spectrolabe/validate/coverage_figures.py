"""Figures of the intervals: how often they hold the truth, bin by bin, and PIT histograms."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator, PercentFormatter

from spectrolabe.predict.calibration import LEVELS
from spectrolabe.validate.coverage import PIT_EDGES, histogram_transforms, measure_coverage
from spectrolabe.validate.figures import NO_TRUTH
from spectrolabe.validate.scores import labels_with_truth
from spectrolabe.validate.style import (
    BLUE,
    COLOURS,
    GREY,
    INK,
    PALE,
    axis_name,
    draw_message,
    name_of,
    new_figure,
    panel_grid,
    styled,
)

NO_INTERVALS = "No intervals in this dataset"
MIN_STARS = 20  # fewer say nothing of a share


@styled
def plot_coverage(catalogue: pd.DataFrame) -> Figure:
    """Draw how often intervals hold the truth: at four levels, and at 68 % by S/N and labels, with binomial errors.

    Bins of fewer than `MIN_STARS` stars are left out; where none is left, so are their panels.

    Parameters
    ----------
    catalogue : as `spectrolabe.validate.coverage.measure_coverage` takes it.
    """
    if not labels_with_truth(catalogue):
        return draw_message(NO_TRUTH)
    table = measure_coverage(catalogue)
    if table.empty:
        return draw_message(NO_INTERVALS)
    of_bins = table[(table["level"] == "68") & (table["n"] >= MIN_STARS)]
    kinds = [kind for kind in dict.fromkeys(of_bins["bins"]) if kind != "all"]
    figure = new_figure(10.5, 7.4 if kinds else 4.0)
    rows = figure.add_gridspec(2, 1, height_ratios=[1.15, 1]) if kinds else figure.add_gridspec(1, 1)
    labels = list(dict.fromkeys(table["label"]))
    _draw_levels(figure.add_subplot(rows[0]), table[table["bins"] == "all"], labels)
    columns = rows[1].subgridspec(1, len(kinds), wspace=0.06) if kinds else None
    first = None
    for index, kind in enumerate(kinds):
        first = _draw_bins(figure.add_subplot(columns[index], sharey=first), of_bins[of_bins["bins"] == kind], labels)
        if index:
            first.tick_params(labelleft=False)
        else:
            first.set_ylabel("truth in the 68 % interval")
        if index == len(kinds) - 1:
            first.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
        first.set_xlabel("S/N per pixel" if kind == "snr" else axis_name(kind, "reference "))
    return figure


def _draw_levels(axes, table, labels):
    for (level, (claimed, _)), colour in zip(LEVELS.items(), COLOURS, strict=False):
        axes.axhline(claimed, color=colour, lw=1.2, ls="--")
        rows = table[table["level"] == level]
        places = [labels.index(label) for label in rows["label"]]
        error = np.sqrt(rows["coverage"] * (1 - rows["coverage"]) / rows["n"])
        axes.errorbar(places, rows["coverage"], error, fmt="o", ms=7, color=colour, capsize=4, lw=1.6)
        axes.plot([], [], "o--", color=colour, label=f"{level} % interval, claimed {100 * claimed:g} %")
    axes.set_xticks(range(len(labels)), [name_of(label) for label in labels], color=INK)
    axes.set(xlim=(-0.6, len(labels) - 0.4), ylim=(min(0.4, table["coverage"].min() - 0.05), 1.02))
    axes.set_ylabel("stars whose truth is inside")
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    axes.set_title(f"Claimed intervals (dashed), measured on {table['n'].max():,} stars (points)")
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))


def _draw_bins(axes, table, labels):
    claimed = LEVELS["68"][0]
    axes.axhline(claimed, color=INK, lw=0.9, ls="--")
    for index, label in enumerate(labels):
        rows = table[table["label"] == label]
        # The last bin of S/N has no end: its edge stands half as far again.
        high = np.where(np.isfinite(rows["high"]), rows["high"], 1.5 * rows["low"])
        middle, colour = (rows["low"] + high) / 2, COLOURS[index % len(COLOURS)]
        error = np.sqrt(rows["coverage"] * (1 - rows["coverage"]) / rows["n"])
        style = {"fmt": "o-", "ms": 4, "color": colour, "lw": 1.2, "capsize": 2}
        axes.errorbar(middle, rows["coverage"], error, label=name_of(label), **style)
    axes.yaxis.set_major_locator(MultipleLocator(0.05))
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    return axes


@styled
def plot_pit(catalogue: pd.DataFrame) -> Figure:
    """Draw where truths lie in their predicted distributions: even where these are true, a hill where too wide.

    Parameters
    ----------
    catalogue : as `spectrolabe.validate.coverage.histogram_transforms` takes it.
    """
    if not labels_with_truth(catalogue):
        return draw_message(NO_TRUTH)
    table = histogram_transforms(catalogue)
    labels = list(dict.fromkeys(table["label"]))
    if not labels:
        return draw_message(NO_INTERVALS)
    figure = new_figure(3.5 * min(3, len(labels)), 2.5 * -(-len(labels) // 3))
    for label, axes in panel_grid(figure, labels).items():
        shares = table.loc[table["label"] == label, "share"]
        count = (catalogue[f"{label}_true"].notna() & catalogue[f"{label}_lo68"].notna()).sum()
        chance = np.sqrt(0.1 * 0.9 / max(count, 1))
        axes.axhspan(0.1 - 2 * chance, 0.1 + 2 * chance, color=PALE, lw=0)
        axes.stairs(shares, PIT_EDGES, color=BLUE, lw=1.8)
        axes.axhline(0.1, color=GREY, lw=1, ls="--")
        axes.set(xlim=(0, 1), ylim=(0, max(0.2, 1.1 * shares.max())), xlabel="probability transform")
        axes.set_title(f"{name_of(label)}, n = {count:,}")
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    return figure
