"""Figures across grids: the matrix of models and test stars, growth of the uncertainty, differences of the spectra."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from spectrolabe.spectra.labels import unit_of
from spectrolabe.validate.cross_grid import growth, matrix
from spectrolabe.validate.scores import labels_with_truth
from spectrolabe.validate.style import (
    COLOURS,
    GREY,
    INK,
    NAMES,
    axis_name,
    draw_message,
    name_of,
    new_figure,
    number,
    panel_grid,
    styled,
)

BINS = 14
SATURATED = 2.0  # bias over scatter at which a colour is full
LEAST = 10  # stars that a bin of uncertainties needs
DIFFERENCE_BINS = 8
LEAST_SPECTRA = 5


@styled
def plot_cross_grid(table: pd.DataFrame) -> Figure:
    """Draw one matrix per label: each model of a grid on the test stars of each, coloured by bias over scatter.

    Parameters
    ----------
    table : as `spectrolabe.validate.cross_grid.compare_grids` gives it.
    """
    labels = list(table["label"].unique())
    if not labels:
        return draw_message("No test stars with reference labels")
    columns, rows = table["tested_on"].nunique(), table["trained_on"].nunique()
    across = min(3, len(labels))
    figure = new_figure(across * (1.2 * columns + 1.3), -(-len(labels) // across) * (0.75 * rows + 1.5))
    for index, (label, axes) in enumerate(panel_grid(figure, labels).items()):
        _draw_matrix(axes, table, label, with_rows=index % across == 0)
    figure.supxlabel("tested on", fontsize=10, color=INK)
    figure.supylabel("trained on", fontsize=10, color=INK)
    return figure


def _draw_matrix(axes, table, label, *, with_rows):
    bias, scatter = (matrix(table, label, statistic) for statistic in ("bias", "scatter"))
    # Without any scatter there is no unit to show a bias in.
    share = (bias / scatter.where(scatter > 0)).to_numpy(float)
    axes.imshow(share, cmap="RdBu_r", norm=Normalize(-SATURATED, SATURATED), aspect="auto")
    for row, trained in enumerate(bias.index):
        for column, tested in enumerate(bias.columns):
            middle, spread = bias.loc[trained, tested], scatter.loc[trained, tested]
            if np.isfinite(middle):
                text = f"{number(label, middle, signed=True)}\n± {number(label, spread)}"
                axes.text(column, row, text, ha="center", va="center", fontsize=9, color=INK, linespacing=1.3)
    axes.set_xticks(range(bias.shape[1]), bias.columns, color=INK)
    axes.set_yticks(range(bias.shape[0]), bias.index if with_rows else [""] * bias.shape[0], color=INK)
    axes.set_title(f"{name_of(label)} [{unit_of(label)}]")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


@styled
def plot_uncertainty_growth(catalogues: Mapping[str, pd.DataFrame], ranges: Mapping[str, Sequence[float]]) -> Figure:
    """Draw the median predicted uncertainty of one model against the true value, and against its error, per test set.

    Parameters
    ----------
    catalogues : what was tested on -> the model's catalogue of it, with truths.
    ranges : label -> lowest and highest value that the model was trained on, drawn as dashed lines.
    """
    labels = list(dict.fromkeys(label for catalogue in catalogues.values() for label in labels_with_truth(catalogue)))
    if not labels:
        return draw_message("No test stars with reference labels")
    columns = min(3, len(labels))
    rows = -(-len(labels) // columns)
    figure = new_figure(4.1 * columns, 5.0 * rows + 0.4)
    grid = figure.add_gridspec(rows, columns)
    for index, label in enumerate(labels):
        cell = grid[divmod(index, columns)].subgridspec(2, 1, hspace=0.06)
        upper, lower = (figure.add_subplot(cell[row]) for row in (0, 1))
        _draw_growth(upper, catalogues, label, "truth")
        _draw_growth(lower, catalogues, label, "discrepancy")
        for edge in ranges[label]:
            upper.axvline(edge, color=INK, lw=1, ls="--")
        upper.set_xlabel(axis_name(label, "true "))
        lower.set(xlabel=axis_name(label, "|predicted − true| "), xscale="log")
        lower.xaxis.set_major_locator(LogLocator(subs=(1.0, 3.0)))
        lower.xaxis.set_major_formatter("{x:g}")
        lower.xaxis.set_minor_formatter(NullFormatter())
    figure.axes[0].plot([], [], color=GREY, lw=1, ls=":", label="before calibration")
    figure.axes[0].plot([], [], color=INK, lw=1, ls="--", label="training range")
    _add_legend(figure)
    return figure


def _add_legend(figure):
    handles, names = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=min(len(names), 6))


def _draw_growth(axes, catalogues, label, against):
    known = {name: rows for name, rows in catalogues.items() if label in labels_with_truth(rows)}
    edges = _edges(known.values(), label, against)
    for index, (name, catalogue) in enumerate(known.items()):
        bins, colour = growth(catalogue, label, against, edges, LEAST), COLOURS[index % len(COLOURS)]
        axes.plot(bins["centre"], bins["calibrated"], "o-", color=colour, lw=1.6, ms=3.5, label=name)
        axes.plot(bins["centre"], bins["raw"], color=colour, lw=1, ls=":")
    axes.set_ylabel(axis_name(label, "σ of "))
    axes.set_ylim(bottom=0)


def _edges(catalogues, label, against):
    truth = np.concatenate([rows[f"{label}_true"].to_numpy(float) for rows in catalogues])
    if against == "truth":
        return np.linspace(np.nanmin(truth), np.nanmax(truth), BINS + 1)
    error = np.abs(np.concatenate([rows[label].to_numpy(float) for rows in catalogues]) - truth)
    error = error[error > 0]
    low, high = np.percentile(error, [5, 99.7]) if error.size else (1.0, 10.0)
    return np.geomspace(low, max(high, 1.001 * low), BINS + 1)


@styled
def plot_grid_differences(differences: pd.DataFrame, reference: str) -> Figure:
    """Draw by how many per cent the spectra of each grid differ from the reference's, against each label.

    Parameters
    ----------
    differences : ``grid``, ``difference`` (per cent) and the labels of every spectrum.
    reference : the grid that the others are compared with; its own rows are the emulator's error, drawn in grey.
    """
    known = [*NAMES, *differences]
    labels = sorted({*differences} - {"grid", "difference"}, key=known.index)
    figure = new_figure(3.6 * min(4, len(labels)), 3.5 * -(-len(labels) // 4) + 0.3)
    panels = panel_grid(figure, labels, columns=4)
    for label, axes in panels.items():
        for index, (name, rows) in enumerate(differences.groupby("grid", sort=False)):
            look = (GREY, "emulator alone") if name == reference else (COLOURS[index % len(COLOURS)], name)
            _draw_difference(axes, rows[label], rows["difference"], *look)
        axes.set(xlabel=axis_name(label), ylabel=f"flux difference from {reference} [%]")
    top = max(axes.get_ylim()[1] for axes in panels.values())
    for axes in panels.values():
        axes.set_ylim(0, top)
        axes.label_outer()
    _add_legend(figure)
    return figure


def _draw_difference(axes, values, difference, colour, name):
    edges = np.linspace(values.min(), values.max(), DIFFERENCE_BINS + 1)
    groups = difference.groupby(pd.cut(values, edges, include_lowest=True, labels=False))
    bands = groups.quantile([0.16, 0.5, 0.84]).unstack()[groups.size() >= LEAST_SPECTRA]
    centres = values.groupby(pd.cut(values, edges, include_lowest=True, labels=False)).median()[bands.index]
    axes.fill_between(centres, bands[0.16], bands[0.84], color=colour, alpha=0.18, lw=0)
    axes.plot(centres, bands[0.5], "o-", color=colour, lw=1.8, ms=4, label=name)
