"""The figure of how the labels of a set are distributed over its parts."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy.ndimage import gaussian_filter1d

from spectrolabe.validate.style import COLOURS, axis_name, draw_message, new_figure, panel_grid, styled

#: Places that a density is computed at.
PLACES = 400
#: Of a panel (inches).
WIDTH, HEIGHT = 4.2, 3.2
#: Beyond the values, in widths of the kernel.
REACH = 3
LINES = ("-", "--", "-.", ":")


@styled
def plot_label_densities(parts: Mapping[str, pd.DataFrame]) -> Figure:
    """Draw the density of every label, a panel each, one curve per part: each has the area 1.

    Parameters
    ----------
    parts : name of a part -> its labels, one row per spectrum.
    """
    labels = list(dict.fromkeys(label for rows in parts.values() for label in rows))
    known = {
        label: {part: values for part, rows in parts.items() if (values := _values(rows, label)).size > 1}
        for label in labels
    }
    known = {label: found for label, found in known.items() if found}
    if not known:
        return draw_message("No labels in any part of the set")
    columns = min(3, len(known))
    figure = new_figure(WIDTH * columns, HEIGHT * -(-len(known) // columns) + 0.3)
    looks = {part: {"color": COLOURS[place], "ls": LINES[place % 4], "lw": 1.6} for place, part in enumerate(parts)}
    panels = panel_grid(figure, list(known))
    for label, axes in panels.items():
        for part, values in known[label].items():
            places, density = estimate_density(values)
            axes.plot(places, density, **looks[part], label=part)
        axes.set(xlabel=axis_name(label), ylabel="density")
        axes.set_ylim(0)
        axes.ticklabel_format(axis="y", style="sci", scilimits=(-2, 3), useMathText=True)
    named = {}
    for axes in panels.values():
        named |= dict(zip(*axes.get_legend_handles_labels()[::-1], strict=True))
    figure.legend(named.values(), named.keys(), loc="outside lower center", ncols=len(named))
    return figure


def _values(rows, label):
    return rows[label].dropna().to_numpy(float) if label in rows else np.empty(0)


def estimate_density(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Estimate the density of a label by a Gaussian kernel as wide as Scott's rule (1992) says.

    Parameters
    ----------
    values : shape (n,), two or more.

    Returns
    -------
    Places from the lowest to the highest value and beyond, and the density there, each of shape (`PLACES`,).
    """
    width = values.std(ddof=1) * values.size**-0.2 or 1e-3 * max(abs(values[0]), 1)
    edges = np.linspace(values.min() - REACH * width, values.max() + REACH * width, PLACES + 1)
    step = edges[1] - edges[0]
    shares = np.histogram(values, edges, density=True)[0]
    return (edges[1:] + edges[:-1]) / 2, gaussian_filter1d(shares, width / step, mode="constant")
