"""Figures that need no reference labels: losses, Kiel diagram, and benchmark stars beside the literature."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullFormatter

from spectrolabe.spectra.labels import unit_of
from spectrolabe.validate.benchmarks import compared_labels, quadratic_mean_difference, within_range
from spectrolabe.validate.style import (
    BLUE,
    COLOURS,
    DENSITY,
    GREY,
    INK,
    PALE,
    axis_name,
    draw_message,
    new_figure,
    number,
    robust_limits,
    styled,
)


@styled
def plot_losses(histories: Mapping[str, pd.DataFrame]) -> Figure:
    """Draw loss and learning rate of every member over the epochs; a dot marks the epoch of the best validation loss.

    Parameters
    ----------
    histories : member -> its history with ``epoch``, ``loss``, ``val_loss``, ``learning_rate``.
    """
    histories = {member: history for member, history in histories.items() if len(history)}
    if not histories:
        return draw_message("No training histories")
    figure = new_figure(8, 5)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[3.2, 1])
    for index, (member, history) in enumerate(histories.items()):
        colour = COLOURS[index % len(COLOURS)]
        best = history.loc[history["val_loss"].idxmin()]
        upper.plot(history["epoch"], history["loss"], color=colour, lw=1, ls=":")
        upper.plot(history["epoch"], history["val_loss"], color=colour, lw=1.6, label=f"member {member}")
        upper.plot(best["epoch"], best["val_loss"], "o", color=colour, ms=6)
        lower.step(history["epoch"], history["learning_rate"], color=colour, lw=1.4, where="mid")
    losses = np.concatenate([history[["loss", "val_loss"]].to_numpy(float).ravel() for history in histories.values()])
    upper.set(ylabel="loss", ylim=robust_limits(losses, share=1.5))
    upper.set_title("Solid: validation, a dot at its best epoch; dotted: training")
    upper.legend(ncols=2)
    lower.set(xlabel="epoch", ylabel="learning rate", yscale="log")
    lower.yaxis.set_minor_formatter(NullFormatter())
    lower.xaxis.set_major_locator(MaxNLocator(integer=True))
    return figure


@styled
def plot_kiel(catalogue: pd.DataFrame) -> Figure:
    """Draw log g against Teff, coloured by [Fe/H]; flagged spectra are rings; reference labels stand beside.

    Parameters
    ----------
    catalogue : with ``teff`` (K), ``logg`` (dex), ``flag``; ``feh`` colours the stars, ``teff_true`` and ``logg_true``
        add a panel.
    """
    if not {"teff", "logg"} <= set(catalogue) or catalogue[["teff", "logg"]].dropna().empty:
        return draw_message("A Kiel diagram needs Teff and log g,\nwhich this catalogue does not have")
    panels = {"Predicted": ""}
    if {"teff_true", "logg_true"} <= set(catalogue) and catalogue[["teff_true", "logg_true"]].notna().all(axis=1).any():
        panels["Reference"] = "_true"
    figure = new_figure(6.2 * len(panels) + 0.8, 5.4)
    axes = figure.subplots(1, len(panels), sharex=True, sharey=True, squeeze=False)[0]
    metallicity = catalogue.get("feh", pd.Series(dtype=float)).dropna()
    limits = tuple(np.percentile(metallicity, [1, 99])) if len(metallicity) else None
    points = [_draw_kiel(panel, catalogue, suffix, limits) for panel, suffix in zip(axes, panels.values(), strict=True)]
    for panel, title in zip(axes, panels, strict=True):
        panel.set_title(title)
    axes[0].invert_xaxis()
    axes[0].invert_yaxis()
    axes[0].set_ylabel(axis_name("logg"))
    if limits and points[0] is not None:
        figure.colorbar(points[0], ax=axes, label=axis_name("feh"), pad=0.01, aspect=30).outline.set_visible(False)
    return figure


def _draw_kiel(axes, catalogue, suffix, limits):
    rows = catalogue[catalogue[[f"teff{suffix}", f"logg{suffix}"]].notna().all(axis=1)]
    doubtful = (rows["flag"].fillna(0) > 0) if "flag" in rows and not suffix else pd.Series(False, index=rows.index)
    size = float(np.clip(12000 / max(len(rows), 1), 7, 34))
    axes.set_xlabel(axis_name("teff"))
    axes.grid(color=PALE, lw=0.5)
    axes.set_axisbelow(True)
    flagged = rows[doubtful]
    if len(flagged):
        name = f"flagged ({len(flagged):,})"
        axes.scatter(flagged["teff"], flagged["logg"], s=size, fc="none", ec=GREY, lw=0.7, label=name)
        axes.legend(loc="upper left")
    rows = rows[~doubtful]
    if limits is None or f"feh{suffix}" not in rows:
        axes.scatter(rows[f"teff{suffix}"], rows[f"logg{suffix}"], s=size, color=BLUE, lw=0)
        return None
    rows = rows.sort_values(f"feh{suffix}", kind="stable")
    colour = {"c": rows[f"feh{suffix}"], "cmap": DENSITY, "vmin": limits[0], "vmax": limits[1]}
    return axes.scatter(rows[f"teff{suffix}"], rows[f"logg{suffix}"], s=size, lw=0, **colour)


@styled
def plot_benchmark_stars(rows: pd.DataFrame) -> Figure:
    """Draw predicted minus literature labels of every benchmark spectrum with both errors joined, the Sun first.

    Parameters
    ----------
    rows : as `spectrolabe.validate.benchmarks.compare_benchmarks` gives them; flagged spectra are drawn open.
    """
    labels = [label for label in compared_labels(rows) if rows[f"{label}_difference"].notna().any()]
    if not labels:
        return draw_message("No spectrum of a benchmark star in this dataset")
    figure = new_figure(float(np.clip(0.32 * len(rows) + 2.5, 6.5, 16)), 1.75 * len(labels) + 1.1)
    panels = figure.subplots(len(labels), 1, sharex=True, squeeze=False)[:, 0]
    places, flagged = np.arange(len(rows)), (rows["flag"].fillna(0) > 0).to_numpy()
    for axes, label in zip(panels, labels, strict=True):
        axes.axhline(0, color=INK, lw=0.8)
        axes.grid(axis="x", color=PALE, lw=0.5)
        for chosen, face in ((~flagged, BLUE), (flagged, "white")):
            difference, error = rows.loc[chosen, f"{label}_difference"], rows.loc[chosen, f"{label}_difference_err"]
            axes.errorbar(places[chosen], difference, error, fmt="o", ms=6, color=BLUE, mfc=face, capsize=2.5, lw=1.3)
        axes.set_ylabel(axis_name(label, "Δ "))
        axes.set_title(_describe_benchmark(rows, label), fontsize=9, fontweight="normal")
    panels[-1].set_xticks(places, rows["star"], rotation=60, ha="right", rotation_mode="anchor", color=INK)
    panels[-1].set_xlim(-0.7, len(rows) - 0.3)
    return figure


def _describe_benchmark(rows, label):
    value, within = quadratic_mean_difference(rows, label), quadratic_mean_difference(within_range(rows), label)
    text = f"quadratic mean {number(label, value)} {unit_of(label)}"
    if np.isfinite(within) and len(within_range(rows)) < len(rows):
        text += f"; within the training range {number(label, within)} {unit_of(label)}"
    return text
