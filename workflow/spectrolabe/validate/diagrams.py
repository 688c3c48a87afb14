"""Figures of one model or catalogue that need no reference labels: losses, abundances, signal-to-noise ratios."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullFormatter

from spectrolabe.predict.flags import is_doubted
from spectrolabe.train.selection import judge_history
from spectrolabe.validate.scores import FOUR_BINS
from spectrolabe.validate.style import (
    BLUE,
    COLOURS,
    DENSITY,
    GREY,
    axis_name,
    draw_message,
    new_figure,
    robust_limits,
    styled,
)

ABUNDANCES = ["feh", "alpha_fe"]
CROWD = 400  # points beyond which density is drawn instead of single stars


@styled
def plot_losses(histories: Mapping[str, pd.DataFrame]) -> Figure:
    """Draw loss and learning rate of every member over the epochs; a dot marks the loss of the member that is kept.

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
        upper.plot(history["epoch"], history["loss"], color=colour, lw=1, ls=":")
        upper.plot(history["epoch"], history["val_loss"], color=colour, lw=1.6, label=f"member {member}")
        upper.plot(*judge_history(history), "o", color=colour, ms=6)
        lower.step(history["epoch"], history["learning_rate"], color=colour, lw=1.4, where="mid")
    losses = np.concatenate([history[["loss", "val_loss"]].to_numpy(float).ravel() for history in histories.values()])
    upper.set(ylabel="loss", ylim=robust_limits(losses, share=1.5))
    upper.set_title("Solid: validation, a dot where the member was kept; dotted: training")
    upper.legend(ncols=2)
    # Weights that are solved for have no learning rate.
    has_rates = any(history["learning_rate"].notna().any() for history in histories.values())
    lower.set(xlabel="epoch", ylabel="learning rate", yscale="log" if has_rates else "linear")
    lower.yaxis.set_minor_formatter(NullFormatter())
    lower.xaxis.set_major_locator(MaxNLocator(integer=True))
    return figure


@styled
def plot_abundances(catalogue: pd.DataFrame) -> Figure:
    """Draw [alpha/Fe] against [Fe/H], with density where stars are many; reference labels stand beside.

    Parameters
    ----------
    catalogue : with ``feh``, ``alpha_fe`` (dex) and ``flag``; ``feh_true`` and ``alpha_fe_true`` add a panel. Flagged
        spectra are left out of both.
    """
    chosen = catalogue[~is_doubted(catalogue["flag"])] if "flag" in catalogue else catalogue
    panels = {
        title: rows
        for title, suffix in (("Predicted", ""), ("Reference", "_true"))
        if len(rows := chosen.reindex(columns=[f"{label}{suffix}" for label in ABUNDANCES]).dropna())
    }
    if "Predicted" not in panels:
        return draw_message("No unflagged spectrum with [Fe/H] and [α/Fe]")
    figure = new_figure(5.6 * len(panels), 4.6)
    grid = figure.subplots(1, len(panels), sharex=True, sharey=True, squeeze=False)[0]
    values = np.concatenate([rows.to_numpy(float) for rows in panels.values()])
    extent = [limit for column in values.T for limit in robust_limits(column)]
    for axes, (title, rows) in zip(grid, panels.items(), strict=True):
        _draw_abundances(axes, *rows.to_numpy(float).T, extent)
        axes.set_title(f"{title} ({len(rows):,})")
        axes.set_xlabel(axis_name("feh"))
    grid[0].set_ylabel(axis_name("alpha_fe"))
    return figure


def _draw_abundances(axes, metallicity, alpha, extent):
    axes.axhline(0, color=GREY, lw=0.8, ls="--")
    if len(metallicity) > CROWD:
        cells = int(np.clip(0.5 * np.sqrt(len(metallicity)), 15, 60))
        axes.hexbin(metallicity, alpha, gridsize=cells, extent=extent, cmap=DENSITY, mincnt=1, lw=0)
    else:
        axes.scatter(metallicity, alpha, s=14, color=BLUE, alpha=0.7, lw=0)
    axes.set(xlim=extent[:2], ylim=extent[2:])


@styled
def plot_snr(catalogue: pd.DataFrame) -> Figure:
    """Draw how many spectra have which signal-to-noise ratio; lines part the four bins that accuracy is stated in.

    Parameters
    ----------
    catalogue : with ``snr`` (per pixel).
    """
    snr = catalogue["snr"].dropna().to_numpy(float) if "snr" in catalogue else np.array([])
    snr = snr[snr > 0]
    if not len(snr):
        return draw_message("No signal-to-noise ratios in this dataset")
    figure = new_figure(7, 4)
    axes = figure.subplots()
    # A few spectra without noise would squeeze all others into the first bar.
    shown = snr[snr <= 3 * np.percentile(snr, 90)]
    axes.hist(shown, bins=int(np.clip(2 * np.sqrt(len(shown)), 10, 60)), color=BLUE, alpha=0.75)
    for low, _ in list(FOUR_BINS.values())[1:]:
        axes.axvline(low, color=GREY, lw=0.8, ls="--")
    axes.set(xlabel="S/N per pixel", ylabel="spectra", xlim=(0, None))
    beyond = f", {len(snr) - len(shown):,} off the axis" if len(shown) < len(snr) else ""
    axes.set_title(f"{len(snr):,} spectra, median S/N {np.median(snr):.0f}{beyond}")
    return figure
