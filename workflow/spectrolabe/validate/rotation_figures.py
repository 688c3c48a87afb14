"""Figure of errors against signal-to-noise, apart for slow and fast rotation."""

from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from spectrolabe.spectra.labels import unit_of
from spectrolabe.validate.figures import NO_TRUTH
from spectrolabe.validate.scores import labels_with_truth
from spectrolabe.validate.style import (
    COLOURS,
    INK,
    draw_message,
    name_of,
    new_figure,
    panel_grid,
    styled,
)

#: Projected rotation that spectra are parted at where some rotate faster than the last but one (km/s).
ROTATION_EDGES = (0.0, 50.0, 100.0, 200.0, 300.0)
SNR_BINS = 8
PER_BIN = 40  # spectra of all rotations in a bin, at least
MIN_SPECTRA = 10  # of one rotation: fewer say nothing of a standard deviation
ALL = "all"


@styled
def plot_error_by_rotation(catalogue: pd.DataFrame) -> Figure:
    """Draw the standard deviation of predicted minus true labels against S/N, a curve for each range of v sin i.

    Parameters
    ----------
    catalogue : ``snr`` (per pixel), ``vsini_true`` (km/s), and ``L`` and ``L_true`` for the labels to draw.
    """
    labels = labels_with_truth(catalogue)
    if not labels:
        return draw_message(NO_TRUTH)
    if "snr" not in catalogue or not (catalogue["snr"] > 0).any():
        return draw_message("No signal-to-noise ratios in this dataset")
    if "vsini_true" not in catalogue or not catalogue["vsini_true"].notna().any():
        return draw_message("No true v sin i in this dataset")
    table = measure_spreads(catalogue)
    if table.empty:
        return draw_message("Too few spectra for errors by S/N")
    columns = min(2, len(labels))
    figure = new_figure(5.2 * columns, 3.9 * -(-len(labels) // columns))
    ranges = list(dict.fromkeys(table["rotation"]))
    for label, axes in panel_grid(figure, labels, columns=2).items():
        for name in ranges:
            rows = table[(table["label"] == label) & (table["rotation"] == name)]
            whole = name == ALL
            colour = INK if whole else COLOURS[ranges.index(name) % len(COLOURS)]
            style = {"color": colour, "ls": "--" if whole else "-", "marker": "o", "ms": 4, "lw": 1.4, "capsize": 2}
            error = rows["std"] / np.sqrt(2 * rows["n"])
            axes.errorbar(rows["snr"], rows["std"], error, label=name if whole else f"{name} km/s", **style)
        axes.set(xlabel="S/N per pixel", ylabel=f"standard deviation [{unit_of(label)}]", ylim=(0, None))
        axes.set_title(name_of(label))
    axes.legend(title=name_of("vsini"), loc="upper right")
    return figure


def measure_spreads(catalogue: pd.DataFrame) -> pd.DataFrame:
    """Measure errors in bins of S/N, which hold equal numbers of spectra, and within them by rotation.

    Parameters
    ----------
    catalogue : as `plot_error_by_rotation` takes it.

    Returns
    -------
    One row per ``label``, ``rotation`` ("0–50", ... km/s, and "all") and bin: ``snr`` (median), ``n``, ``std`` (plain
    standard deviation of predicted minus true, the label's unit). Bins of too few spectra are absent.
    """
    known = catalogue[(catalogue["snr"] > 0) & catalogue["vsini_true"].notna()]
    rotation = known["vsini_true"].to_numpy(float)
    edges = _rotation_edges(rotation)
    ranges = {f"{low:.0f}–{high:.0f}": (rotation >= low) & (rotation < high) for low, high in pairwise(edges)}
    number = _number_bins(known["snr"].to_numpy(float))
    rows = []
    for label in labels_with_truth(known):
        difference = (known[label] - known[f"{label}_true"]).to_numpy(float)
        for name, inside in (ranges | {ALL: np.ones(len(known), bool)}).items():
            for index in np.unique(number):
                chosen = inside & (number == index) & np.isfinite(difference)
                if chosen.sum() >= MIN_SPECTRA:
                    snr, spread = known["snr"].to_numpy(float)[chosen], difference[chosen].std()
                    rows.append((label, name, float(np.median(snr)), int(chosen.sum()), float(spread)))
    return pd.DataFrame(rows, columns=["label", "rotation", "snr", "n", "std"])


def _rotation_edges(rotation):
    """Give the fixed edges where they fit, else thirds of what there is; the last lies above the fastest."""
    above = float(np.floor(rotation.max()) + 1) if len(rotation) else 1.0
    if above > ROTATION_EDGES[-2]:
        return [*ROTATION_EDGES[:-1], max(above, ROTATION_EDGES[-1])]
    return np.linspace(0, above, 4)


def _number_bins(snr):
    count = int(np.clip(len(snr) // PER_BIN, 1, SNR_BINS))
    edges = np.quantile(snr, np.linspace(0, 1, count + 1)) if len(snr) else np.zeros(2)
    return np.clip(np.searchsorted(edges, snr, side="right") - 1, 0, count - 1)
