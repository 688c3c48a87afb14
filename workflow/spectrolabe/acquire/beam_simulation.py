"""A simulated survey of several beams: images of counts, and a table of labels with errors of their own."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from spectrolabe.acquire.beam_spectra import BeamSpectrograph
from spectrolabe.acquire.beam_stars import draw_stars
from spectrolabe.acquire.grids import Grid
from spectrolabe.acquire.layouts import LinearWriter, write_table
from spectrolabe.acquire.manifests import find_folder
from spectrolabe.acquire.populations import check_limits
from spectrolabe.acquire.trouble import STRENGTHS as ALL_STRENGTHS
from spectrolabe.acquire.trouble import draw_trouble
from spectrolabe.spectra.randomness import RowGenerators, derive_seed
from spectrolabe.spectra.wavelength import build_grid

#: Spectra computed at a time, a matter of memory.
BATCH = 128
#: Kind of trouble -> lowest and highest strength, as `spectrolabe.acquire.trouble` has them.
STRENGTHS = {kind: ALL_STRENGTHS[kind] for kind in ("cosmic_rays", "zero_pixels")}
LABELS = ("teff", "logg", "feh", "rv")
TRUE_LABELS = ("teff", "logg", "feh", "alpha_fe", "vsini", "rv")
#: Stated errors differ between stars by this factor (natural logarithm).
ERROR_SPREAD = 0.2


def simulate_beams(
    folder: Path, numbers: Sequence[int], *, grid: Grid, settings: Mapping, layout: Mapping, seed: int
) -> pd.DataFrame:
    """Write the files of some stars' spectra, one per arm, and the table of their labels, and give the table.

    A star and its spectrum depend on the seed and its number, not on the others that are simulated with it.

    Parameters
    ----------
    folder : where they go; it is made.
    numbers : of the stars.
    grid : synthetic spectra of the labels teff, logg, feh and alpha_fe that the stars' are interpolated in.
    settings : a recipe's ``simulate``.
    layout : the dataset's ``files`` and ``catalogue`` (its ``file``, ``key`` and ``columns``).
    seed : of the survey.

    Raises
    ------
    ValueError
        Where the grid lacks a label, or covers no part of an arm or not all of the limits.
    """
    spectrograph = BeamSpectrograph(grid, settings["arms"], settings["features"], settings["fringes"], seed)
    check_limits(settings["limits"], spectrograph.edges)
    stars = _draw_spectra(numbers, settings, seed)
    place, catalogue = Path(folder) / find_folder(layout["files"]), layout["catalogue"]
    place.mkdir(parents=True, exist_ok=True)
    writers = {arm["name"]: LinearWriter(build_grid([arm]), float(np.mean(arm["resolution"])), arm["name"])
               for arm in settings["arms"]}  # fmt: skip
    for start in range(0, len(stars), BATCH):
        batch = stars.iloc[start : start + BATCH]
        for star, *arrays in zip(batch.to_dict("records"), *spectrograph.observe(batch, seed), strict=True):
            for (name, write), arm in zip(writers.items(), spectrograph.slices, strict=True):
                word = f"_{name}" if len(writers) > 1 else ""
                write(place / f"{star['star']}{word}.fits", *(values[arm] for values in arrays), star)
    table = _publish(stars, settings["label_errors"], seed)
    write_table(table, Path(folder) / catalogue["file"], dict(catalogue["columns"]) | {"spectrum_id": catalogue["key"]})
    return table


def _draw_spectra(numbers, settings, seed):
    """Give what is true of each star and of its one spectrum."""
    stars = draw_stars(numbers, seed, settings["limits"], settings["candidates"], settings["calibrators"])
    rng = RowGenerators(derive_seed(seed, "exposures"), stars["star"])
    stars["snr"] = rng.uniform(*settings["snr"]["range"]).round(1)
    stars["features"] = (rng.uniform(0, 1) < settings["features"]["share"]).astype(int)
    stars["source_id"] = stars["star"]
    return stars.join(draw_trouble(rng, settings["trouble"], STRENGTHS).drop(columns="flux_ratio"))


def _publish(stars, errors, seed):
    """Give the survey's table: labels with their errors drawn (none of candidates but velocities), then the truth."""
    rng = RowGenerators(derive_seed(seed, "published"), stars["star"])
    table = stars[["source_id", "ra", "dec", "snr", "role"]].assign(spectrum_id=stars["star"])
    unknown = stars["role"] == "candidate"
    for label in LABELS:
        spread, deviation = rng.normal(2).T
        sigma = errors[label] * np.exp(ERROR_SPREAD * spread - ERROR_SPREAD**2 / 2)
        digits = 1 if label == "teff" else 4
        published = {label: (stars[label] + sigma * deviation).round(digits), f"{label}_err": sigma.round(digits)}
        for name, values in published.items():
            table[name] = np.where(unknown & (label != "rv"), np.nan, values)
    truth = {f"{label}_true": stars[label].round(2 if label == "teff" else 5) for label in TRUE_LABELS}
    kept = ("population", "kind", "features", "trouble", "trouble_strength")
    return table.assign(**truth, age_true=stars["age"].round(3), **{name: stars[name] for name in kept})
