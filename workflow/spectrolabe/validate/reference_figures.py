"""Figures of stars known from elsewhere: star clusters, benchmark stars, and stars with oscillations."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from spectrolabe.spectra.labels import unit_of
from spectrolabe.validate.disc_figures import describe
from spectrolabe.validate.repeats import PAIRS
from spectrolabe.validate.style import (
    BLUE,
    COLOURS,
    GREY,
    INK,
    PALE,
    axis_name,
    draw_message,
    name_of,
    new_figure,
    number,
    panel_grid,
    robust_limits,
    styled,
)

RED = "#cc0000"
SHOWN_CLUSTERS = 6
SEISMIC_NAMES = {
    "logg": "predicted log $g$ [dex]",
    "logg_survey": "survey’s log $g$ [dex]",
    "logg_seismic": "seismic log $g$ [dex]",
}


@styled
def plot_cluster_abundances(table: pd.DataFrame, numbers: Mapping) -> Figure:
    """Draw [Mg/Fe] and [Al/Fe] against [Fe/H] of the whole survey, as the survey has them and as predicted.

    Parameters
    ----------
    table, numbers : as `spectrolabe.validate.anticorrelation.compare_clusters` gives them.
    """
    if not numbers.get("clusters"):
        return draw_message(numbers["missing"])
    figure = new_figure(11, 8)
    panels = figure.subplots(2, 2, sharex=True, sharey="row")
    members = table[table["cluster"] != ""]
    for row, label in zip(panels, ("mg_fe", "al_fe"), strict=True):
        for axes, suffix in zip(row, ("_survey", ""), strict=True):
            field = table[table["cluster"] == ""]
            axes.scatter(field[f"feh{suffix}"], field[f"{label}{suffix}"], s=3, color=PALE, lw=0, zorder=0)
            for cluster, colour in _cluster_colours(numbers).items():
                stars = members[members["cluster"] == cluster]
                axes.scatter(stars[f"feh{suffix}"], stars[f"{label}{suffix}"], s=14, color=colour, lw=0, label=cluster)
        row[0].set_ylabel(axis_name(label))
        values = pd.concat([members[label], members[f"{label}_survey"], table[label]]).dropna()
        row[0].set_ylim(robust_limits(values, share=0.2))
    for axes, title in zip(panels[0], ("The survey’s labels", "Predicted"), strict=True):
        axes.set_title(title)
    for axes in panels[1]:
        axes.set_xlabel(axis_name("feh"))
    panels[0, 0].set_xlim(robust_limits(pd.concat([table["feh"], members["feh_survey"]]).dropna(), share=0.2))
    panels[0, 1].legend(markerscale=1.5, loc="upper right")
    return figure


def _cluster_colours(numbers):
    names = [cluster["cluster"] for cluster in numbers["clusters"]]
    return {name: COLOURS[place % (len(COLOURS) - 1)] for place, name in enumerate(names)}


@styled
def plot_anticorrelation(table: pd.DataFrame, numbers: Mapping) -> Figure:
    """Draw [Al/Fe] against [Mg/Fe] cluster by cluster, predicted in colour, the survey's black, with fitted lines.

    Parameters
    ----------
    table, numbers : as `spectrolabe.validate.anticorrelation.compare_clusters` gives them; the clusters with the most
        stars are shown, from metal-rich to metal-poor.
    """
    if not numbers.get("clusters"):
        return draw_message(numbers["missing"])
    largest = sorted(numbers["clusters"], key=lambda cluster: -cluster["all"]["stars"])[:SHOWN_CLUSTERS]
    shown = [cluster for cluster in numbers["clusters"] if cluster in largest]
    columns = min(3, len(shown))
    rows = -(-len(shown) // columns)
    figure = new_figure(4.3 * columns + 0.6, 4 * rows + 0.3)
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    colours, members = _cluster_colours(numbers), table[table["cluster"].isin([one["cluster"] for one in shown])]
    for axes, cluster in zip(grid.flat, shown, strict=False):
        _draw_cluster(axes, members[members["cluster"] == cluster["cluster"]], cluster, colours[cluster["cluster"]])
    for axes in list(grid.flat)[len(shown) :]:
        axes.set_visible(False)
    for label, setter in (("mg_fe", grid[0, 0].set_xlim), ("al_fe", grid[0, 0].set_ylim)):
        setter(robust_limits(members[[label, f"{label}_survey"]].to_numpy().ravel(), share=0.2))
    for axes, cluster in zip(grid.flat, shown, strict=False):
        _draw_error(axes, members[members["cluster"] == cluster["cluster"]])
    for axes in grid[:, 0]:
        axes.set_ylabel(axis_name("al_fe"))
    for axes in grid[-1]:
        axes.set_xlabel(axis_name("mg_fe"))
    return figure


def _draw_cluster(axes, stars, cluster, colour):
    axes.scatter(stars["mg_fe_survey"], stars["al_fe_survey"], s=16, color=INK, lw=0, alpha=0.55, label="survey")
    axes.scatter(stars["mg_fe"], stars["al_fe"], s=20, color=colour, lw=0, alpha=0.85, label="predicted")
    looks = {"predicted": ("", colour, "-"), "survey": ("_survey", INK, "-"), "true": ("_true", GREY, "--")}
    for source, (suffix, ink, style) in looks.items():
        slope = cluster["all"]["slopes"][source]
        if slope is not None:
            points = stars[[f"mg_fe{suffix}", f"al_fe{suffix}"]].dropna()
            name = f"{source}: {describe(slope, '.2f')} ± {describe(cluster['all']['slope_errs'][source], '.2f')}"
            axes.axline(tuple(points.mean()), slope=slope, color=ink, ls=style, lw=1.4, label=name)
    feh = describe(cluster["feh"], "+.2f")
    axes.set_title(f"{cluster['cluster']}, [Fe/H] = {feh}, {len(stars)} stars", fontsize=10)
    axes.legend(fontsize=8, loc="upper right", frameon=True, framealpha=0.8, edgecolor="none")


def _draw_error(axes, stars):
    errors = stars[["mg_fe_survey_err", "al_fe_survey_err"]].median()
    if errors.notna().all():
        place = [low[0] + 1.2 * error for low, error in zip((axes.get_xlim(), axes.get_ylim()), errors, strict=True)]
        axes.errorbar(*place, errors.iloc[1], errors.iloc[0], color=INK, lw=1, capsize=2)


@styled
def plot_reference_stars(table: pd.DataFrame, numbers: Mapping) -> Figure:
    """Draw predicted against the survey's labels of benchmark stars, every spectrum; outer ones are red.

    Parameters
    ----------
    table, numbers : as `spectrolabe.validate.repeats.compare_repeats` gives them.
    """
    shown = [label for label in numbers.get("labels", {}) if table[f"{label}_survey"].notna().any()]
    if not shown:
        return draw_message(numbers.get("missing", "The survey gives no labels of its benchmark stars"))
    figure = new_figure(4.3 * min(3, len(shown)), 4 * -(-len(shown) // 3))
    for label, axes in panel_grid(figure, shown).items():
        spectra = table.dropna(subset=[label, f"{label}_survey"])
        _draw_one_to_one(axes, spectra, f"{label}_survey", label)
        found = numbers["labels"][label]
        best = found.get("inner") or found.get("all")
        if best and best["bias"] is not None:
            scatter = number(label, best["scatter"]) if best["scatter"] is not None else "–"
            text = f"{number(label, best['bias'], signed=True)} ± {scatter} {unit_of(label)}"
            axes.set_title(f"{name_of(label)}: {text} ({best['stars']} stars)", fontsize=10, fontweight="normal")
        axes.set(xlabel=axis_name(label, "survey’s "), ylabel=axis_name(label, "predicted "))
    return figure


def _draw_one_to_one(axes, spectra, across, upwards):
    outer = (spectra["screening"] == "outer").to_numpy()
    for chosen, colour in ((~outer, BLUE), (outer, RED)):
        rows = spectra[chosen]
        errors = [rows.get(f"{name}_err", pd.Series(np.nan, index=rows.index)) for name in (across, upwards)]
        axes.errorbar(
            rows[across], rows[upwards], errors[1], errors[0], ls="", marker="o", ms=4, color=colour, alpha=0.6,
            elinewidth=0.6,
        )  # fmt: skip
    values = spectra[[across, upwards]].to_numpy(float).ravel()
    limits = robust_limits(values, share=0)
    axes.plot(limits, limits, color=INK, lw=0.8)
    axes.set(xlim=limits, ylim=limits)


@styled
def plot_seismic(table: pd.DataFrame, numbers: Mapping) -> Figure:
    """Draw log g of the survey, as predicted, and from oscillations against one another, in three panels.

    Parameters
    ----------
    table, numbers : as `spectrolabe.validate.repeats.compare_gravities` gives them.
    """
    pairs = {pair: columns for pair, columns in PAIRS.items() if pair in numbers}
    if not pairs:
        return draw_message(numbers["missing"])
    figure = new_figure(4.3 * len(pairs), 4.2)
    for axes, (pair, (first, second)) in zip(
        figure.subplots(1, len(pairs), squeeze=False)[0], pairs.items(), strict=True
    ):
        _draw_one_to_one(axes, table.dropna(subset=[first, second]), second, first)
        found = numbers[pair]
        text = f"{number('logg', found['bias'], signed=True)} ± {number('logg', found['scatter'])} dex"
        axes.set_title(f"{text} (n = {found['n']})", fontsize=10, fontweight="normal")
        axes.set(xlabel=SEISMIC_NAMES[second], ylabel=SEISMIC_NAMES[first])
    return figure
