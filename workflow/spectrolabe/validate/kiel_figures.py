"""Kiel diagrams, of a whole catalogue and cluster by cluster, with the user's isochrones."""

import numpy as np
import pandas as pd
from matplotlib import colormaps, patheffects
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from spectrolabe.predict.flags import is_doubted
from spectrolabe.validate.clusters import cluster_members, summarise_clusters
from spectrolabe.validate.isochrones import covered_metallicities, nearest_isochrone
from spectrolabe.validate.style import (
    BLUE,
    DENSITY,
    GREY,
    INK,
    ORANGE,
    PALE,
    axis_name,
    draw_message,
    new_figure,
    number,
    robust_limits,
    styled,
)

KIEL = ["teff", "logg"]
OUTLINE = [patheffects.withStroke(linewidth=3.2, foreground="white")]
CLUSTER_COLUMNS = 4


@styled
def plot_kiel(catalogue: pd.DataFrame, isochrones: pd.DataFrame | None = None, age: float | None = None) -> Figure:
    """Draw log g against Teff, coloured by [Fe/H]; flagged spectra are rings; reference labels stand beside.

    Parameters
    ----------
    catalogue : with ``teff`` (K), ``logg`` (dex), ``flag``; ``feh`` colours the stars, ``teff_true`` and ``logg_true``
        add a panel.
    isochrones : as `spectrolabe.validate.isochrones.read_isochrones` gives them; those nearest to ``age`` (Gyr) are
        drawn.
    """
    if not set(KIEL) <= set(catalogue) or catalogue[KIEL].dropna().empty:
        return draw_message("A Kiel diagram needs Teff and log g,\nwhich this catalogue does not have")
    panels = {"Predicted": ""}
    if {"teff_true", "logg_true"} <= set(catalogue) and catalogue[["teff_true", "logg_true"]].notna().all(axis=1).any():
        panels["Reference"] = "_true"
    figure = new_figure(6.2 * len(panels) + 0.8, 5.4)
    axes = figure.subplots(1, len(panels), sharex=True, sharey=True, squeeze=False)[0]
    metallicity = catalogue.get("feh", pd.Series(dtype=float)).dropna()
    limits = tuple(np.percentile(metallicity, [1, 99])) if len(metallicity) else None
    points = [_draw_kiel(panel, catalogue, suffix, limits) for panel, suffix in zip(axes, panels.values(), strict=True)]
    frame = axes[0].axis()
    for panel, title in zip(axes, panels, strict=True):
        panel.set_title(title)
        if isochrones is not None and limits:
            _draw_isochrones(panel, isochrones, metallicity, limits, age)
    axes[0].axis(frame)
    if axes[0].lines:
        figure.legend(handles=axes[0].lines, loc="outside lower center", ncols=3)
    axes[0].invert_xaxis()
    axes[0].invert_yaxis()
    axes[0].set_ylabel(axis_name("logg"))
    if limits and points[0] is not None:
        figure.colorbar(points[0], ax=axes, label=axis_name("feh"), pad=0.01, aspect=30).outline.set_visible(False)
    return figure


def _draw_kiel(axes, catalogue, suffix, limits):
    rows = catalogue[catalogue[[f"teff{suffix}", f"logg{suffix}"]].notna().all(axis=1)]
    doubtful = is_doubted(rows["flag"]) if "flag" in rows and not suffix else pd.Series(False, index=rows.index)
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


def _draw_isochrones(axes, isochrones, metallicity, limits, age):
    scale = Normalize(*limits, clip=True)
    for feh in covered_metallicities(isochrones, metallicity):
        line = nearest_isochrone(isochrones, feh, age)
        name = f"{line['age'].iloc[0]:.3g} Gyr, [Fe/H] {number('feh', feh, signed=True, coarse=True)}"
        colour = colormaps[DENSITY](scale(feh))
        axes.plot(line["teff"], line["logg"], color=colour, lw=1.7, path_effects=OUTLINE, label=name)


@styled
def plot_kiel_evolution(evolution: pd.DataFrame) -> Figure:
    """Draw the Kiel diagram that networks were trained on, and what one predicted at several epochs of its training.

    Parameters
    ----------
    evolution : one row per epoch and star: ``epoch``, ``kept`` (whether the network was kept as it was then), predicted
        ``teff`` (K), ``logg`` (dex) and, for the colour, ``feh``; ``teff_reference`` and so on, as trained on.
    """
    names = [*KIEL, *(f"{label}_reference" for label in KIEL)]
    if not set(names) <= set(evolution) or evolution[names].dropna().empty:
        return draw_message("A Kiel diagram needs Teff and log g,\nwhich this model does not predict")
    stages = list(evolution.groupby("epoch"))
    panels = [("Catalogue", stages[0][1], "_reference"), *((_epoch_title(*stage), stage[1], "") for stage in stages)]
    figure = new_figure(3.1 * len(panels) + 0.8, 4)
    grid = figure.subplots(1, len(panels), sharex=True, sharey=True)
    known = stages[0][1].get("feh_reference", pd.Series(dtype=float)).dropna()
    limits = tuple(np.percentile(known, [1, 99])) if len(known) else None
    for axes, (title, rows, suffix) in zip(grid, panels, strict=True):
        points = _draw_kiel(axes, rows, suffix, limits)
        axes.set_title(title)
    # Of the catalogue: the first epochs may predict anything.
    grid[0].set_xlim(robust_limits(stages[0][1]["teff_reference"], margin=0.12)[::-1])
    grid[0].set_ylim(robust_limits(stages[0][1]["logg_reference"], margin=0.12)[::-1])
    grid[0].set_ylabel(axis_name("logg"))
    if points is not None:
        figure.colorbar(points, ax=grid, label=axis_name("feh"), pad=0.01, aspect=30).outline.set_visible(False)
    return figure


def _epoch_title(epoch, rows):
    return f"{epoch} epoch{'' if epoch == 1 else 's'}{', kept' if rows['kept'].any() else ''}"


@styled
def plot_clusters(catalogue: pd.DataFrame, isochrones: pd.DataFrame | None = None, age: float | None = None) -> Figure:
    """Draw a Kiel diagram for every star cluster, and their mean [Fe/H] beside that of the literature.

    Parameters
    ----------
    catalogue : ``teff``, ``logg``, ``feh``, ``flag``, and ``cluster``, ``cluster_feh`` and ``cluster_age`` (Gyr) where
        the survey's table had them; flagged spectra are left out.
    isochrones : drawn at each cluster's [Fe/H], and at its age, or at ``age`` (Gyr) where it has none.
    """
    clusters = summarise_clusters(catalogue)
    if not len(clusters):
        return draw_message("No unflagged star with a star cluster's name in the column 'cluster'")
    columns = min(CLUSTER_COLUMNS, len(clusters))
    rows = -(-len(clusters) // columns)
    figure = new_figure(max(3.0 * columns, 6.5), 2.8 * rows + 3.2)
    upper, lower = figure.subfigures(2, 1, height_ratios=[2.8 * rows, 3.2])
    panels = upper.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    members = cluster_members(catalogue).dropna(subset=KIEL)
    for axes, cluster in zip(panels.flat, clusters.itertuples(), strict=False):
        stars = members[members["cluster"] == cluster.cluster]
        _draw_cluster(axes, stars, cluster, isochrones, age)
    for axes in panels.flat[len(clusters) :]:
        axes.remove()
    for axes in panels.flat[max(len(clusters) - columns, 0) : len(clusters)]:
        axes.tick_params(labelbottom=True)
    _set_frame(panels[0, 0], members)
    upper.supxlabel(axis_name("teff"), fontsize=10)
    upper.supylabel(axis_name("logg"), fontsize=10)
    _draw_metallicities(lower.subplots(), clusters)
    return figure


def _draw_cluster(axes, stars, cluster, isochrones, age):
    axes.set_title(f"{cluster.cluster} ({cluster.stars})", fontsize=10)
    axes.scatter(stars["teff"], stars["logg"], s=18, color=BLUE, lw=0, zorder=3)
    if isochrones is None or np.isnan(cluster.feh_literature):
        return
    own = stars["cluster_age"].dropna() if "cluster_age" in stars else stars["teff"].iloc[:0]
    line = nearest_isochrone(isochrones, cluster.feh_literature, own.iloc[0] if len(own) else age)
    axes.plot(line["teff"], line["logg"], color=ORANGE, lw=1.3)
    feh = number("feh", line["feh"].iloc[0], signed=True, coarse=True)
    text = f"[Fe/H] {feh}\n{line['age'].iloc[0]:.3g} Gyr"
    axes.text(0.05, 0.95, text, transform=axes.transAxes, va="top", fontsize=8, color=ORANGE)


def _set_frame(axes, stars):
    # Room for the isochrones, which run far beyond the stars on both sides.
    axes.set_xlim(robust_limits(stars["teff"], share=0, margin=0.15)[::-1])
    axes.set_ylim(robust_limits(stars["logg"], share=0, margin=0.15)[::-1])


def _draw_metallicities(axes, clusters):
    places = np.arange(len(clusters))
    spread = clusters["feh_std"].fillna(clusters["feh_err"])
    axes.plot(places, clusters["feh_literature"], "_", ms=22, mew=2, color=INK, label="literature")
    axes.errorbar(
        places, clusters["feh"], spread, fmt="o", ms=7, color=BLUE, capsize=3.5, lw=1.5,
        label="mean of the stars, with their standard deviation (of one star its uncertainty)",
    )  # fmt: skip
    names = [f"{cluster.cluster} ({cluster.stars})" for cluster in clusters.itertuples()]
    axes.set_xticks(places, names, rotation=40, ha="right", rotation_mode="anchor", color=INK)
    axes.set(xlim=(-0.6, len(clusters) - 0.4), ylabel=axis_name("feh"))
    axes.grid(axis="y", color=PALE, lw=0.5)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
