"""Figure of the copies of a star: what steps of their own make of each."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from matplotlib.figure import Figure

from spectrolabe.spectra.labels import unit_of
from spectrolabe.spectra.table import Spectra, read_shard
from spectrolabe.validate.style import BLUE, GREY, INK, name_of, new_figure, number, robust_limits, styled

WORDS = {"add_noise": "noise", "scale": "scale", "distort_continuum": "parabola", "zero_pixels": "lost pixels"}
COLUMNS = 3


def read_copies(path: str | Path, count: int, labels: Sequence[str]) -> Spectra:
    """Read the first copies of the star whose copies are most alike in the labels that each drew for itself.

    So what is seen are their own steps, and not another rotation.

    Parameters
    ----------
    path : a part of a set, in which the copies of a star stand together, in their order.
    count : number of copies to read of it.
    labels : columns that may differ between copies, as far as the part has them.
    """
    labels = [label for label in labels if label in pq.read_schema(path).names]
    table = pd.read_parquet(path, columns=["copy", *labels])
    starts = np.flatnonzero(table["copy"] == 0)
    values = table[labels].to_numpy(float)
    spread = np.ptp(values[starts[:, None] + np.arange(count)], axis=1) / np.nanstd(values, axis=0).clip(1e-12)
    first = starts[np.nan_to_num(spread).sum(axis=1).argmin()]
    return read_shard(path, rows=range(first, first + count))


@styled
def plot_augmentation(copies: Spectra, steps: Sequence[Sequence[Mapping]], labels: Sequence[str]) -> Figure:
    """Draw the copies of a star in panels titled by their own steps, the first copy in grey behind each.

    Parameters
    ----------
    copies : spectra of one star.
    steps : the own steps of each copy, as mappings of one name and its options.
    labels : columns to tell: above all panels what the copies share, in a panel what each has of its own.
    """
    table = copies.table.reindex(columns=[*labels, "snr"])
    shared = [label for label in labels if table[label].nunique() == 1]
    own = [label for label in labels if table[label].nunique() > 1]
    rows = -(-len(copies) // COLUMNS)
    figure = new_figure(4.6 * COLUMNS, 2.7 * rows + 0.5)
    panels = figure.subplots(rows, COLUMNS, sharex=True, sharey=True, squeeze=False).ravel()
    flux = np.where(copies.ivar > 0, copies.flux, np.nan)
    for index, axes in enumerate(panels):
        if index >= len(copies):
            axes.set_axis_off()
            continue
        if index:
            axes.plot(copies.wavelength, flux[0], color=GREY, lw=0.5)
        axes.plot(copies.wavelength, flux[index], color=BLUE, lw=0.5)
        axes.set_title(_name_steps(steps[index], table["snr"].iloc[index]))
        axes.text(0.02, 0.04, _tell(table.iloc[index], own), transform=axes.transAxes, fontsize=9, color=INK)
        axes.tick_params(labelbottom=index + COLUMNS >= len(copies))
    low, high = robust_limits(flux, share=0.1)
    panels[0].set(xlim=copies.wavelength[[0, -1]], ylim=(low - 0.12 * (high - low), high))
    figure.suptitle(_tell(table.iloc[0], shared), fontsize=10)
    figure.supxlabel("wavelength [Å]", fontsize=10)
    figure.supylabel("flux", fontsize=10)
    return figure


def _name_steps(steps, snr):
    names = [name for step in steps for name in step]
    words = [f"noise (S/N {snr:.0f})" if name == "add_noise" else WORDS[name] for name in names]
    return ", ".join(words) if words else "as it is"


def _tell(row, labels):
    return ", ".join(f"{name_of(label)} {number(label, row[label], coarse=True)} {unit_of(label)}" for label in labels)
