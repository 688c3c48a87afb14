"""The figure of the synthetic gap: maps of raw and prepared spectra, and how well neighbours tell them apart."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from spectrolabe.validate.style import COLOURS, GREY, INK, PALE, draw_message, new_figure, styled

TITLES = {"raw": "Raw", "prepared": "Prepared, as the networks see them"}
SHAPES = "^sDvPX*"


@styled
def plot_gap(table: pd.DataFrame, numbers: Mapping) -> Figure:
    """Draw the maps of raw and prepared spectra side by side, and beside them what a classifier makes of each source.

    Parameters
    ----------
    table, numbers : as `spectrolabe.validate.gap.measure_gap` gives them.
    """
    observed = numbers["observed"]
    if table.empty:
        return draw_message(f"No usable spectra in {observed}")
    sources = [source for source in dict.fromkeys(table["source"]) if source != observed]
    looks = {source: (COLOURS[n % 6], SHAPES[n % len(SHAPES)]) for n, source in enumerate(sources)}
    figure = new_figure(13.5, 5.4)
    left, middle, right = figure.subplots(1, 3, width_ratios=[1, 1, 0.72])
    size = float(np.clip(9000 / len(table), 6, 40))
    for axes, stage in ((left, "raw"), (middle, "prepared")):
        for source, rows in table.groupby("source"):
            colour, shape = looks.get(source, (GREY, "o"))
            points = rows[f"{stage}_x"], rows[f"{stage}_y"]
            axes.scatter(*points, s=size, color=colour, marker=shape, lw=0, alpha=0.65)
        axes.set(xticks=[], yticks=[], title=TITLES[stage])
        axes.spines[:].set_visible(True)
    _draw_scores(right, numbers, looks)
    marks = {f"observed: {observed}": (GREY, "o")} | looks
    handles = [Line2D([], [], ls="", color=colour, marker=mark, ms=6) for colour, mark in marks.values()]
    left.legend(handles, list(marks), loc="upper left", bbox_to_anchor=(-0.03, -0.01), ncols=2)
    return figure


def _draw_scores(axes, numbers, looks):
    axes.axvline(0.5, color=INK, lw=1)
    widest = max(numbers["raw"][source]["chance"] for source in looks)
    axes.axvspan(0.5 - widest, 0.5 + widest, color=PALE, lw=0, zorder=0)
    ticks = []
    for place, (source, (colour, shape)) in enumerate(looks.items()):
        ticks.append(f"{source}\n{numbers['raw'][source]['n']:,} pairs")
        for offset, stage in ((-0.14, "raw"), (0.14, "prepared")):
            score = numbers[stage][source]["components"]
            if score is None:
                axes.text(0.5, place + offset, "too few stars", ha="center", va="center", fontsize=8, color=GREY)
                continue
            face = colour if stage == "prepared" else "white"
            axes.plot(score, place + offset, shape, color=colour, mfc=face, ms=8, mew=1.6)
            side, shift = ("right", -8) if score > 0.8 or score < 0.5 else ("left", 8)
            text = f"{stage} {score:.2f}"
            where = {"xytext": (shift, 0), "textcoords": "offset points", "ha": side, "va": "center"}
            axes.annotate(text, (score, place + offset), **where, fontsize=8.5)
    axes.set_yticks(range(len(ticks)), ticks)
    axes.set(xlim=(min(0.2, axes.get_xlim()[0] - 0.2), 1.03), ylim=(len(ticks) - 0.5, -0.5))
    axes.set_xlabel("share that neighbours tell rightly\n(guessing: 0.5, within the grey band)")
    axes.set_title("Told apart")
