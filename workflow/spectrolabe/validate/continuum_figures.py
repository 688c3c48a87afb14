"""Figures of the continuum: its bias by noise and temperature, and fits to synthetic and observed spectra."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from spectrolabe.validate.style import BLUE, GREY, INK, ORANGE, axis_name, draw_message, new_figure, styled

DIVERGING = "RdBu_r"
#: A cell darker than this share of the scale carries white numbers.
DARK = 0.6


@styled
def plot_continuum_bias(bias: pd.DataFrame) -> Figure:
    """Draw how far the found continuum lies above the true one, in cells of noise and temperature.

    Parameters
    ----------
    bias : as `spectrolabe.validate.continuum_checks.measure_bias` gives it.
    """
    cells = bias.pivot(index="teff_low", columns="sigma", values="bias")
    counts = bias.drop_duplicates("teff_low").set_index("teff_low")["n"]
    figure = new_figure(9.5, 1.6 + 0.36 * len(cells))
    axes = figure.subplots()
    limit = max(np.nanmax(np.abs(cells.to_numpy())), 0.1)
    image = axes.imshow(cells, cmap=DIVERGING, vmin=-limit, vmax=limit, aspect="auto", origin="lower")
    for (row, column), value in np.ndenumerate(cells.to_numpy()):
        colour = "white" if abs(value) > DARK * limit else INK
        text = f"{round(value, 1) + 0.0:+.1f}".replace("-", "−").replace("+0.0", "0.0")
        axes.text(column, row, text, ha="center", va="center", fontsize=8, color=colour)
    width = bias["teff_high"].iloc[0] - bias["teff_low"].iloc[0]
    names = [f"{low:.0f}–{low + width:.0f} ({counts[low]:,})" for low in cells.index]
    axes.set_yticks(range(len(cells)), names)
    axes.set_xticks(range(cells.shape[1]), [f"{100 * sigma:g}" for sigma in cells.columns])
    axes.tick_params(length=0)
    axes.set(xlabel="noise, 1σ per pixel [% of the continuum]", ylabel=f"{axis_name('teff')} (stars)")
    axes.spines[:].set_visible(False)
    bar = figure.colorbar(image, ax=axes, pad=0.01, aspect=30, label="found over true continuum − 1 [%]")
    bar.outline.set_visible(False)
    bar.ax.set_ylim(np.nanmin(cells), np.nanmax(cells))
    return figure


@styled
def plot_continuum_fits(wavelength: np.ndarray, synthetic: pd.DataFrame, observed: pd.DataFrame) -> Figure:
    """Draw the found continuum over synthetic spectra, beside the true one, and over observed ones.

    Parameters
    ----------
    wavelength : angstrom, shape (n_pixels,).
    synthetic, observed : as `spectrolabe.validate.continuum_checks` gives them; one of them may be empty.
    """
    columns = {name: fits for name, fits in (("Synthetic", synthetic), ("Observed", observed)) if len(fits)}
    if not columns:
        return draw_message("No spectra to find a continuum in")
    rows = max(map(len, columns.values()))
    figure = new_figure(6.4 * len(columns), 0.9 + 1.75 * rows)
    panels = figure.subplots(rows, len(columns), sharex=True, squeeze=False)
    for place, (name, fits) in enumerate(columns.items()):
        for row, axes in enumerate(panels[:, place]):
            if row < len(fits):
                _draw_fit(axes, wavelength, fits.iloc[row])
            else:
                axes.set_axis_off()
        heading = {"transform": panels[0, place].transAxes, "va": "bottom", "fontsize": 11, "fontweight": "bold"}
        panels[0, place].text(0, 1.17, name, **heading)
        panels[len(fits) - 1, place].tick_params(labelbottom=True)
        panels[len(fits) - 1, place].set_xlabel("wavelength [Å]")
    figure.supylabel("flux", fontsize=10)
    handles, labels = panels[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels))
    return figure


def _draw_fit(axes, wavelength, fit):
    axes.plot(wavelength, fit["flux"], color=GREY, lw=0.5, label="spectrum")
    axes.plot(wavelength, fit["found"], color=ORANGE, lw=1.8, label="found continuum")
    if "true" in fit:
        axes.plot(wavelength, fit["true"], color=BLUE, lw=1.6, ls="--", label="true continuum")
    top = np.nanmax(fit["found"])
    noise = np.nanpercentile(fit["flux"], 99.8)
    axes.set_ylim(max(np.nanmin(fit["flux"]), 0) * 0.97, max(top, noise) * 1.04)
    axes.set_xlim(wavelength[0], wavelength[-1])
    axes.set_title(fit["title"], fontsize=9, fontweight="normal", color=INK, loc="left", pad=3)
