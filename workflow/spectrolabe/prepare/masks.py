"""Masks learned from reference stars: the pixels where a grid at literature labels misses what was observed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.spatial import Delaunay

from spectrolabe.acquire.emulator import HULL, Emulator
from spectrolabe.acquire.grids import Grid
from spectrolabe.acquire.reference_stars import match_stars
from spectrolabe.acquire.synthesis import ALPHA_ELEMENTS, microturbulence
from spectrolabe.spectra.broadening import rotate
from spectrolabe.spectra.distortion import shift_by
from spectrolabe.spectra.matching import match_spectrum
from spectrolabe.spectra.randomness import RowGenerators
from spectrolabe.spectra.steps import apply_steps
from spectrolabe.spectra.table import NOISE_FREE_IVAR, Spectra
from spectrolabe.spectra.wavelength import pixel_edges

BROADEST, FASTEST = 15.0, 10.0  # km/s, bounds of what is fitted to each spectrum
#: Larger differences of flux (continuum = 1) are the model's fault and hardly pull the fit.
ROBUST = 0.03
#: A difference of fewer standard deviations of the observed flux may be noise and masks nothing.
LEAST_SIGNIFICANCE = 3.0


@dataclass(frozen=True)
class Mask:
    """Wavelength ranges to leave out, and what they were learned from.

    ``ranges`` has the columns ``start`` and ``stop`` (angstrom, in the medium of the spectra), ascending. ``summary``
    holds ``threshold``, ``masked_share`` (of all pixels), ``stars``, and ``spectra``: of each its ``spectrum_id``,
    ``star``, fitted ``broadening`` and ``velocity`` (km/s), and the rms of observed minus model flux over all its
    pixels (``rms_before``) and over those that the mask leaves (``rms_after``; null where it leaves none).
    """

    ranges: pd.DataFrame
    summary: dict


@dataclass(frozen=True)
class _Fit:
    """Observed minus model flux of one spectrum (NaN = no information), its error, and what was fitted (km/s)."""

    difference: np.ndarray
    error: np.ndarray
    broadening: float
    velocity: float


def select_stars(spectra: Spectra, stars: Sequence[str], table: pd.DataFrame) -> Spectra:
    """Keep the usable spectra of some stars; the new column ``star`` names each as the table of literature values does.

    Parameters
    ----------
    spectra : prepared spectra of a survey, or of a shard of it.
    stars : names or aliases.
    table : see `spectrolabe.acquire.reference_stars.read_benchmarks`.
    """
    star = match_stars(spectra.table, table)
    chosen = np.flatnonzero(star.isin(_find_names(stars, table)) & (spectra.table["status"] == ""))
    kept = spectra.select(chosen)
    return replace(kept, table=kept.table.assign(star=star.iloc[chosen].to_numpy()))


def learn_mask(
    spectra: Spectra,
    stars: Sequence[str],
    table: pd.DataFrame,
    grid: Grid,
    *,
    steps: Sequence[Mapping],
    threshold: float,
) -> Mask:
    """Give the pixels at which any reference star is missed by its model, the grid's emulator at literature labels.

    Each spectrum's broadening (as of a rotation, up to 15 km/s) and velocity are fitted first; the spectra of one star
    count as their median. A pixel is masked where they differ by more than ``threshold`` and by more than three times
    the error of the observed flux. Where no star has information nothing is masked.

    Parameters
    ----------
    spectra : of the reference stars, at rest, as `select_stars` gives them.
    stars : names or aliases; each must have a spectrum.
    table : literature values; unknown abundance ratios count as 0, or as ``alpha_fe`` for single alpha elements.
    grid : the nodes; microturbulence follows its law where it has one. Labels that it does not vary are its own.
    steps : what models go through to be like the spectra: broaden, resample, normalise.
    threshold : difference of flux (continuum = 1).

    Raises
    ------
    ValueError
        For a star that is not in the table, has no spectrum, lies outside the grid, or is not at rest; and where
        nothing is left.
    """
    names = _find_names(stars, table)
    missing = [name for name in names if name not in set(spectra.table["star"])]
    if missing:
        raise ValueError(f"expected a usable spectrum of each reference star, found none of {missing[0]!r}")
    models = dict(zip(names, Emulator(grid)(_literature_labels(names, table, grid)), strict=True))
    own_models = [models[star].astype(float) for star in spectra.table["star"]]
    fits = [_fit(spectra.select([row]), flux[None], grid, steps) for row, flux in enumerate(own_models)]
    masked = np.zeros(len(spectra.wavelength), bool)
    for name in names:
        own = [fit for fit, star in zip(fits, spectra.table["star"], strict=True) if star == name]
        difference, error = (_median([getattr(fit, key) for fit in own]) for key in ("difference", "error"))
        masked |= np.abs(np.nan_to_num(difference)) > np.fmax(threshold, LEAST_SIGNIFICANCE * error)
    if masked.all():
        raise ValueError(f"a threshold of {threshold:g} masks every pixel: expected a grid that is nearer to the stars")
    summary = {"threshold": threshold, "masked_share": float(masked.mean()), "stars": names}
    rows = zip(spectra.table["spectrum_id"], spectra.table["star"], fits, strict=True)
    return Mask(
        merge_ranges(spectra.wavelength, masked),
        summary
        | {"spectra": [{"spectrum_id": name, "star": star} | _describe(fit, masked) for name, star, fit in rows]},
    )


def merge_ranges(wavelength: np.ndarray, masked: np.ndarray) -> pd.DataFrame:
    """Give runs of masked pixels as ``start`` and ``stop`` (angstrom), from the first's lower to the last's upper edge.

    An edge lies half way between two pixels, so that rounding moves none across it.
    """
    lower, upper = pixel_edges(wavelength)
    edges = np.diff(np.r_[0, masked.astype(int), 0])
    first, last = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1
    return pd.DataFrame({"start": lower[first].round(4), "stop": upper[last].round(4)})


def _find_names(stars, table) -> list[str]:
    found = match_stars(pd.DataFrame({"spectrum_id": stars, "source_id": stars}, dtype=object), table)
    if found.isna().any():
        known, unknown = ", ".join(table["name"]), stars[int(np.argmax(found.isna()))]
        raise ValueError(
            f"expected reference stars with literature values, found {unknown!r}, which is none of {known}"
        )
    return list(dict.fromkeys(found))


def _literature_labels(names: Sequence[str], table: pd.DataFrame, grid: Grid) -> pd.DataFrame:
    """Give the grid's labels of each star, indexed by name."""
    literature = table.set_index("name").loc[list(names)]
    labels = pd.DataFrame(index=literature.index)
    for label in grid.labels:
        if label in HULL:
            labels[label] = literature[label]
        elif label.endswith("_fe"):
            element = label.removesuffix("_fe").capitalize()
            own = label if label in literature or element not in ALPHA_ELEMENTS else "alpha_fe"
            labels[label] = literature[own].fillna(0.0) if own in literature else 0.0
        else:
            labels[label] = grid.labels[label].median()
    if "vmic" in grid.labels and "vmic" in grid.settings:
        law = grid.settings["vmic"]
        labels["vmic"] = np.clip(microturbulence(labels, law), *law["range"])
    _check_inside(labels, grid)
    return labels


def _check_inside(labels: pd.DataFrame, grid: Grid) -> None:
    hull, varied = Delaunay(grid.labels[HULL]), [label for label in labels if np.ptp(grid.labels[label]) > 0]
    for name, row in labels.iterrows():
        for label, value in row[varied].items():
            low, high = grid.labels[label].min(), grid.labels[label].max()
            if not low - 1e-6 <= value <= high + 1e-6:
                found = "found none" if np.isnan(value) else f"found {value:g}"
                raise ValueError(f"the star {name!r}: expected {label} from {low:g} to {high:g}, as the grid, {found}")
        if hull.find_simplex(row[HULL].to_numpy(float)) < 0:
            found = ", ".join(f"{label} {row[label]:g}" for label in HULL)
            raise ValueError(f"the star {name!r}: expected labels between the grid's nodes, found {found}")


def _fit(observed: Spectra, flux: np.ndarray, grid: Grid, steps: Sequence[Mapping]) -> _Fit:
    """Fit broadening and velocity of a model, flux on the grid's wavelengths, to one spectrum."""
    name = observed.table["spectrum_id"].iloc[0]
    table = pd.DataFrame({"spectrum_id": [name], "status": "", "resolution": grid.resolution})
    ivar = np.full_like(flux, NOISE_FREE_IVAR)

    def differences(broadening: float, velocity: float) -> np.ndarray:
        rotated = rotate(flux, grid.wavelength, np.array([broadening]))
        model = shift_by(Spectra(grid.wavelength, grid.medium, rotated, ivar, table), np.array([velocity]))
        model = apply_steps(model, steps, RowGenerators(0, [name]))
        if not np.array_equal(model.wavelength, observed.wavelength):
            raise ValueError("expected steps that end on the grid of the spectra: a resample step is missing")
        known = (model.ivar[0] > 0) & (observed.ivar[0] > 0)
        return np.where(known, observed.flux[0] - model.flux[0], np.nan)

    broadening, velocity = match_spectrum(differences, broadest=BROADEST, fastest=FASTEST, robust=ROBUST)
    if abs(velocity) > FASTEST:
        raise ValueError(
            f"the spectrum {name}: expected a star within {FASTEST:g} km/s of rest, found {velocity:.0f} km/s"
        )
    known = observed.ivar[0] > 0
    error = np.where(known, 1 / np.sqrt(np.where(known, observed.ivar[0], 1)), np.nan)
    return _Fit(differences(broadening, velocity), error, broadening, velocity)


def _median(rows: Sequence[np.ndarray]) -> np.ndarray:
    """Give the median over spectra, NaN where none has information."""
    stacked = np.array(rows, float)
    known = ~np.isnan(stacked).all(axis=0)
    result = np.full(stacked.shape[1], np.nan)
    result[known] = np.nanmedian(stacked[:, known], axis=0)
    return result


def _describe(fit: _Fit, masked: np.ndarray) -> dict:
    def rms(pixels):
        values = fit.difference[pixels & ~np.isnan(fit.difference)]
        return float(np.sqrt(np.mean(values**2))) if values.size else None

    return {
        "broadening": fit.broadening,
        "velocity": fit.velocity,
        "rms_before": rms(np.ones(len(masked), bool)),
        "rms_after": rms(~masked),
    }
