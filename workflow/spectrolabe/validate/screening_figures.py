"""Figures of screening: the similarity map by labels, the observed sets, and what share of each trouble is found."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from spectrolabe.validate.screening import VERDICTS, WELL_EXPOSED
from spectrolabe.validate.style import (
    BLUE,
    COLOURS,
    DENSITY,
    GREEN,
    GREY,
    ORANGE,
    PALE,
    axis_name,
    draw_message,
    new_figure,
    robust_limits,
    styled,
)

#: Labels that the similarity map is coloured by, where there are these; else the first three.
COLOURED_BY = ("teff", "logg", "feh")
#: Kind of trouble -> its name, and what its strength is.
STRENGTHS = {
    "emission": ("Emission", "height over continuum"),
    "double_lined": ("Double-lined binaries", "separation [km/s]"),
    "continuum": ("Continuum", "largest error, share of the continuum"),
    "wrong_rv": ("Wrong velocity", "error [km/s]"),
    "cosmic_rays": ("Cosmic rays", "highest spike over continuum"),
    "zero_pixels": ("Zero pixels", "share of pixels without flux"),
}
NAMES = {
    "joint_map": "joint map (published way)",
    "transformed_map": "place in the training map",
    "pca_distance": "distance in components",
    "reconstruction": "reconstruction",
    "combined": "all numbers together",
}


@styled
def plot_similarity_map(table: pd.DataFrame, labels: Sequence[str]) -> Figure:
    """Draw the map of the selected spectra, coloured by three labels, those that are not sound marked.

    Parameters
    ----------
    table : the joint map, see `spectrolabe.prepare.joint_maps.map_survey`.
    labels : of the recipe.
    """
    chosen = [label for label in COLOURED_BY if label in labels] if {*COLOURED_BY} <= {*labels} else labels[:3]
    selected = table[table["part"] != ""]
    if selected.empty:
        return draw_message("No selected spectra")
    figure = new_figure(4.6 * len(chosen), 4.6)
    unsound = selected[~selected["sound"]]
    for axes, label in zip(figure.subplots(1, len(chosen), squeeze=False)[0], chosen, strict=True):
        low, high = np.nanpercentile(selected[label], [1, 99])
        settings = {"c": selected[label], "cmap": DENSITY, "vmin": low, "vmax": high, "plotnonfinite": False}
        dots = axes.scatter(selected["x"], selected["y"], s=_size(selected), lw=0, **settings)
        axes.scatter(unsound["x"], unsound["y"], s=22, marker="o", fc="none", ec=ORANGE, lw=0.9)
        _frame(axes, table)
        bar = figure.colorbar(dots, ax=axes, location="bottom", shrink=0.8, aspect=30, pad=0.02)
        bar.set_label(axis_name(label))
    mark = Line2D([], [], ls="", marker="o", mfc="none", mec=ORANGE, label=f"not sound ({len(unsound):,})")
    figure.legend(handles=[mark], loc="outside upper left")
    return figure


@styled
def plot_observed_sets_map(table: pd.DataFrame) -> Figure:
    """Draw all spectra with the training ones, then the inner and the outer observed set, in one map.

    Parameters
    ----------
    table : the joint map, see `spectrolabe.prepare.joint_maps.map_survey`.
    """
    observed, trained = table[table["part"] == ""], table[(table["part"] == "training") & table["sound"]]
    inner = observed["inner"].astype(bool)
    figure = new_figure(13.2, 4.6)
    sets = (
        (f"All: {len(observed):,} observed, {len(trained):,} training", observed, BLUE),
        (f"Inner: {inner.sum():,} observed", observed[inner], BLUE),
        (f"Outer: {(~inner).sum():,} observed", observed[~inner], ORANGE),
    )
    for place, (axes, (title, spectra, colour)) in enumerate(zip(figure.subplots(1, 3), sets, strict=True)):
        axes.scatter(table["x"], table["y"], s=_size(table), lw=0, color=PALE)
        axes.scatter(spectra["x"], spectra["y"], s=_size(table), lw=0, color=colour, alpha=0.8)
        if place == 0:
            axes.scatter(trained["x"], trained["y"], s=_size(table), lw=0, color=GREEN)
        axes.set_title(title)
        _frame(axes, table)
    return figure


def _size(table):
    return float(np.clip(12000 / max(len(table), 1), 1.5, 14))


def _frame(axes, table):
    axes.set(xticks=[], yticks=[], xlim=robust_limits(table["x"], 0), ylim=robust_limits(table["y"], 0))
    axes.spines[:].set_visible(True)


@styled
def plot_screening_recall(scores: pd.DataFrame, false_alarms: float) -> Figure:
    """Draw what share of each trouble every verdict finds against its strength, and the false alarms as a line.

    Parameters
    ----------
    scores : as `spectrolabe.validate.screening.score_verdicts` gives them.
    false_alarms : the stated rate.
    """
    bins = scores[scores["subset"] == "strength"]
    kinds = [kind for kind in STRENGTHS if (bins["kind"] == kind).any()]
    if not kinds:
        return draw_message("No spectra whose trouble is known")
    figure = new_figure(12.6, 3.5 * -(-len(kinds) // 3) + 0.4)
    grid = figure.subplots(-(-len(kinds) // 3), 3, squeeze=False, sharey=True)
    for axes, kind in zip(grid.flat, kinds, strict=False):
        _draw_kind(axes, bins[bins["kind"] == kind], scores[scores["kind"] == kind], kind, false_alarms)
    for axes in grid.flat[len(kinds) :]:
        axes.set_visible(False)
    for row in grid:
        row[0].set_ylabel(f"share found (S/N ≥ {WELL_EXPOSED})")
    lines = [Line2D([], [], color=colour, marker="o", ms=4, lw=1.6) for colour in COLOURS[: len(VERDICTS)]]
    figure.legend(lines, [NAMES[name] for name in VERDICTS], loc="outside lower center", ncols=len(VERDICTS))
    return figure


def _draw_kind(axes, bins, scores, kind, false_alarms):
    axes.axhline(false_alarms, color=GREY, lw=1, ls="--")
    for colour, verdict in zip(COLOURS, VERDICTS, strict=False):
        rows = bins[(bins["verdict"] == verdict) & (bins["n"] > 0)]
        width = 2.2 if verdict == "combined" else 1.2
        axes.plot((rows["low"] + rows["high"]) / 2, rows["flagged"], "o-", color=colour, ms=4, lw=width)
    whole = scores[(scores["verdict"] == "combined") & (scores["subset"] == "snr_above_30")].iloc[0]
    name, strength = STRENGTHS[kind]
    axes.set_title(f"{name}: {whole['flagged']:.0%} of {whole['n']:,}")
    axes.set(ylim=(-0.03, 1.05), xlabel=strength)
