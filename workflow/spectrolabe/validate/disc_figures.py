"""Figures of the two discs: their chemistry, the eccentricities of their orbits, and their ages."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from spectrolabe.validate.discs import AXES, DISCS
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
    robust_limits,
    styled,
)

DISC_COLOURS = dict(zip(DISCS, (BLUE, ORANGE), strict=True))
MARKER = {"lw": 0, "alpha": 0.65}


def describe(value: float | None, form: str, unknown: str = "–") -> str:
    """Write a number, or a dash where it is unknown."""
    return unknown if value is None else format(value, form).replace("-", "−")


@styled
def plot_discs(table: pd.DataFrame, numbers: Mapping) -> Figure:
    """Draw [Mg/Fe] against [Fe/H]: density of the doubtful and of the good set, and what became of each star.

    Parameters
    ----------
    table, numbers : as `spectrolabe.validate.discs.find_discs` gives them.
    """
    if table.empty:
        return draw_message(numbers.get("missing", "No star whose labels could show the discs"))
    figure = new_figure(11, 8.4)
    panels = figure.subplots(2, 2, sharex=True, sharey=True)
    limits = [robust_limits(table[axis]) for axis in AXES]
    inner = " inner" if numbers["screened"] else ""
    floor = numbers["min_snr"]
    titles = {
        "low": f"Low S/N{' or outer' if inner else ''}",
        "high": f"{'Test and inner, ' if inner else ''}S/N ≥ {floor:g}",
    }
    for row, (name, title) in zip(panels, titles.items(), strict=True):
        stars = table[table["set"] == name]
        _draw_density(row[0], stars, limits)
        row[0].set_title(f"{title}: {len(stars):,} stars")
        _draw_members(row[1], stars)
        row[1].set_title(_describe_set(numbers[name]))
        row[0].set_ylabel(axis_name("mg_fe"))
    for axes in panels[1]:
        axes.set_xlabel(axis_name("feh"))
    panels[0, 0].set(xlim=limits[0], ylim=limits[1])
    return figure


def _draw_density(axes, stars, limits):
    if len(stars):
        cells = int(np.clip(0.9 * np.sqrt(len(stars)), 15, 60))
        extent = [*limits[0], *limits[1]]
        axes.hexbin(stars["feh"], stars["mg_fe"], gridsize=cells, extent=extent, cmap=DENSITY, mincnt=1, lw=0)


def _draw_members(axes, stars):
    size = float(np.clip(6000 / max(len(stars), 1), 3, 16))
    noise = stars[stars["disc"] == ""]
    axes.scatter(noise["feh"], noise["mg_fe"], s=size, color=GREY, lw=0, alpha=0.4, label=f"neither ({len(noise):,})")
    for disc, colour in DISC_COLOURS.items():
        members = stars[stars["disc"] == disc]
        if len(members):
            name = f"{disc} disc ({len(members):,})"
            axes.scatter(members["feh"], members["mg_fe"], s=size, color=colour, label=name, **MARKER)
    axes.legend(markerscale=2, loc="upper right")


def _describe_set(numbers):
    if not numbers["found"]:
        return "not separable into two discs"
    purity = numbers.get("purity", {}).get("all")
    shown = f", purity {100 * purity:.1f} %" if purity is not None else ""
    return f"{numbers['clusters']} clusters, {100 * numbers['noise']:.0f} % in neither disc{shown}"


@styled
def plot_eccentricities(table: pd.DataFrame, numbers: Mapping) -> Figure:
    """Draw the eccentricities of the discs' stars against [Fe/H], with straight lines through either disc.

    Parameters
    ----------
    table, numbers : as `spectrolabe.validate.orbits.measure_orbits` gives them.
    """
    if table.empty:
        return draw_message(numbers.get("missing", "No star whose orbit is bound"))
    figure = new_figure(11, 4.8)
    panels = figure.subplots(1, 2, sharex=True, sharey=True)
    size = float(np.clip(6000 / len(table), 4, 18))
    for axes, disc in zip(panels, DISCS, strict=True):
        stars, trend = table[table["disc"] == disc], numbers["trends"][disc]
        axes.scatter(stars["feh"], stars["eccentricity"], s=size, color=DISC_COLOURS[disc], **MARKER)
        axes.set_title(f"{disc.capitalize()} disc ({len(stars):,})")
        axes.set_xlabel(axis_name("feh"))
        if trend:
            _draw_trend(axes, stars["feh"], trend, INK, "-", f"Δe/Δ[Fe/H] = {_slope(trend)}")
        truth = numbers["truth"].get(disc)
        if truth:
            _draw_trend(axes, stars["feh"], truth, GREY, "--", f"true population: {_slope(truth)}")
        axes.plot([], [], ls="", label=f"published: {describe(numbers['published'][disc], '+.2f')}")
        axes.legend(loc="upper right")
    panels[0].set(ylabel="eccentricity", xlim=robust_limits(table["feh"]), ylim=(0, 1))
    return figure


def _slope(trend):
    return f"{describe(trend['slope'], '+.3f')} ± {trend['slope_err']:.3f}"


def _draw_trend(axes, feh, trend, colour, style, name):
    ends = np.array([feh.min(), feh.max()]) if len(feh) else np.zeros(2)
    axes.plot(ends, trend["at_zero"] + trend["slope"] * ends, color=colour, ls=style, lw=1.8, label=name)


@styled
def plot_ages(table: pd.DataFrame, numbers: Mapping) -> Figure:
    """Draw the ages of the discs' turn-off stars, and where those stars lie in the Kiel diagram.

    Parameters
    ----------
    table, numbers : as `spectrolabe.validate.ages.date_stars` gives them.
    """
    if table.empty:
        return draw_message(numbers.get("missing", "No turn-off star fits the isochrones"))
    figure = new_figure(11, 4.6)
    left, right = figure.subplots(1, 2)
    edges = np.arange(0, 14.5, 0.5)
    for disc, colour in DISC_COLOURS.items():
        stars, found = table[table["disc"] == disc], numbers[disc]
        if not len(stars):
            continue
        name = f"{disc} disc ({len(stars):,}): {found['mean']:.1f} ± {describe(found['err'], '.1f')} Gyr"
        left.hist(stars["age"], edges, weights=np.full(len(stars), 1 / len(stars)), color=colour, alpha=0.5, label=name)
        left.axvline(found["mean"], color=colour, lw=1.8)
        left.axvline(numbers["published"][disc], color=colour, lw=1.2, ls=":")
        right.scatter(stars["teff"], stars["logg"], s=12, color=colour, **MARKER)
    left.set(xlabel="age [Gyr]", ylabel="share of the stars", xlim=(0, 14))
    left.set_title("Ages; lines: means, dotted: published")
    left.legend(loc="upper left")
    right.add_patch(_box(numbers["turn_off"]))
    right.set(xlabel=axis_name("teff"), ylabel=axis_name("logg"))
    right.margins(0.08)
    right.invert_xaxis()
    right.invert_yaxis()
    right.set_title("The turn-off stars")
    return figure


def _box(limits):
    from matplotlib.patches import Rectangle

    (left, right), (low, high) = limits["teff"], limits["logg"]
    return Rectangle((left, low), right - left, high - low, fill=False, ec=PALE, lw=1.2)
