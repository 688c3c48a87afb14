"""Figures that need reference labels: predicted against true, and residuals against S/N."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from spectrolabe.spectra.labels import unit_of
from spectrolabe.validate.scores import labels_with_truth, robust_sigma
from spectrolabe.validate.style import (
    BLUE,
    DENSITY,
    GREY,
    INK,
    ORANGE,
    axis_name,
    draw_message,
    new_figure,
    number,
    panel_grid,
    robust_limits,
    styled,
)

NO_TRUTH = "No reference labels in this dataset"
CROWD = 400  # points beyond which density is drawn instead of single stars
SNR_BINS = 8
MIN_PER_BIN = 5


@styled
def plot_residuals(catalogue: pd.DataFrame) -> Figure:
    """Draw predicted against reference labels, with density where stars are many, and the residuals below.

    Parameters
    ----------
    catalogue : with ``L`` and ``L_true`` for the labels to draw.
    """
    labels = labels_with_truth(catalogue)
    if not labels:
        return draw_message(NO_TRUTH)
    columns = min(3, len(labels))
    rows = -(-len(labels) // columns)
    figure = new_figure(4.1 * columns, 4.6 * rows)
    grid = figure.add_gridspec(rows, columns)
    for index, label in enumerate(labels):
        cell = grid[divmod(index, columns)].subgridspec(2, 1, height_ratios=[3, 1], hspace=0.04)
        upper = figure.add_subplot(cell[0])
        _draw_comparison(upper, figure.add_subplot(cell[1], sharex=upper), catalogue, label)
    return figure


def _known(catalogue, label, *extra):
    names = [f"{label}_true", label, *extra]
    return catalogue.reindex(columns=names).dropna().to_numpy(float).T


def _draw_comparison(upper, lower, catalogue, label):
    truth, predicted = _known(catalogue, label)
    difference = predicted - truth
    limits = robust_limits(np.concatenate([truth, predicted]), share=0.1)
    spread = max(np.abs(np.percentile(difference, [1, 99])).max() * 1.4, 1e-9)
    for axes, values, vertical, rows in ((upper, predicted, limits, 36), (lower, difference, (-spread, spread), 12)):
        _draw_density(axes, truth, values, (*limits, *vertical), rows)
        axes.set(xlim=limits, ylim=vertical)
    upper.axline((limits[0], limits[0]), slope=1, color=ORANGE, lw=1.2)
    lower.axhline(0, color=ORANGE, lw=1.2)
    upper.set_ylabel(axis_name(label, "predicted "))
    upper.tick_params(labelbottom=False)
    lower.set_xlabel(axis_name(label, "reference "))
    lower.set_ylabel("difference")
    lower.yaxis.set_major_locator(MaxNLocator(3, symmetric=True))
    text = (
        f"bias {number(label, np.median(difference), signed=True)} {unit_of(label)}\n"
        f"scatter {number(label, robust_sigma(difference))} {unit_of(label)}\nn = {len(truth):,}"
    )
    upper.text(0.04, 0.97, text, transform=upper.transAxes, va="top", fontsize=9.5, linespacing=1.4)


def _draw_density(axes, x, y, extent, rows):
    if len(x) < CROWD:
        axes.scatter(x, y, s=14, color=BLUE, alpha=0.6, lw=0)
        return
    axes.hexbin(x, y, gridsize=(60, rows), bins="log", mincnt=1, cmap=DENSITY, extent=extent, lw=0.1)


@styled
def plot_noise(catalogue: pd.DataFrame) -> Figure:
    """Draw residuals against S/N: every star, the median, and the band that holds 16-84 % of the stars.

    Parameters
    ----------
    catalogue : with ``snr``, and ``L`` and ``L_true`` for the labels to draw.
    """
    labels = labels_with_truth(catalogue)
    if not labels:
        return draw_message(NO_TRUTH)
    if "snr" not in catalogue or not (catalogue["snr"] > 0).any():
        return draw_message("No signal-to-noise ratios in this dataset")
    figure = new_figure(4.1 * min(3, len(labels)), 3.1 * -(-len(labels) // 3))
    for label, axes in panel_grid(figure, labels).items():
        _draw_noise(axes, catalogue[catalogue["snr"] > 0], label)
    return figure


def _draw_noise(axes, catalogue, label):
    truth, predicted, snr = _known(catalogue, label, "snr")
    axes.set(xlabel="S/N per pixel", ylabel=axis_name(label, "Δ "))
    if not len(truth):
        return
    difference = predicted - truth
    size, alpha = (4, 0.25) if len(snr) > CROWD else (14, 0.6)
    axes.scatter(snr, difference, s=size, color=GREY, alpha=alpha, lw=0)
    axes.axhline(0, color=INK, lw=0.8)
    count = min(SNR_BINS, len(snr) // MIN_PER_BIN)
    if count > 1:
        groups = np.array_split(np.argsort(snr, kind="stable"), count)
        centre = [np.median(snr[group]) for group in groups]
        low, middle, high = np.transpose([np.percentile(difference[group], [16, 50, 84]) for group in groups])
        axes.fill_between(centre, low, high, color=BLUE, alpha=0.25, lw=0, label="16–84 %")
        axes.plot(centre, middle, color=BLUE, lw=2, label="median")
        axes.legend(loc="upper right", ncols=2)
    if snr.max() > 10 * snr.min():
        axes.set_xscale("log")
    spread = max(np.abs(np.percentile(difference, [1, 99])).max() * 1.3, 1e-9)
    axes.set_ylim(-spread, spread)
