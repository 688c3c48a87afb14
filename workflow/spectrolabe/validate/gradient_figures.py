"""Figures of sensitivity maps: gradients of all labels along the spectrum, and those of labels that go together."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from spectrolabe.spectra.labels import element_of, unit_of
from spectrolabe.validate.sensitivity import are_kin, labels_of, name_arms
from spectrolabe.validate.style import COLOURS, GREY, INK, draw_message, name_of, new_figure, styled

#: Margin beyond the lines that the figure of correlated labels is drawn around (angstrom).
MARGIN = 4.0
#: Share of a panel's width that two names of lines need between them.
LEAST_DISTANCE = 0.02


@styled
def plot_sensitivity(table: pd.DataFrame, named: Mapping[str, Sequence[float]]) -> Figure:
    """Draw d label / d flux along the spectrum, label by label, below the average spectrum; a block for each arm.

    Parameters
    ----------
    table : a sensitivity map, see `spectrolabe.validate.sensitivity.tabulate_gradients`.
    named : label -> wavelengths (angstrom, air) of lines to mark.
    """
    labels, wavelength = labels_of(table), table["wavelength"].to_numpy(float)
    arms = name_arms(wavelength)
    figure = new_figure(13, len(arms) * (1.1 + 0.95 * len(labels)) + 0.5)
    blocks = np.atleast_1d(figure.subfigures(len(arms), 1, hspace=0.02))
    colours = _colours(named)
    for block, arm in zip(blocks, arms.values(), strict=True):
        panels = block.subplots(len(labels) + 1, 1, sharex=True)
        _draw_arm(panels, table.iloc[arm], labels, named, colours)
    marks = [Line2D([], [], color=colour, lw=1.4) for colour in colours.values()]
    names = [f"lines named for {name_of(label)}" for label in colours]
    blocks[0].legend(marks, names, loc="outside upper right", ncols=len(names))
    return figure


def _colours(named):
    return {label: COLOURS[place % len(COLOURS)] for place, label in enumerate(named)}


def _draw_arm(panels, part, labels, named, colours):
    wavelength = part["wavelength"].to_numpy(float)
    panels[0].plot(wavelength, part["mean_flux"], color=GREY, lw=0.7)
    panels[0].set_ylabel("mean\nflux", rotation=0, ha="right", va="center")
    for axes, label in zip(panels[1:], labels, strict=True):
        axes.axhline(0, color=GREY, lw=0.5)
        axes.plot(wavelength, part[label], color=INK, lw=0.7)
        axes.set_ylabel(f"{name_of(label)}\n[{unit_of(label)}]", rotation=0, ha="right", va="center")
        top = np.nanmax(np.abs(part[label])) if part[label].notna().any() else 0
        axes.set_ylim(*(np.array([-1.1, 1.1]) * (top or 1)))
    window = wavelength[0], wavelength[-1]
    _name_lines(panels[0], window, named, colours)
    for axes in panels:
        _mark_lines(axes, window, named, colours)
    for axes in panels[:-1]:
        axes.tick_params(bottom=False)
        axes.spines["bottom"].set_visible(False)
    panels[-1].set(xlim=window, xlabel="wavelength in air [Å]")


@styled
def plot_correlated_labels(
    tables: Mapping[str, pd.DataFrame],
    correlations: Mapping[str, Mapping[str, Mapping[str, float | None]]],
    named: Mapping[str, Sequence[float]],
) -> Figure:
    """Draw the gradients of two models' abundances over one another, around the lines named in the last arm with any.

    Parameters
    ----------
    tables : model -> its sensitivity map; the model with correlated labels is the last.
    correlations : model -> label -> label -> correlation of their gradients, for the panels' titles.
    named : label -> wavelengths (angstrom, air) of lines to mark.
    """
    last = tables[list(tables)[-1]]
    window = _window(last["wavelength"].to_numpy(float), [line for lines in named.values() for line in lines])
    figure = new_figure(13, 5.6)
    panels = figure.subplots(1, len(tables), sharey=True, squeeze=False)[0]
    abundances = [label for label in labels_of(last) if element_of(label)]
    looks = {label: COLOURS[place % len(COLOURS)] for place, label in enumerate(abundances)}
    greys = dict.fromkeys(named, GREY)
    for axes, (model, table) in zip(panels, tables.items(), strict=True):
        part = table[table["wavelength"].between(*window)]
        shown = {label: look for other, look in looks.items() for label in labels_of(table) if are_kin(label, other)}
        if not shown:
            return draw_message(f"{model} and the model beside it have no abundance of one element")
        axes.axhline(0, color=GREY, lw=0.6)
        for label, colour in shown.items():
            axes.plot(part["wavelength"], part[label], color=colour, lw=1.2, label=name_of(label))
        _mark_lines(axes, window, named, greys)
        _name_lines(axes, window, named, greys)
        axes.set_title(model, pad=20)
        axes.set(xlim=window, xlabel="wavelength in air [Å]")
        text = _describe_correlations(correlations[model], list(shown))
        axes.legend(loc="upper left", bbox_to_anchor=(0, -0.13), ncols=len(shown), title=text, alignment="left")
    panels[0].set_ylabel("d label / d flux [dex]")
    return figure


def _window(wavelength, lines):
    """Give the ends of a window around the lines in the last arm that holds any; the whole of the last arm without."""
    arms = [wavelength[arm][[0, -1]] for arm in name_arms(wavelength).values()]
    for low, high in reversed(arms):
        inside = [line for line in lines if low <= line <= high]
        if inside:
            return max(min(inside) - MARGIN, low), min(max(inside) + MARGIN, high)
    return tuple(arms[-1])


def _mark_lines(axes, window, named, colours):
    for label, lines in named.items():
        for line in (line for line in lines if window[0] <= line <= window[1]):
            axes.axvline(line, color=colours[label], lw=1.2, alpha=0.55, zorder=0)


def _name_lines(axes, window, named, colours):
    """Write the element above its lines, once where they lie close together."""
    for label, lines in named.items():
        before = -np.inf
        for line in sorted(line for line in lines if window[0] <= line <= window[1]):
            if line - before > LEAST_DISTANCE * (window[1] - window[0]):
                note = {"ha": "center", "va": "bottom", "fontsize": 8.5, "color": colours[label]}
                text = element_of(label) or name_of(label)
                axes.annotate(text, (line, 1.02), xycoords=("data", "axes fraction"), **note)
            before = line


def _describe_correlations(correlation, labels):
    pairs = [
        f"{name_of(label)} and {name_of(other)}: {correlation[label][other]:+.2f}".replace("-", "−")
        for place, label in enumerate(labels)
        for other in labels[place + 1 :]
        if correlation[label][other] is not None
    ]
    return "Correlation of gradients\n" + "\n".join(pairs) if pairs else None
