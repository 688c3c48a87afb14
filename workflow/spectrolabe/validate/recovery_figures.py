"""The figure of injected stars: maps of bias, scatter and coverage over temperature and S/N, and what mismatches do."""

import numpy as np
import pandas as pd
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from spectrolabe.spectra.labels import unit_of
from spectrolabe.validate.recovery import CLEAR_SNR, LEVEL, MISMATCHES, SNR_EDGES, is_broken, measure_cell
from spectrolabe.validate.scores import labels_with_truth, select_snr
from spectrolabe.validate.style import (
    BLUE,
    DENSITY,
    GREY,
    INK,
    ORANGE,
    axis_name,
    draw_message,
    new_figure,
    number,
    styled,
)

DIVERGING = "RdBu_r"
#: Cells along the first axis, of equal width.
CELLS = 6
#: Fewer stars than this say nothing of a cell.
LEAST_STARS = 5
#: How far from its level the colours of coverage reach.
SATURATED = 0.3
TITLES = {"bias": "Bias", "scatter": "Scatter", "coverage68": "Inside the 68 % interval"}
SHORT = {
    "none": "no mismatch", "resolution": "resolution", "continuum": "continuum", "velocity": "velocity",
    "rotation": "rotation", "grid": "other grid",
}  # fmt: skip


@styled
def plot_recovery(table: pd.DataFrame) -> Figure:
    """Draw a row of panels per label: three maps of the stars without mismatch, then every mismatch beside them.

    Parameters
    ----------
    table : as `spectrolabe.validate.recovery.tabulate_recovery` gives it.
    """
    labels = [label for label in labels_with_truth(table) if table[label].notna().any()]
    if not labels:
        return draw_message("No injected star has a label")
    # Temperature decides what lines there are; of labels without it, each is mapped over the first.
    along = "teff" if "teff" in labels else labels[0]
    matched = table[table["mismatch"] == "none"]
    edges = _split_range(matched[f"{along}_true"])
    figure = new_figure(17, 0.6 + 2.75 * len(labels))
    panels = figure.subplots(len(labels), 4, squeeze=False, width_ratios=[1, 1, 1, 1.25])
    for row, label in zip(panels, labels, strict=True):
        cells = _measure_cells(matched, label, along, edges)
        for axes, statistic in zip(row, TITLES, strict=False):
            _draw_map(figure, axes, cells[statistic], label, statistic)
            axes.set_xticks(np.arange(CELLS + 1) - 0.5, [_tick(along, edge) for edge in edges], fontsize=8)
        row[0].set_ylabel(f"{axis_name(label)}\nS/N per pixel")
        _draw_mismatches(row[3], table, label)
    for axes in panels[-1, :3]:
        axes.set_xlabel(axis_name(along))
    for axes, title in zip(panels[0], [*TITLES.values(), f"Mismatches, S/N of {CLEAR_SNR} and more"], strict=True):
        axes.set_title(title)
    return figure


def _split_range(values):
    """Give the edges of the cells: from the lowest value to the highest, both rounded outwards."""
    low, high = values.min(), values.max()
    unit = 10.0 ** (np.floor(np.log10(high - low or 1.0)) - 1)
    return np.linspace(np.floor(low / unit) * unit, np.ceil(high / unit) * unit, CELLS + 1)


def _tick(label, value):
    return number(label, value, coarse=unit_of(label) != "K")


def _measure_cells(matched, label, along, edges):
    """Give each statistic as an array of (S/N, first axis), NaN where there are too few stars."""
    place = np.clip(np.searchsorted(edges, matched[f"{along}_true"], side="right") - 1, 0, CELLS - 1)
    # Noise leaves stars a little beyond the ends.
    level = np.clip(np.searchsorted(SNR_EDGES, matched["snr"], side="right") - 1, 0, len(SNR_EDGES) - 2)
    cells = {statistic: np.full((len(SNR_EDGES) - 1, CELLS), np.nan) for statistic in TITLES}
    for cell in np.ndindex(len(SNR_EDGES) - 1, CELLS):
        found = measure_cell(matched[(level == cell[0]) & (place == cell[1])], label)
        if found.get("n", 0) >= LEAST_STARS:
            for statistic, values in cells.items():
                values[cell] = found[statistic]
    return cells


def _draw_map(figure, axes, cells, label, statistic):
    known = cells[np.isfinite(cells)]
    limit = float(np.abs(known).max()) if known.size else 1.0
    looks = {
        "bias": (DIVERGING, Normalize(-limit, limit)),
        "scatter": (DENSITY, Normalize(0, limit)),
        "coverage68": ("RdBu", Normalize(LEVEL - SATURATED, LEVEL + SATURATED)),
    }
    cmap, norm = looks[statistic]
    image = axes.imshow(cells, cmap=cmap, norm=norm, aspect="auto", origin="lower")
    for (row, column), value in np.ndenumerate(cells):
        if np.isfinite(value):
            axes.text(column, row, **_cell_text(label, statistic, value, image), ha="center", va="center", fontsize=8)
    axes.set_yticks(np.arange(len(SNR_EDGES)) - 0.5, SNR_EDGES, fontsize=8)
    axes.tick_params(length=2)
    axes.spines[:].set_visible(False)


def _cell_text(label, statistic, value, image):
    red, green, blue, _ = image.cmap(image.norm(value))
    light = 0.299 * red + 0.587 * green + 0.114 * blue
    text = f"{100 * value:.0f} %" if statistic == "coverage68" else number(label, value, signed=statistic == "bias")
    return {"s": text, "color": INK if light > 0.5 else "white"}


def _draw_mismatches(axes, table, label):
    """Draw bias and scatter with each mismatch, and how many are inside the interval; broken intervals in orange."""
    clear = select_snr(table, CLEAR_SNR, np.inf)
    kinds = [kind for kind in MISMATCHES if (table["mismatch"] == kind).any()]
    axes.axvline(0, color=GREY, lw=0.8)
    for place, kind in enumerate(kinds):
        found = measure_cell(clear[clear["mismatch"] == kind], label)
        if not found:
            axes.text(0.5, place, "no star", transform=axes.get_yaxis_transform(), ha="center", va="center", color=GREY)
            continue
        colour = ORANGE if is_broken(found["coverage68"], found["n"]) else BLUE
        axes.errorbar(found["bias"], place, xerr=found["scatter"], fmt="o", color=colour, ms=5, lw=1.6)
        inside = "no interval" if np.isnan(found["coverage68"]) else f"{100 * found['coverage68']:.0f} % inside"
        text = f"{inside}, {100 * found['flagged']:.0f} % flagged"
        axes.text(1.01, place, text, transform=axes.get_yaxis_transform(), va="center", fontsize=8.5, color=colour)
    axes.set_yticks(range(len(kinds)), [SHORT[kind] for kind in kinds])
    axes.set_ylim(len(kinds) - 0.5, -0.5)
    axes.set_xlabel(f"predicted − injected [{unit_of(label)}]")
