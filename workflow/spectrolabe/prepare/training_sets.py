"""Training sets: labelled spectra on the recipe's grid, from a synthetic grid or an observed survey, part by part."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from spectrolabe.acquire.emulator import Emulator, draw_stars
from spectrolabe.acquire.grids import Grid
from spectrolabe.prepare.splitting import assign_parts
from spectrolabe.spectra.randomness import RowGenerators, derive_seed
from spectrolabe.spectra.steps import apply_steps
from spectrolabe.spectra.table import NOISE_FREE_IVAR, Spectra, concatenate

BATCH = 256


def simulate_part(
    grid: Grid,
    part: str,
    *,
    name: str,
    stars: int,
    ranges: Mapping[str, Sequence[float]],
    copies: int,
    steps: Sequence[Mapping],
    split: Mapping[str, float],
    seed: int,
) -> Spectra:
    """Give one part of a synthetic set: stars between the grid's nodes, each copy with its own noise and velocities.

    Parameters
    ----------
    grid : nodes of the emulator.
    part : "training", "validation", "calibration" or "test".
    name : the set's name; stars are called ``<name>-<number>``.
    stars : number of stars in all parts together, before the split.
    ranges : lowest and highest value of each drawn label.
    copies : copies of each star.
    steps : applied to each copy (see `spectrolabe.spectra.steps`).
    split, seed : see `spectrolabe.prepare.splitting.assign_parts`.

    Raises
    ------
    ValueError
        Where the part is empty.
    """
    labels = draw_stars(grid, ranges, stars, derive_seed(seed, name, "stars"))
    labels.insert(0, "source_id", [f"{name}-{number:06d}" for number in range(len(labels))])
    # Split before copying, so that no copy of a training star is validated on.
    labels = labels[assign_parts(labels["source_id"], split, seed) == part]
    if labels.empty:
        raise ValueError(f"set {name!r}: no star falls into its {part} part, of {stars} stars")
    copied = labels.loc[labels.index.repeat(copies)].reset_index(drop=True)
    copied.insert(0, "spectrum_id", _copy_names(labels["source_id"], copies))
    emulator = Emulator(grid)
    batches = [copied.iloc[start : start + BATCH].reset_index(drop=True) for start in range(0, len(copied), BATCH)]
    return concatenate([_simulate(emulator, grid, batch, steps, derive_seed(seed, name)) for batch in batches])


def _simulate(emulator: Emulator, grid: Grid, table: pd.DataFrame, steps, seed: int) -> Spectra:
    flux = emulator(table)
    table = table.assign(status="", resolution=grid.resolution)
    ivar = np.full_like(flux, NOISE_FREE_IVAR)
    spectra = Spectra(grid.wavelength, grid.medium, flux, ivar, table)
    return apply_steps(spectra, steps, RowGenerators(seed, table["spectrum_id"].tolist()))


def select_part(
    survey: Spectra,
    part: str,
    *,
    name: str,
    labels: Sequence[str],
    copies: int,
    steps: Sequence[Mapping],
    split: Mapping[str, float],
    seed: int,
) -> Spectra:
    """Give one part of a set of observed spectra: those with any of the labels.

    Training spectra are copied and go through ``steps``; the other parts are the observed spectra as they are.

    Raises
    ------
    ValueError
        Where the part is empty.
    """
    missing = [label for label in labels if label not in survey.table]
    if missing:
        wanted = "its catalogue must give the recipe's labels"
        raise ValueError(f"set {name!r}: the survey has no column {missing[0]!r}: {wanted}")
    known = (survey.table["status"] == "") & survey.table[list(labels)].notna().any(axis=1)
    rows = np.flatnonzero(known & (assign_parts(survey.table["source_id"], split, seed) == part))
    if not rows.size:
        raise ValueError(f"set {name!r}: no spectrum falls into its {part} part: {known.sum()} spectra have labels")
    if part != "training":
        return survey.select(rows)
    copied = survey.select(rows.repeat(copies))
    table = copied.table.assign(spectrum_id=_copy_names(survey.table["spectrum_id"].iloc[rows], copies))
    random = RowGenerators(derive_seed(seed, name), table["spectrum_id"].tolist())
    return apply_steps(replace(copied, table=table), steps, random)


def _copy_names(names: Sequence[str], copies: int) -> list[str]:
    return [f"{name}-{copy}" for name in names for copy in range(copies)]
