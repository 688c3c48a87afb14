"""The figure of luminosity classes: a Kiel diagram with the limits between giants, subgiants and dwarfs."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from spectrolabe.predict.flags import is_doubted
from spectrolabe.validate.luminosity_classes import (
    CLASSES,
    GIANT_LIMIT,
    LABELS,
    classify_stars,
    dwarf_limit,
    reference_classes,
)
from spectrolabe.validate.style import (
    COLOURS,
    GREY,
    INK,
    PALE,
    axis_name,
    draw_message,
    new_figure,
    percent,
    robust_limits,
    styled,
)

NOTHING = "Luminosity classes need Teff and log g,\nwhich no spectrum of this catalogue has"
SHADES = dict(zip(CLASSES, (COLOURS[1], COLOURS[4], COLOURS[0]), strict=True))
PLURALS = {"giant": "giants", "subgiant": "subgiants", "dwarf": "dwarfs"}


@styled
def plot_luminosity_classes(catalogue: pd.DataFrame) -> Figure:
    """Draw log g against Teff, coloured by luminosity class, with the limits of the classes and the share of each.

    Parameters
    ----------
    catalogue : with ``teff`` (K), ``logg`` (dex) and ``flag``; doubtful spectra are rings, which no share counts.
        ``teff_true`` and ``logg_true`` add a panel, in which stars stand where they should, with their predicted class.
    """
    predicted = classify_stars(*(catalogue.get(label, np.full(len(catalogue), np.nan)) for label in LABELS))
    if not (predicted != "").any():
        return draw_message(NOTHING)
    panels = {"Predicted": ""}
    if ((reference_classes(catalogue) != "") & (predicted != "")).any():
        panels["Reference, by predicted class"] = "_true"
    doubtful = is_doubted(catalogue["flag"]).to_numpy() if "flag" in catalogue else np.zeros(len(catalogue), bool)
    figure = new_figure(6.2 * len(panels), 5.6)
    grid = figure.subplots(1, len(panels), sharex=True, sharey=True, squeeze=False)[0]
    for axes, (title, suffix) in zip(grid, panels.items(), strict=True):
        stars = [catalogue[f"{label}{suffix}"].to_numpy(float) for label in LABELS]
        _draw_stars(axes, *stars, predicted, doubtful)
        axes.set_title(title)
        axes.set_xlabel(axis_name("teff"))
        axes.grid(color=PALE, lw=0.5)
        axes.set_axisbelow(True)
    grid[0].set_ylabel(axis_name("logg"))
    both = [np.concatenate([catalogue[f"{label}{suffix}"] for suffix in panels.values()]) for label in LABELS]
    across, upwards = (robust_limits(values, share=0.2) for values in both)
    for axes in grid:
        _draw_limits(axes, *across)
    # The limits are to be seen, whatever the stars are.
    grid[0].set(xlim=across[::-1], ylim=(max(upwards[1], 4.2), min(upwards[0], GIANT_LIMIT - 0.2)))
    figure.legend(*grid[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


def _draw_stars(axes, teff, logg, predicted, doubtful):
    size = float(np.clip(12000 / max(len(teff), 1), 7, 34))
    sound = (predicted != "") & ~doubtful
    for name in CLASSES:
        here = predicted == name
        colour, ringed = SHADES[name], here & doubtful
        share = percent(here[sound].mean() if sound.any() else None)
        axes.scatter(teff[ringed], logg[ringed], s=size, fc="none", ec=colour, lw=0.7)
        text = f"{PLURALS[name]}: {share} ({(here & sound).sum():,})"
        axes.scatter(teff[here & sound], logg[here & sound], s=size, color=colour, lw=0, label=text)
    if (doubtful & (predicted != "")).any():
        rings = {"fc": "none", "ec": GREY, "lw": 0.7}
        axes.scatter([], [], s=size, label=f"doubtful ({(doubtful & (predicted != '')).sum():,})", **rings)


def _draw_limits(axes, coolest, hottest):
    # Twice where the limit jumps.
    corners = np.array([coolest, 4250, np.nextafter(4250, 4251), np.nextafter(6000, 5999), 6000, hottest])
    corners = np.unique(np.clip(corners, coolest, hottest))
    axes.plot(corners, dwarf_limit(corners), color=INK, lw=1.4, label="dwarfs, Ciardi et al. 2011", zorder=3)
    cool = np.minimum([coolest, 6000], [hottest, hottest])
    axes.plot(cool, [GIANT_LIMIT] * 2, color=INK, lw=1.4, ls="--", label=f"giants, below {GIANT_LIMIT}", zorder=3)
