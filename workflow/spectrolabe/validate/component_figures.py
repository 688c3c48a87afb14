"""The figure of the components of a compressed set: how well spectra are rebuilt from how many."""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from spectrolabe.validate.style import COLOURS, GREY, INK, new_figure, styled

#: Errors that are marked, as in figure 2 of Open Astronomy 31, 38.
MARKS = (0.01, 0.005)
#: Below this (0.01 %) curves leave the figure: with as many components as pixels, nothing is left of any spectrum.
LOWEST = 1e-4


@styled
def plot_components(errors: pd.DataFrame) -> Figure:
    """Draw the error of rebuilt spectra against the number of components, one curve per kind of spectra.

    Parameters
    ----------
    errors : as `spectrolabe.prepare.components.learn_components` gives them.
    """
    figure = new_figure(7.5, 4.8)
    axes = figure.subplots()
    kinds = list(errors.groupby("spectra", sort=False))
    for number, (kind, rows) in enumerate(kinds):
        name = kind if kind in ("training", "validation") else f"nodes of the grid: {kind}"
        # Curves of training and validation often coincide: the later ones are thinner.
        width = 1.4 + 1.2 * (len(kinds) - 1 - number)
        axes.plot(rows["components"], rows["error"], "-", color=COLOURS[number % 6], lw=width, label=name)
    for mark in MARKS:
        axes.axhline(mark, ls="--", lw=1, color=GREY)
    chosen = errors.loc[errors["chosen"], "components"].iloc[0]
    axes.axvline(chosen, ls=":", lw=1.2, color=INK, label=f"taken: {chosen}")
    shown = [*errors["error"].clip(lower=LOWEST), *MARKS]
    limits = min(shown) / 1.2, max(shown) * 1.2
    axes.set(xscale="log", yscale="log", xlim=(1, errors["components"].max()), ylim=limits)
    axes.set(xlabel="principal components", ylabel="mean relative error of rebuilt flux")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    for axis in (axes.yaxis.set_major_formatter, axes.yaxis.set_minor_formatter):
        axis(FuncFormatter(lambda value, _: _per_cent(value)))
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=len(kinds) + 1)
    return figure


def _per_cent(value: float) -> str:
    """Name ticks at 1, 2 and 5 times a power of ten alone, so that they do not overlap."""
    return f"{100 * value:g} %" if f"{value:.0e}"[0] in "125" else ""
