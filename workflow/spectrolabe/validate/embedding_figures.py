"""Pictures of a network's embeddings as its training went on: a row per epoch, a column per label."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from spectrolabe.validate.embedding_maps import closeness
from spectrolabe.validate.style import DENSITY, GREY, PALE, axis_name, draw_message, new_figure, styled


@styled
def plot_embedding(maps: pd.DataFrame) -> Figure:
    """Draw the maps of one part of a set, each spectrum in the colour of its label.

    In each map stands the correlation of labels with those of their nearest neighbours in it.

    Parameters
    ----------
    maps : rows of one part, as `spectrolabe.validate.embedding_maps.map_embeddings` gives them.
    """
    if maps.empty:
        return draw_message("No spectrum has information in all arms:\nthere is no embedding to draw")
    epochs, labels = maps["epoch"].unique(), maps["label"].unique()
    figure = new_figure(3.3 * len(labels) + 0.6, 2.8 * len(epochs) + 0.6)
    grid = figure.subplots(len(epochs), len(labels), squeeze=False)
    for column, label in enumerate(labels):
        rows = maps[maps["label"] == label]
        known = rows["value"].dropna()
        limits = np.percentile(known, [1, 99]) if len(known) else (0, 1)
        for axes, epoch in zip(grid[:, column], epochs, strict=True):
            points = _draw_map(axes, rows[rows["epoch"] == epoch], limits)
        grid[0, column].set_title(axis_name(label))
        bar = figure.colorbar(points, ax=grid[:, column], location="bottom", pad=0.01, aspect=30)
        bar.outline.set_visible(False)
    for axes, epoch in zip(grid[:, 0], epochs, strict=True):
        axes.set_ylabel(f"{epoch} epoch{'' if epoch == 1 else 's'}")
    return figure


def _draw_map(axes, rows, limits):
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(True)
    axes.spines[:].set_color(PALE)
    size = float(np.clip(8000 / len(rows), 4, 30))
    unknown = rows["value"].isna()
    axes.scatter(rows["x"][unknown], rows["y"][unknown], s=size, color=PALE, lw=0)
    shown = rows[~unknown]
    colour = {"c": shown["value"], "cmap": DENSITY, "vmin": limits[0], "vmax": limits[1]}
    points = axes.scatter(shown["x"], shown["y"], s=size, lw=0, **colour)
    alike = closeness(shown[["x", "y"]].to_numpy(), shown["value"].to_numpy())
    if np.isfinite(alike):
        text = f"{alike:.2f}".replace("-", "−")
        axes.text(0.03, 0.97, text, transform=axes.transAxes, va="top", fontsize=9, color=GREY)
    return points
