"""Figures of how accuracy depends on labels and noise: in bins, as histograms, and of several models side by side."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from spectrolabe.predict.flags import is_doubted
from spectrolabe.spectra.labels import unit_of
from spectrolabe.validate.figures import NO_TRUTH
from spectrolabe.validate.scores import FOUR_BINS, labels_with_truth, select_snr
from spectrolabe.validate.style import (
    BLUE,
    COLOURS,
    INK,
    ORANGE,
    axis_name,
    draw_message,
    name_of,
    new_figure,
    number,
    panel_grid,
    styled,
)

LABEL_BINS = 12
MIN_PER_BIN = 8
NOISY = 80  # S/N below which models are compared: a continuum that noise moves shows there


@styled
def plot_accuracy(catalogue: pd.DataFrame) -> Figure:
    """Draw the median absolute residual along every label in four bins of S/N.

    Parameters
    ----------
    catalogue : with ``snr``, and ``L`` and ``L_true`` for the labels to draw.
    """
    labels = labels_with_truth(catalogue)
    if not labels:
        return draw_message(NO_TRUTH)
    if "snr" not in catalogue or not (catalogue["snr"] > 0).any():
        return draw_message("No signal-to-noise ratios in this dataset")
    figure = new_figure(4.1 * min(3, len(labels)), 3.1 * -(-len(labels) // 3) + 0.4)
    for label, axes in panel_grid(figure, labels).items():
        for (name, (low, high)), colour in zip(FOUR_BINS.items(), COLOURS, strict=False):
            rows = select_snr(catalogue, low, high)
            middle, value = _bin_residuals(rows, label, lambda residual: np.median(np.abs(residual)))
            if len(middle):
                axes.plot(middle, value, "o-", color=colour, ms=4, lw=1.6, label=f"S/N {name}")
        axes.set(xlabel=axis_name(label), ylabel=f"median |Δ| [{unit_of(label)}]")
        axes.set_ylim(bottom=0)
    _legend_below(figure)
    return figure


def _bin_residuals(rows, label, statistic):
    """Middle and statistic of the residuals in equal bins of the reference label; bins with few stars are left out."""
    truth, predicted = rows.reindex(columns=[f"{label}_true", label]).dropna().to_numpy(float).T
    if not len(truth) or truth.min() == truth.max():
        return [], []
    edges = np.linspace(truth.min(), truth.max(), LABEL_BINS + 1)
    bin_of = np.clip(np.searchsorted(edges, truth, side="right") - 1, 0, LABEL_BINS - 1)
    full = [number for number in range(LABEL_BINS) if (bin_of == number).sum() >= MIN_PER_BIN]
    residual = predicted - truth
    return (edges[:-1] + edges[1:])[full] / 2, [statistic(residual[bin_of == number]) for number in full]


def _legend_below(figure):
    named = {name: line for axes in figure.axes for line, name in zip(*axes.get_legend_handles_labels(), strict=True)}
    if named:
        figure.legend(named.values(), named, loc="outside lower center", ncols=min(len(named), 4))


@styled
def plot_residual_histograms(catalogue: pd.DataFrame) -> Figure:
    """Draw the histogram of predicted minus reference labels with its median and standard deviation.

    Parameters
    ----------
    catalogue : with ``L`` and ``L_true`` for the labels to draw; flagged spectra are left out.
    """
    chosen = catalogue[~is_doubted(catalogue["flag"])] if "flag" in catalogue else catalogue
    labels = [label for label in labels_with_truth(chosen) if _residuals(chosen, label).size]
    if not labels:
        return draw_message(NO_TRUTH)
    figure = new_figure(4.1 * min(3, len(labels)), 3.1 * -(-len(labels) // 3))
    for label, axes in panel_grid(figure, labels).items():
        _draw_histogram(axes, _residuals(chosen, label), label)
    return figure


def _residuals(rows, label):
    return (rows[label] - rows[f"{label}_true"]).dropna().to_numpy(float)


def _draw_histogram(axes, residual, label):
    median, sigma = np.median(residual), residual.std()
    reach = max(np.abs(np.percentile(residual - median, [1, 99])).max() * 1.4, 1e-9)
    bins = int(np.clip(np.sqrt(residual.size) * 1.5, 8, 60))
    axes.hist(residual, bins=bins, range=(median - reach, median + reach), color=BLUE, alpha=0.75)
    axes.axvline(0, color=INK, lw=0.8)
    axes.axvline(median, color=ORANGE, lw=1.4)
    beyond = int((np.abs(residual - median) > reach).sum())
    unit = unit_of(label)
    text = f"median {number(label, median, signed=True)} {unit}\nσ {number(label, sigma)} {unit}\nn = {residual.size:,}"
    text += f"\n{beyond:,} off the axis" if beyond else ""
    axes.text(0.03, 0.97, text, transform=axes.transAxes, va="top", fontsize=9, linespacing=1.4)
    axes.set(xlabel=axis_name(label, "Δ "), ylabel="spectra")


@styled
def plot_model_comparison(catalogues: Mapping[str, pd.DataFrame]) -> Figure:
    """Draw the median residual along every label for several models on the same noisy spectra (S/N below 80).

    Parameters
    ----------
    catalogues : model -> its catalogue with ``snr``, and ``L`` and ``L_true`` for the labels to draw.
    """
    labels = list(dict.fromkeys(label for rows in catalogues.values() for label in labels_with_truth(rows)))
    noisy = {model: select_snr(rows, 0, NOISY) for model, rows in catalogues.items() if "snr" in rows}
    if not labels:
        return draw_message(NO_TRUTH)
    if not any(map(len, noisy.values())):
        return draw_message(f"No spectra with S/N below {NOISY} in this dataset")
    figure = new_figure(4.1 * min(3, len(labels)), 3.1 * -(-len(labels) // 3) + 0.4)
    for label, axes in panel_grid(figure, labels).items():
        axes.axhline(0, color=INK, lw=0.8)
        for index, (model, rows) in enumerate(noisy.items()):
            middle, value = _bin_residuals(rows, label, np.median)
            axes.plot(middle, value, "o-", color=COLOURS[index % len(COLOURS)], ms=4, lw=1.6, label=model)
        axes.set(xlabel=axis_name(label), ylabel=f"median Δ{name_of(label)} [{unit_of(label)}]")
    _legend_below(figure)
    return figure
