"""Figures of the labels that networks are trained on: where their stars lie, and how abundances are distributed."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from spectrolabe.spectra.labels import abundance_of
from spectrolabe.validate.style import (
    BLUE,
    DENSITY,
    GREY,
    PALE,
    axis_name,
    draw_message,
    name_of,
    new_figure,
    panel_grid,
    robust_limits,
    styled,
)
from spectrolabe.validate.survey_figures import draw_density

KIEL = ["teff", "logg"]


@styled
def plot_label_coverage(parts: Mapping[str, pd.DataFrame]) -> Figure:
    """Draw the Kiel diagram of a set's labels, coloured by [Fe/H], its parts beside each other.

    Parameters
    ----------
    parts : name of a part -> its labels, a row per spectrum: ``teff`` (K), ``logg`` (dex), and ``feh`` for the colour.
    """
    stars = {part: rows.dropna(subset=[*KIEL, *({"feh"} & set(rows))]) for part, rows in parts.items()}
    figure = new_figure(5.6 * len(stars) + 0.8, 5.2)
    panels = figure.subplots(1, len(stars), sharex=True, sharey=True, squeeze=False)[0]
    metallicity = pd.concat([rows.get("feh", pd.Series(dtype=float)) for rows in stars.values()])
    look = {"s": float(np.clip(24000 / max(map(len, stars.values()), default=1), 5, 30)), "lw": 0}
    if len(metallicity):
        low, high = np.percentile(metallicity, [1, 99])
        look |= {"cmap": DENSITY, "vmin": low, "vmax": high}
    for axes, (part, rows) in zip(panels, stars.items(), strict=True):
        rows = rows.sort_values("feh", kind="stable") if len(metallicity) else rows
        colour = {"c": rows["feh"]} if len(metallicity) else {"color": BLUE}
        points = axes.scatter(rows["teff"], rows["logg"], **look, **colour)
        axes.set_title(f"{part.capitalize()} ({len(rows):,})")
        axes.set_xlabel(axis_name("teff"))
        axes.grid(color=PALE, lw=0.5)
        axes.set_axisbelow(True)
    panels[0].invert_xaxis()
    panels[0].invert_yaxis()
    panels[0].set_ylabel(axis_name("logg"))
    if len(metallicity):
        figure.colorbar(points, ax=panels, label=axis_name("feh"), pad=0.01, aspect=30).outline.set_visible(False)
    return figure


@styled
def plot_abundance_densities(parts: Mapping[str, pd.DataFrame]) -> Figure:
    """Draw how a set's abundances relative to iron are distributed over [Fe/H], all its parts together.

    Parameters
    ----------
    parts : name of a part -> its labels, a row per spectrum: ``feh`` and ``<element>_fe`` (dex).
    """
    stars = pd.concat(parts.values(), ignore_index=True)
    ratios = [name for name in stars if name.endswith("_fe") and not (abundance_of(name) or "").startswith("A(")]
    known = {name: pairs for name in ratios if len(pairs := stars.reindex(columns=["feh", name]).dropna())}
    if not known:
        return draw_message("No spectrum with [Fe/H] and the abundance of another element")
    figure = new_figure(5.2 * min(2, len(known)), 3.9 * -(-len(known) // 2))
    for name, axes in panel_grid(figure, list(known), columns=2).items():
        metallicity, ratio = known[name].to_numpy(float).T
        limits = robust_limits(metallicity, share=0.1), robust_limits(ratio, share=0.1)
        axes.axhline(0, color=GREY, lw=0.8, ls="--")
        draw_density(axes, metallicity, ratio, (*limits[0], *limits[1]))
        axes.set(xlim=limits[0], ylim=limits[1], xlabel=axis_name("feh"), ylabel=axis_name(name))
        axes.set_title(f"{name_of(name)} ({len(ratio):,})")
    return figure


#: Name -> function of a set's parts, of `spectrolabe.validate.figure_names.OF_SETS`.
LABEL_FIGURES = {"label_coverage": plot_label_coverage, "abundance_densities": plot_abundance_densities}
