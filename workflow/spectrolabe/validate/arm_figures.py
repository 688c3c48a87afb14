"""The figure of wavelength arms: bias, scatter and coverage of each alone, of all together, and after calibration."""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from spectrolabe.predict.calibration import LEVELS
from spectrolabe.spectra.labels import unit_of
from spectrolabe.validate.arms import name_source
from spectrolabe.validate.figures import NO_TRUTH
from spectrolabe.validate.style import BLUE, GREY, ORANGE, PALE, draw_message, name_of, new_figure, styled

#: Above each other: title, then column, marker and name of what is drawn.
MEASURES = {
    "bias": [("mean", "o", "mean"), ("median", "D", "median")],
    "scatter": [("std", "o", "standard deviation"), ("scatter", "D", "robust")],
}


@styled
def plot_arms(table: pd.DataFrame) -> Figure:
    """Draw bias, scatter and 68 % coverage (rows) of each label (columns), for each arm and for all together.

    Parameters
    ----------
    table : as `spectrolabe.validate.arms.measure_arms` gives it.
    """
    if table.empty:
        return draw_message(NO_TRUTH)
    labels = list(dict.fromkeys(table["label"]))
    figure = new_figure(2.8 + 2.8 * len(labels), 7.2)
    panels = figure.subplots(3, len(labels), sharex=True, squeeze=False)
    for column, label in enumerate(labels):
        rows = table[table["label"] == label].reset_index(drop=True)
        for axes, (kind, drawn) in zip(panels[:2, column], MEASURES.items(), strict=True):
            _draw_moments(axes, rows, drawn)
            axes.set_ylabel(f"{kind} [{unit_of(label)}]")
        _draw_coverage(panels[2, column], rows)
        panels[0, column].axhline(0, color=GREY, lw=0.8, ls="--", zorder=0)
        panels[0, column].set_title(f"{name_of(label)}, n = {rows['n'].max():,}")
        panels[2, column].set_xticks(range(len(rows)), map(name_source, rows["source"]), rotation=35, ha="right")
        panels[2, column].set_xlim(-0.5, len(rows) - 0.5)
    for axes in panels[:2, -1]:
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    panels[2, 0].set_ylabel("truth in the 68 % interval")
    return figure


def _draw_moments(axes, rows, drawn):
    for (column, marker, name), colour in zip(drawn, (BLUE, ORANGE), strict=True):
        axes.plot(rows.index, rows[column], marker, color=colour, ms=6, label=name)
    axes.grid(axis="y", color=PALE, lw=0.5)
    axes.margins(y=0.2)


def _draw_coverage(axes, rows):
    axes.axhline(LEVELS["68"][0], color=GREY, lw=1, ls="--")
    axes.errorbar(rows.index, rows["coverage68"], rows["error"], fmt="o", color=BLUE, ms=6, capsize=4, lw=1.4)
    axes.set_ylim(0, 1)
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    axes.grid(axis="y", color=PALE, lw=0.5)
