"""Line strengths adjusted on one star of known labels, so that syntheses with them reproduce its spectrum.

INTRIGOSS adjusted its lines on the Sun like this (Franchini et al. 2018, ApJ 862, 146). Absorption for which the list
has no line stays unexplained.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csc_array, diags_array

from spectrolabe.acquire.atmospheres import AtmosphereGrid
from spectrolabe.acquire.lines import read_lines
from spectrolabe.acquire.readers import read_file
from spectrolabe.acquire.synthesis import Synthesizer, microturbulence
from spectrolabe.spectra.broadening import rotate
from spectrolabe.spectra.continuum import normalise
from spectrolabe.spectra.distortion import shift_by
from spectrolabe.spectra.matching import match_spectrum
from spectrolabe.spectra.randomness import RowGenerators
from spectrolabe.spectra.resampling import conserve
from spectrolabe.spectra.table import NOISE_FREE_IVAR, Spectra, Spectrum, from_spectrum
from spectrolabe.spectra.wavelength import convert_medium

PIXELS_PER_ELEMENT = 4  # pixels per resolution element of the comparison
CONTINUUM = {"segment": 10, "low": 0.5, "high": 2.0}
#: A line shallower than this at its centre (continuum = 1) says nothing of its strength.
LEAST_DEPTH = 0.01
#: Lines whose effects are measured by one synthesis are at least this far apart (angstrom).
SEPARATION = 1.2
#: Change of log gf (dex) by which effects are measured; the most that a line changes in one iteration, and in all.
PROBE, MOST_STEP, MOST_CHANGE = 0.1, 0.25, 0.5
#: Errors (1 sigma) that are weighed against each other: of the list's log gf (dex), and of a pixel's flux where all
#: line strengths are true.
LIST_ERROR, FLUX_ERROR = 0.2, 0.02
#: Larger differences of flux are likely absorption that the list lacks: they count the less the larger they are.
UNEXPLAINED = 0.05
FASTEST, BROADEST = 20.0, 30.0  # km/s, bounds of the fit
#: How often effects are measured and strengths corrected: on the Sun the third turn changes little, the fourth nothing.
ITERATIONS = 4


@dataclass(frozen=True)
class Comparison:
    """An observed beside a synthetic spectrum of one star, both divided by their continuum.

    ``difference`` is observed minus synthetic flux, 0 where nothing was observed (``known`` is False there), shape
    (n_pixels,); ``broadening`` (km/s, as of a rotation) and ``velocity`` (km/s) are those at which it is least.
    """

    difference: np.ndarray
    known: np.ndarray
    broadening: float
    velocity: float

    @property
    def rms(self) -> float:
        return float(np.sqrt(np.mean(self.difference[self.known] ** 2)))


def adjust_lines(line_list: Path, file: Path, settings: Mapping) -> tuple[pd.DataFrame, dict[str, float]]:
    """Give a grid's line list with strengths that make a star's synthetic spectrum as near to the observed as it gets.

    Parameters
    ----------
    line_list : Parquet file of atomic lines.
    file : the star's spectrum, within 20 km/s of rest.
    settings : a file of config/grids: its ``adjust``, ``atmospheres``, ``vmic`` and ``wavelength``.

    Returns
    -------
    As `fit_strengths`, and in the summary ``vmic``: the star's microturbulence (km/s) by the grid's law.

    Raises
    ------
    ValueError
        Where the file cannot be read, or has nothing in the grid's window.
    """
    star, window = settings["adjust"], settings["wavelength"]
    lines = read_lines(line_list, window["start"], window["stop"])
    labels = star["labels"] | {"vmic": float(microturbulence(pd.DataFrame([star["labels"]]), settings["vmic"]).iloc[0])}
    step = 1 / star["resolution"] / PIXELS_PER_ELEMENT
    wavelength = window["start"] * np.exp(step * np.arange(int(np.log(window["stop"] / window["start"]) / step) + 1))
    observed = put_on_grid(read_file(file, star["reader"])[0], wavelength)
    if not observed.ivar.any():
        raise ValueError(f"{file}: expected flux from {wavelength[0]:.0f} to {wavelength[-1]:.0f} angstrom, found none")
    atmospheres = AtmosphereGrid(settings["atmospheres"])

    def synthesizer(loggf: np.ndarray) -> Synthesizer:
        return Synthesizer(lines.assign(loggf=loggf), atmospheres, wavelength, star["resolution"])

    depths = synthesizer(lines["loggf"]).line_depths(labels)
    adjusted, summary = fit_strengths(lines, depths, observed, lambda loggf: synthesizer(loggf).spectrum(labels))
    return adjusted, summary | {"vmic": labels["vmic"]}


def fit_strengths(
    lines: pd.DataFrame,
    depths: np.ndarray,
    observed: Spectra,
    synthesize: Callable[[np.ndarray], np.ndarray],
) -> tuple[pd.DataFrame, dict[str, float]]:
    """Fit log gf of all visible lines by damped least squares; the list's own values are what they are drawn back to.

    Each line's effect on every pixel is measured by a synthesis with the line a little stronger, so that lines which
    share a pixel share its correction by their part in it.

    Parameters
    ----------
    lines : with ``wavelength`` (angstrom, in the observed spectrum's medium) and ``loggf``.
    depths : of each line at its centre (continuum = 1), shape (n_lines,).
    observed : one spectrum on a grid uniform in log wavelength.
    synthesize : gives the flux on that grid, shape (n_pixels,), for log gf of shape (n_lines,).

    Returns
    -------
    The lines with new ``loggf`` and the column ``loggf_change`` (dex), and a summary: ``lines``, ``lines_fitted``,
    ``lines_changed`` (by more than 0.01 dex), ``median_change`` (of the fitted ones' absolute changes, dex),
    ``rms_before`` and ``rms_after`` (of the flux differences), ``broadening`` and ``velocity`` (km/s) of the star.
    """
    wavelength, original = observed.wavelength, lines["loggf"].to_numpy(float)
    within = lines["wavelength"].between(wavelength[0], wavelength[-1]).to_numpy()
    fitted = np.flatnonzero((depths > LEAST_DEPTH) & within)
    centres, change = lines["wavelength"].to_numpy(float)[fitted], np.zeros(len(lines))
    flux = synthesize(original)
    first = now = compare(observed, flux)
    for _ in range(ITERATIONS):
        effects = _measure_effects(synthesize, original + change, flux, fitted, centres, wavelength, now.broadening)
        change[fitted] = correct(change[fitted], effects, now)
        flux = synthesize(original + change)
        now = compare(observed, flux)
    summary = {
        "lines": len(lines),
        "lines_fitted": len(fitted),
        "lines_changed": int((np.abs(change) > 0.01).sum()),
        "median_change": float(np.median(np.abs(change[fitted]))) if len(fitted) else 0.0,
        "rms_before": first.rms,
        "rms_after": now.rms,
        "broadening": now.broadening,
        "velocity": now.velocity,
    }
    return lines.assign(loggf=original + change, loggf_change=change), summary


def put_on_grid(spectrum: Spectrum, wavelength: np.ndarray) -> Spectra:
    """Average a spectrum, as it was read, over the pixels of a grid in air."""
    native = from_spectrum(spectrum, {})
    flux, ivar = conserve(native.flux, native.ivar, convert_medium(native.wavelength, "vacuum", "air"), wavelength)
    return Spectra(wavelength, "air", flux, ivar, native.table)


def compare(observed: Spectra, flux: np.ndarray) -> Comparison:
    """Compare an observed with a synthetic spectrum at the broadening and the velocity that make them most alike."""

    def differences(broadening: float, velocity: float) -> tuple[np.ndarray, np.ndarray]:
        moved = _flatten(shift_by(observed, np.array([-velocity])))
        broadened = rotate(flux[None], observed.wavelength, np.array([broadening]))
        model = _flatten(Spectra(observed.wavelength, observed.medium, broadened, _noise_free(flux), observed.table))
        known = moved.ivar[0] > 0
        return np.where(known, moved.flux[0] - model.flux[0], 0.0), known

    fitted = match_spectrum(
        lambda *point: differences(*point)[0], broadest=BROADEST, fastest=FASTEST, robust=UNEXPLAINED
    )
    return Comparison(*differences(*fitted), *fitted)


def _flatten(spectra: Spectra) -> Spectra:
    return normalise(spectra, RowGenerators(0, [""]), asymmetric_clip=CONTINUUM)


def _noise_free(flux):
    return np.full((1, len(flux)), NOISE_FREE_IVAR)


def _measure_effects(synthesize, loggf, flux, fitted, centres, wavelength, broadening) -> csc_array:
    """Give d flux / d log gf, shape (n_pixels, n_fitted): each pixel is moved by the nearest line of every batch."""
    rows, columns, values = [], [], []
    for batch in split_lines(centres):
        probe = loggf.copy()
        probe[fitted[batch]] += PROBE
        effect = rotate((synthesize(probe) - flux)[None] / PROBE, wavelength, np.array([broadening]))[0]
        middles = (centres[batch][1:] + centres[batch][:-1]) / 2
        rows.append(np.arange(len(wavelength)))
        columns.append(batch[np.searchsorted(middles, wavelength)])
        values.append(effect)
    shape = (len(wavelength), len(fitted))
    if not rows:
        return csc_array(shape)
    return csc_array((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=shape)


def split_lines(centres: np.ndarray) -> list[np.ndarray]:
    """Share ascending wavelengths out among few batches, in each of which neighbours are `SEPARATION` apart."""
    batches: list[list[int]] = []
    for number, centre in enumerate(centres):
        room = (batch for batch in batches if centre - centres[batch[-1]] >= SEPARATION)
        chosen = next(room, None)
        if chosen is None:
            batches.append([number])
        else:
            chosen.append(number)
    return [np.array(batch) for batch in batches]


def correct(change: np.ndarray, effects: csc_array, now: Comparison) -> np.ndarray:
    """Give better changes of log gf (dex), shape (n_fitted,), from those made so far and what they leave of the flux.

    The step minimises sum(weight (difference - effects step)^2) / FLUX_ERROR^2 + sum((change + step)^2) / LIST_ERROR^2.
    """
    weight = now.known / (1 + (now.difference / UNEXPLAINED) ** 2) / FLUX_ERROR**2
    weighted = effects.T @ diags_array(weight)
    normal = (weighted @ effects).toarray() + np.eye(len(change)) / LIST_ERROR**2
    step = np.linalg.solve(normal, weighted @ now.difference - change / LIST_ERROR**2)
    return np.clip(change + np.clip(step, -MOST_STEP, MOST_STEP), -MOST_CHANGE, MOST_CHANGE)
