"""How far the spectra of several grids lie apart at the same labels, before any network has seen them."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.spatial import Delaunay

from spectrolabe.acquire.emulator import HULL, Emulator
from spectrolabe.acquire.grids import Grid
from spectrolabe.acquire.synthesis import microturbulence
from spectrolabe.spectra.randomness import RowGenerators
from spectrolabe.spectra.steps import apply_steps
from spectrolabe.spectra.table import NOISE_FREE_IVAR, Spectra

#: Most nodes that an emulator is fitted to here: its cost grows with their cube.
MOST_NODES = 3000
#: Share of the first grid's nodes that the emulator is tested on.
LEFT_OUT = 0.2


def measure_differences(
    grids: Mapping[str, Grid],
    ranges: Mapping[str, Sequence[float]] | None,
    steps: Sequence[Mapping],
    *,
    stars: int,
    seed: int,
) -> pd.DataFrame:
    """Give the percentage by which each grid's spectra differ from the first's at the same labels.

    The spectra of the first grid are those of its own nodes, the others are emulated at their labels. Each grid keeps
    its own law of the microturbulence, where it has one; a node's distance from the law is shared. What the emulator
    itself errs by is measured on nodes of the first grid that it was not fitted to.

    Parameters
    ----------
    grids : name -> nodes; the first is what the others are compared with.
    ranges : label -> lowest and highest value; None for all nodes.
    steps : what every spectrum goes through, free of chance, such as broaden, resample and normalise.
    stars : nodes to compare, at most (number); those outside the hull of any grid are left out.
    seed : of their choice.

    Returns
    -------
    A row per grid and node: the labels but ``vmic``, ``grid`` and ``difference``, the sum over pixels of the absolute
    flux difference in per cent of the sum of the first grid's flux; under the first grid's name, the emulator's error.

    Raises
    ------
    ValueError
        Where no node lies within all grids, or a grid varies in a label that the first one lacks.
    """
    (name, first), *others = grids.items()
    nodes = _choose_nodes(first, [grid for _, grid in others], ranges, stars, seed)
    if not len(nodes.labels):
        raise ValueError(f"no node of the first of the grids {', '.join(grids)} lies within the others and the ranges")
    tables = [_compare(other, grid, nodes, steps, seed) for other, grid in others]
    left_out, fitted = _split(first, seed)
    tables.append(_compare(name, fitted, _choose_nodes(left_out, [fitted], ranges, stars, seed), steps, seed))
    return pd.concat(tables, ignore_index=True)


def _split(grid: Grid, seed: int) -> list[Grid]:
    """Give two grids: a share of the nodes, chosen by chance, and all others."""
    rows = np.random.default_rng(seed).permutation(len(grid.labels))
    return [grid.select(np.sort(part)) for part in np.split(rows, [round(LEFT_OUT * len(rows))])]


def _choose_nodes(first: Grid, others: Sequence[Grid], ranges, stars: int, seed: int) -> Grid:
    inside = np.ones(len(first.labels), bool)
    for label, (low, high) in (ranges or {}).items():
        inside &= first.labels[label].between(low, high).to_numpy()
    for grid in others:
        inside &= Delaunay(grid.labels[HULL]).find_simplex(first.labels[HULL]) >= 0
    return first.select(np.sort(np.random.default_rng(seed).permutation(np.flatnonzero(inside))[:stars]))


def _compare(name: str, grid: Grid, nodes: Grid, steps: Sequence[Mapping], seed: int) -> pd.DataFrame:
    at = nodes.labels.assign(vmic=_microturbulence(grid, nodes, nodes.labels))
    thinned = grid.select(np.sort(np.random.default_rng(seed).permutation(len(grid.labels))[:MOST_NODES]))
    emulated = _finish(grid, _emulate(name, thinned, at), at, steps)
    difference = _difference(emulated, _finish(nodes, nodes.flux, nodes.labels, steps))
    return nodes.labels.drop(columns="vmic", errors="ignore").assign(grid=name, difference=difference)


def _microturbulence(grid: Grid, first: Grid, labels: pd.DataFrame):
    """Give the microturbulence that a grid has at the labels of the first's nodes (km/s)."""
    law, own = grid.settings.get("vmic"), first.settings.get("vmic")
    if law:
        apart = labels["vmic"] - microturbulence(labels, own) if own else 0.0
        return np.clip(microturbulence(labels, law) + apart, *law["range"])
    return labels["vmic"] if "vmic" in labels else grid.labels.get("vmic", pd.Series([np.nan])).median()


def _emulate(name: str, grid: Grid, labels: pd.DataFrame) -> np.ndarray:
    emulator = Emulator(grid)
    missing = [label for label in emulator.labels if label not in labels]
    if missing:
        raise ValueError(
            f"the grid {name} varies in {missing[0]}, which the first grid lacks: name first one that has it"
        )
    return emulator(labels)


def _finish(grid: Grid, flux: np.ndarray, labels: pd.DataFrame, steps: Sequence[Mapping]) -> Spectra:
    names = [f"star-{number}" for number in range(len(labels))]
    table = labels.assign(spectrum_id=names, source_id=names, status="", resolution=grid.resolution)
    spectra = Spectra(grid.wavelength, grid.medium, flux, np.full_like(flux, NOISE_FREE_IVAR), table)
    return apply_steps(spectra, steps, RowGenerators(0, names))


def _difference(spectra: Spectra, reference: Spectra) -> np.ndarray:
    known = (spectra.ivar > 0) & (reference.ivar > 0)
    apart = np.where(known, np.abs(spectra.flux - reference.flux), 0.0).sum(axis=1)
    return 100 * apart / np.where(known, reference.flux, 0.0).sum(axis=1)
