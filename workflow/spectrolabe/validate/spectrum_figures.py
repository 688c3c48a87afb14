"""The figure of example spectra: as their files hold them, and beside it as networks meet them."""

import math

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from spectrolabe.validate.style import BLUE, GREY, INK, ORANGE, draw_message, new_figure, number, robust_limits, styled

#: Of a panel (inches).
WIDTH, HEIGHT = 6.2, 1.75
NO_UNIT = "file’s unit"


@styled
def plot_example_spectra(examples: pd.DataFrame) -> Figure:
    """Draw a row per star: raw flux on the left, prepared flux on the right, with the Planck curve where there is one.

    Parameters
    ----------
    examples : as `spectrolabe.prepare.examples.read_examples` gives them.
    """
    stars = list(examples.groupby("spectrum_id", sort=False))
    if not stars:
        return draw_message("No spectrum of the survey can be used")
    figure = new_figure(2 * WIDTH, HEIGHT * len(stars) + 0.8)
    panels = figure.subplots(len(stars), 2, squeeze=False, sharex="col")
    for (name, curves), (left, right) in zip(stars, panels, strict=True):
        curves = curves.set_index("stage")
        raw, prepared = curves.loc["raw"], curves.loc["prepared"]
        _draw_flux(left, raw, GREY)
        left.set_title(_title(name, raw), fontsize=9, fontweight="normal", color=INK, pad=3)
        _draw_flux(right, prepared, BLUE, label="prepared")
        if "planck" in curves.index:
            planck = curves.loc["planck"]
            right.plot(planck["wavelength"], planck["flux"], color=ORANGE, lw=1.4, label="Planck curve")
    for axes, words in zip(panels[0], ("As the file has it", "Prepared"), strict=True):
        heading = {"transform": axes.transAxes, "va": "bottom", "fontsize": 11, "fontweight": "bold"}
        axes.text(0, 1.17, words, **heading)
    for axes, medium in zip(panels[-1], ("wavelength [Å, vacuum]", "wavelength [Å]"), strict=True):
        axes.set_xlabel(medium)
    for axes, words in zip(panels[:, 0], _unit_names(stars), strict=True):
        axes.set_ylabel(words, fontsize=7)
    handles, labels = panels[0, 1].get_legend_handles_labels()
    if len(labels) > 1:
        figure.legend(handles, labels, loc="outside lower center", ncols=len(labels))
    return figure


def _draw_flux(axes, curve, colour, **look):
    flux = np.asarray(curve["flux"], float)
    axes.plot(curve["wavelength"], flux, color=colour, lw=0.6, **look)
    if np.isfinite(flux).any():
        axes.set_ylim(robust_limits(flux, share=0.1))


def _title(name, curve):
    known = [f"$T_\\mathrm{{eff}}$ {number('teff', curve['teff'])} K"] if math.isfinite(curve["teff"]) else []
    known += [f"S/N {curve['snr']:.0f}"] if math.isfinite(curve["snr"]) else []
    return "   ".join([name.rpartition("/")[2], *known])


def _unit_names(stars):
    """Name the flux axis of each star's raw spectrum, in the file's own words."""
    units = [curves.set_index("stage").loc["raw", "unit"] for _, curves in stars]
    return [f"flux\n[{unit or NO_UNIT}]" for unit in units]
