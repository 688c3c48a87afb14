"""Figures of models trained on a survey: predicted against its labels, part by part, and how far members disagree."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spectrolabe.spectra.labels import unit_of
from spectrolabe.validate.figures import NO_TRUTH
from spectrolabe.validate.scores import FEW, labels_with_truth, observed_sets, shown_reference
from spectrolabe.validate.style import (
    BLUE,
    COLOURS,
    DENSITY,
    GREY,
    INK,
    ORANGE,
    PALE,
    axis_name,
    draw_message,
    name_of,
    new_figure,
    number,
    robust_limits,
    styled,
)

#: Sets of `spectrolabe.validate.scores.observed_sets` that are drawn -> title and colour.
OBSERVED = {
    "inner_snr_above_30": ("Inner, S/N of 30 and more", COLOURS[5]),
    "inner_snr_below_30": ("Inner, S/N below 30", BLUE),
    "outer": ("Outer", ORANGE),
}
NOT_SCREENED = "No observed spectra beside those of the training set in a screened survey"
CROWD = 400  # points beyond which density is drawn instead of single stars
SNR_STEP, FIRST_SNR = 10, 10
MIN_PER_BOX = 5


def title_part(dataset: str, name: str) -> str:
    """Title a part as the figure of the set ``name`` does: its own by the part alone, others by their whole name."""
    own, _, part = dataset.partition("-")
    return part.capitalize() if own == name else f"{part.capitalize()}: {own}"


@styled
def plot_one_to_one(catalogues: Mapping[str, pd.DataFrame]) -> Figure:
    """Draw predicted labels against those that the model learned from, parts of a set beside each other.

    Of `FEW` stars or less, bars show the 68 % intervals.

    Parameters
    ----------
    catalogues : title -> catalogue with ``L``, ``L_lo68``, ``L_hi68``, and ``L_survey`` or else ``L_true``, for the
        labels to draw. Where no star has a survey's label, the true ones are drawn.
    """
    labels = list(dict.fromkeys(label for rows in catalogues.values() for label in labels_with_truth(rows)))
    return _draw_comparisons(catalogues, labels, {}, few=FEW) if labels else draw_message(NO_TRUTH)


@styled
def plot_observed_sets(catalogue: pd.DataFrame, ranges: Mapping[str, Sequence[float]]) -> Figure:
    """Draw predicted against the survey's labels for spectra that no model has met: inner, by S/N, and outer.

    Parameters
    ----------
    catalogue : of a screened survey: see `spectrolabe.validate.scores.observed_sets`, and ``L`` with ``L_survey`` or
        else ``L_true``.
    ranges : lowest and highest training value of each label; the panels are shaded beyond.
    """
    sets = _named_sets(catalogue)
    labels = labels_with_truth(pd.concat(sets.values())) if sets else []
    return _draw_comparisons(sets, labels, ranges) if labels else draw_message(NOT_SCREENED)


def _named_sets(catalogue):
    parted = observed_sets(catalogue)
    return {title: parted[name] for name, (title, _) in OBSERVED.items()} if any(map(len, parted.values())) else {}


def _draw_comparisons(tables, labels, ranges, few=0):
    figure = new_figure(3.5 * len(tables), 2.9 * len(labels) + 0.3)
    grid = figure.subplots(len(labels), len(tables), squeeze=False, sharex="row", sharey="row")
    for label, row in zip(labels, grid, strict=True):
        known = [_known_labels(table, label) for table in tables.values()]
        limits = robust_limits(np.concatenate([pair[:2] for _, pair in known], axis=None), share=0.2)
        for axes, (words, (given, predicted, low, high)) in zip(row, known, strict=True):
            axes.set(xlim=limits, ylim=limits)
            _shade_beyond(axes, limits, ranges.get(label))
            if len(given) <= few:
                lengths = np.nan_to_num(np.clip([predicted - low, high - predicted], 0, None))
                axes.errorbar(given, predicted, yerr=lengths, fmt="o", color=BLUE, ms=4, lw=0.8, alpha=0.7, mew=0)
            else:
                draw_density(axes, given, predicted, (*limits, *limits))
            axes.axline((limits[0], limits[0]), slope=1, color=ORANGE, lw=1.1)
            _quote_agreement(axes, label, predicted - given, given, ranges.get(label))
            axes.set_xlabel(axis_name(label, f"{words} "))
        row[0].set_ylabel(axis_name(label, "predicted "))
    for axes, title in zip(grid[0], tables, strict=True):
        axes.set_title(title)
    return figure


def _known_labels(table, label):
    """Give what a panel sets predictions against, in a word, and given, predicted, lowest and highest (68 %) labels."""
    reference = f"{label}_{shown_reference(table, label)}"
    rows = table.reindex(columns=[reference, label, f"{label}_lo68", f"{label}_hi68"])
    # Without a survey's labels beside them, those that are called true were given.
    words = "true" if reference == f"{label}_true" and f"{label}_survey" in table else "given"
    return words, rows.dropna(subset=[reference, label]).to_numpy(float).T


def _shade_beyond(axes, limits, training):
    for low, high in [(limits[0], training[0]), (training[1], limits[1])] if training else []:
        if low < high:
            axes.axvspan(low, high, color=PALE, alpha=0.6, lw=0, zorder=0)


def _quote_agreement(axes, label, difference, given, training):
    if not len(difference):
        axes.text(0.5, 0.5, "no spectra with this label", transform=axes.transAxes, ha="center", color=GREY)
        return
    unit = unit_of(label)
    text = (
        f"bias {number(label, difference.mean(), signed=True)} {unit}\nscatter {number(label, difference.std())} {unit}"
    )
    text += f"\nn = {len(given):,}"
    if training:
        text += f"\n{np.mean((given < training[0]) | (given > training[1])):.0%} outside training".replace("%", " %")
    paper = {"fc": "white", "alpha": 0.6, "lw": 0, "pad": 1}
    axes.text(0.04, 0.97, text, transform=axes.transAxes, va="top", fontsize=8.5, linespacing=1.35, bbox=paper)


def draw_density(axes: Axes, x: np.ndarray, y: np.ndarray, extent: Sequence[float]) -> None:
    """Draw single stars where they are few, else how many there are, brighter where they are many (linear scale)."""
    if len(x) < CROWD:
        axes.scatter(x, y, s=11, color=BLUE, alpha=0.6, lw=0)
        return
    cells = int(np.clip(0.6 * np.sqrt(len(x)), 20, 70))
    axes.hexbin(x, y, gridsize=cells, extent=tuple(extent), cmap=DENSITY, mincnt=1, lw=0.1)


@styled
def plot_internal_precision(catalogue: pd.DataFrame) -> Figure:
    """Draw how far a model's networks disagree, along each label and against S/N, for inner and outer spectra.

    Parameters
    ----------
    catalogue : of a screened survey: see `spectrolabe.validate.scores.observed_sets`, and ``L``, ``L_err_epistemic``.
    """
    sets = _named_sets(catalogue)
    labels = [name.removesuffix("_err_epistemic") for name in catalogue if name.endswith("_err_epistemic")]
    if not sets or not labels:
        return draw_message(NOT_SCREENED)
    figure = new_figure(9.5, 2.7 * len(labels) + 0.5)
    grid = figure.subplots(len(labels), 2, squeeze=False, sharey="row", width_ratios=[1, 1.25])
    for label, (left, right) in zip(labels, grid, strict=True):
        spread = f"{label}_err_epistemic"
        for (title, rows), (_, colour) in zip(sets.items(), OBSERVED.values(), strict=True):
            # The fewest stand in front.
            look = {"s": 6, "color": colour, "alpha": 0.45, "lw": 0, "zorder": 1 + 1 / (1 + len(rows))}
            left.scatter(rows[label], rows[spread], label=f"{title} ({len(rows):,})", **look)
            right.scatter(rows["snr"], rows[spread], **look)
        everything = pd.concat(sets.values())
        _draw_boxes(right, everything["snr"].to_numpy(float), everything[spread].to_numpy(float))
        left.set(xlabel=axis_name(label), ylabel=f"σ {name_of(label)} [{unit_of(label)}]")
        known = everything[spread].dropna()
        left.set_ylim(0, 1.1 * np.percentile(known, 99) if len(known) else 1)
        right.set_xlabel("S/N per pixel")
    named = grid[0, 0].get_legend_handles_labels()
    figure.legend(*named, loc="outside lower center", ncols=3, markerscale=2)
    return figure


def _draw_boxes(axes, snr, spread):
    known = np.isfinite(snr) & np.isfinite(spread)
    snr, spread = snr[known], spread[known]
    # Beyond, few spectra would stretch the axis.
    last = np.percentile(snr, 99) if len(snr) else FIRST_SNR
    edges = np.arange(FIRST_SNR, last + SNR_STEP, SNR_STEP)
    boxes = {low + SNR_STEP / 2: spread[(snr >= low) & (snr < low + SNR_STEP)] for low in edges}
    boxes = {centre: values for centre, values in boxes.items() if len(values) >= MIN_PER_BOX}
    if boxes:
        line = {"color": INK, "lw": 1}
        looks = {name: line for name in ("boxprops", "whiskerprops", "capprops")}
        looks["medianprops"] = line | {"lw": 2}
        axes.boxplot(boxes.values(), positions=list(boxes), widths=6, showfliers=False, manage_ticks=False, **looks)
    axes.set_xlim(0, edges[-1] + SNR_STEP if len(edges) else None)
