"""Raw spectra: on the recipe's wavelengths at its resolution, and otherwise as the telescope or the grid gave them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from spectrolabe.acquire.emulator import Emulator
from spectrolabe.acquire.grids import Grid
from spectrolabe.acquire.manifests import fill_text, read_blocks
from spectrolabe.prepare.preparation import prepare_spectra
from spectrolabe.spectra.randomness import RowGenerators, derive_seed
from spectrolabe.spectra.steps import apply_steps
from spectrolabe.spectra.table import NOISE_FREE_IVAR, Spectra, concatenate

#: Steps that bring spectra to a common frame, resolution and grid, and those that take out what nobody measured.
SAMPLING = {"broaden", "resample"}
CLEANING = {"rest_frame", "clean_spikes", "clean_zeros"}
BATCH = 256


def raw_steps(steps: Sequence[Mapping]) -> list[Mapping]:
    """Give those steps of a list that leave spectra raw: no continuum, noise, velocity, mask or loss of pixels.

    Cleaning counts where it comes before the continuum, whose units it works in. Of the lists of copies what is left is
    kept, where anything is.
    """
    normalised = next((place for place, step in enumerate(steps) if "normalise" in step), len(steps))
    wanted = [SAMPLING | CLEANING if place < normalised else SAMPLING for place in range(len(steps))]
    raw = []
    for step, names in zip(steps, wanted, strict=True):
        lists = [[own for own in copy if own.keys() <= names] for copy in step.get("by_copy", [])]
        if step.keys() <= names or any(lists):
            raw.append({"by_copy": lists} if lists else step)
    return raw


def choose_rows(table: pd.DataFrame, count: int, seed: int) -> np.ndarray:
    """Choose at most ``count`` usable spectra of a table at random, each by its own name; positions, ascending."""
    usable = np.flatnonzero(table["status"].fillna("") == "")
    drawn = [derive_seed(seed, "sample", name) for name in table["spectrum_id"].iloc[usable]]
    return np.sort(usable[np.argsort(drawn, kind="stable")[:count]])


def sample_manifest(path: Path | str, count: int, seed: int) -> pd.DataFrame:
    """Read the rows of a manifest that `choose_rows` chooses, and no more than some others in memory."""
    chosen = None
    for rows in read_blocks(path):
        rows = rows if chosen is None else pd.concat([chosen, rows], ignore_index=True)
        chosen = rows.iloc[choose_rows(rows, count, seed)]
    return fill_text(chosen).reset_index(drop=True)


def read_stars(path: Path | str) -> pd.DataFrame:
    """Read what a file of spectra says of its stars, one row for each star, without the spectra."""
    names = [name for name in pq.read_schema(path).names if name not in ("flux", "ivar")]
    return pd.read_parquet(path, columns=names).drop_duplicates("source_id", ignore_index=True)


def read_raw(chosen: pd.DataFrame, *, root: Path, reader: str, steps: Sequence[Mapping], seed: int, **grid) -> Spectra:
    """Give raw spectra of a survey, its files read again; those that fail are left out.

    Parameters
    ----------
    chosen : rows of its manifest, see `sample_manifest`.
    root, reader, steps : see `spectrolabe.prepare.preparation.prepare_spectra`.
    grid : its ``arms``, ``medium`` and ``resolution``.
    """
    raw = prepare_spectra(chosen, Path(root), reader, raw_steps(steps), seed=seed, **grid)
    return raw.select(np.flatnonzero(raw.table["status"] == ""))


def simulate_raw(grid: Grid, stars: pd.DataFrame, *, steps: Sequence[Mapping], nodes: bool) -> Spectra:
    """Give raw synthetic spectra of stars: what the grid holds at their labels, without noise, continuum = 1.

    Parameters
    ----------
    stars : one row per spectrum, the grid's labels among its columns.
    steps : those of the set that the stars are from; see `raw_steps`.
    nodes : whether the stars are nodes of the grid, which need no emulator.
    """
    give_flux = _node_flux(grid) if nodes else Emulator(grid)
    batches = [stars.iloc[start : start + BATCH].reset_index(drop=True) for start in range(0, len(stars), BATCH)]
    return concatenate([_simulate(grid, give_flux(batch), batch, raw_steps(steps)) for batch in batches])


def _simulate(grid, flux, stars, steps):
    table = stars.assign(status="", resolution=grid.resolution, copy=stars.get("copy", 0))
    spectra = Spectra(grid.wavelength, grid.medium, flux, np.full_like(flux, NOISE_FREE_IVAR), table)
    return apply_steps(spectra, steps, RowGenerators(0, table["spectrum_id"].tolist()))


def _node_flux(grid):
    # Stars that are nodes carry the node's row in their names.
    return lambda stars: grid.flux[[int(name.rpartition("-")[2]) for name in stars["source_id"]]]
