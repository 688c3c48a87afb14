"""A survey that never was: stars with known labels, written as the files and the table that a survey publishes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from spectrolabe.acquire.beam_simulation import simulate_beams
from spectrolabe.acquire.grids import Grid
from spectrolabe.acquire.kinematics import place_stars
from spectrolabe.acquire.layouts import WRITERS, write_table
from spectrolabe.acquire.manifests import find_folder
from spectrolabe.acquire.populations import CLUSTERS, check_limits, draw_stars, push_outside
from spectrolabe.acquire.sdss_simulation import simulate_sdss
from spectrolabe.acquire.simulated_spectra import Spectrograph
from spectrolabe.acquire.survey_labels import publish_labels
from spectrolabe.acquire.trouble import draw_trouble
from spectrolabe.spectra.randomness import RowGenerators, derive_seed
from spectrolabe.spectra.wavelength import build_grid

#: Spectra computed at a time, a matter of memory.
BATCH = 128


def simulate_survey(
    folder: Path,
    numbers: Sequence[int],
    *,
    grid: Grid,
    benchmarks: pd.DataFrame,
    solar: Path,
    settings: Mapping,
    layout: Mapping,
    seed: int,
) -> pd.DataFrame:
    """Write the files of some stars' spectra and the table of their labels, and give the table.

    A star and its spectra depend on the seed and its number, not on the others that are simulated with it.

    Parameters
    ----------
    folder : where they go; it is made.
    numbers : of the stars.
    grid : synthetic spectra that the stars' are interpolated in.
    benchmarks : as `spectrolabe.acquire.reference_stars.read_benchmarks` gives them.
    solar : CSV of the Sun's abundances.
    settings : a recipe's ``simulate``.
    layout : the dataset's ``reader``, ``files`` and ``catalogue`` (its ``file``, ``key`` and ``columns``).
    seed : of the survey.
    """
    spectrograph = Spectrograph(grid, settings["arms"])
    stars = _draw_spectra(numbers, spectrograph.edges, benchmarks, settings, seed)
    published = publish_labels(stars, seed, settings["snr"], settings["label_errors"], solar)
    spectra, catalogue = Path(folder) / find_folder(layout["files"]), layout["catalogue"]
    spectra.mkdir(parents=True, exist_ok=True)
    writers = _open_writers(layout["reader"], settings["arms"])
    seen = published[["ra", "dec", "snr"]].join(stars.drop(columns=["ra", "dec"]))
    for rows in _batches(len(seen)):
        flux, errors, ratios = spectrograph.observe(seen.iloc[rows], seed)
        for star, *arrays in zip(seen.iloc[rows].to_dict("records"), flux, errors, ratios, strict=True):
            _write_arms(spectra, writers, spectrograph.slices, star, *arrays)
    names = dict(catalogue["columns"]) | {"spectrum_id": catalogue["key"]}
    write_table(published, Path(folder) / catalogue["file"], names)
    return published


def _batches(count: int) -> Iterator[slice]:
    return (slice(start, start + BATCH) for start in range(0, count, BATCH))


def _draw_spectra(numbers, edges, benchmarks, settings, seed):
    """Give what is true of each spectrum: its star's labels, place and trouble."""
    limits = {name: limit for name, limit in settings["limits"].items() if name in edges}
    check_limits(limits, edges)
    covered = np.logical_and.reduce([benchmarks[name].between(*edges[name]) for name in ("teff", "logg", "feh")])
    stars = draw_stars(numbers, seed, settings["populations"], benchmarks[covered], limits)
    rng = RowGenerators(derive_seed(seed, "trouble"), stars["star"])
    stars = stars.join(draw_trouble(rng, settings["trouble"]))
    stars = _settle_outsiders(stars, rng, limits, edges)
    stars = stars.join(place_stars(stars, seed))
    stars["source_id"] = stars["benchmark"].where(stars["benchmark"] != "", stars["star"])
    stars["cluster_feh"] = stars["cluster"].map({name: cluster.feh for name, cluster in CLUSTERS.items()}).astype(float)
    count = np.where(stars["benchmark"] != "", settings["repeats"], 1)
    repeated = stars.loc[stars.index.repeat(count)].reset_index(drop=True)
    exposure = repeated.groupby("star", sort=False).cumcount().astype(str)
    return repeated.assign(spectrum_id=repeated["star"] + "-" + exposure)


def _settle_outsiders(stars, rng, limits, edges):
    """Put labels outside the range where that is the trouble; benchmark stars have no other, clusters keep theirs."""
    draws = np.column_stack([rng.uniform(0, 1), rng.uniform(0, 1)])
    benchmark, clustered = stars["benchmark"] != "", stars["cluster"] != ""
    beyond = np.logical_or.reduce([~stars[name].between(*limits[name]) for name in limits])
    spared = benchmark | (clustered & (stars["trouble"] == "outside_range"))
    stars = stars.copy()
    stars.loc[spared, ["trouble", "trouble_strength", "flux_ratio"]] = ["", np.nan, np.nan]
    stars.loc[benchmark & beyond, "trouble"] = "outside_range"
    moved = (stars["trouble"] == "outside_range") & ~benchmark
    if moved.any():
        stars.loc[moved, list(limits)] = push_outside(stars.loc[moved, list(limits)], draws[moved], limits, edges)
    return stars


def _open_writers(reader, arms):
    """Give a writer for each arm, by what its name adds to those of files: nothing where there is one alone."""
    words = [f"_{arm['name']}" if len(arms) > 1 else "" for arm in arms]
    writers = [WRITERS[reader](build_grid([arm]), arm["resolution"], arm["name"]) for arm in arms]
    return dict(zip(words, writers, strict=True))


def _write_arms(folder, writers, slices, star, flux, errors, ratios):
    for (word, write), arm, ratio in zip(writers.items(), slices, ratios, strict=True):
        path = folder / f"{star['spectrum_id']}{word}.fits"
        write(path, flux[arm], errors[arm], star | {"snr": round(float(ratio), 1)})


#: Reader -> function (folder, numbers, grid, settings, layout, seed, and what else it names) that makes a survey.
SIMULATIONS: dict[str, Callable] = {
    "gaia_eso": simulate_survey,
    "linear_1d": simulate_beams,
    "sdss_spec": simulate_sdss,
}
