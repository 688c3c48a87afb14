"""Training sets: labelled spectra on the recipe's grid, from a synthetic grid or an observed survey, shard by shard."""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from spectrolabe.acquire.emulator import Emulator, check_ranges, draw_stars
from spectrolabe.acquire.grids import Grid
from spectrolabe.prepare.splitting import assign_parts
from spectrolabe.spectra.randomness import RowGenerators, derive_seed
from spectrolabe.spectra.steps import apply_steps
from spectrolabe.spectra.table import NOISE_FREE_IVAR, Spectra

#: Spectra in memory at a time, and stars that the emulator computes at a time.
BATCH = 256


@dataclass(frozen=True)
class Plan:
    """What becomes of the stars of a set, wherever they come from.

    ``name`` is the set's; each star is copied ``copies`` times, the column ``copy`` holding each copy's number, from 0;
    each copy goes through ``steps``, and where it is not trained on through ``on_the_fly`` too, which training spectra
    meet later, in training; ``split`` and ``seed``: see `spectrolabe.prepare.splitting.assign_parts`. Synthetic spectra
    must end with all ``labels``, observed ones with one or more.
    """

    name: str
    labels: Sequence[str]
    copies: int
    steps: Sequence[Mapping]
    on_the_fly: Sequence[Mapping]
    split: Mapping[str, float]
    seed: int


def draw_shard(
    grid: Grid, plan: Plan, shard: int, shards: int, *, stars: int, ranges: Mapping[str, Sequence[float]]
) -> Iterator[Spectra]:
    """Give one shard of a synthetic set: stars between the grid's nodes, each copy with its own noise and velocities.

    A star is the same to the last bit whatever the number of shards and of other stars.

    Parameters
    ----------
    grid : nodes of the emulator.
    plan : what becomes of the stars, which are called ``<set>-<number>``.
    shard, shards : which shard, from 0, of how many.
    stars : number of stars in all shards and parts together.
    ranges : lowest and highest value of each drawn label.

    Returns
    -------
    The shard in batches; in each ``table`` the column ``part`` says which part of the set a spectrum belongs to.
    """
    check_ranges(plan.name, grid, ranges)
    labels = draw_stars(grid, ranges, stars, derive_seed(plan.seed, plan.name, "stars"))
    emulator = Emulator(grid)

    def emulate(rows: np.ndarray) -> np.ndarray:
        # Whole blocks, the last one filled up: the last bits of a matrix product depend on its shape.
        first = rows[0] // BATCH * BATCH
        return emulator(labels.iloc[np.minimum(first + np.arange(BATCH), len(labels) - 1)])[rows - first]

    yield from _copy_stars(grid, plan, labels, np.array_split(np.arange(stars), shards)[shard], emulate)


def copy_nodes(
    grid: Grid, plan: Plan, shard: int, shards: int, *, ranges: Mapping[str, Sequence[float]]
) -> Iterator[Spectra]:
    """Give one shard of a set whose stars are the grid's own nodes, its spectra as they are, without an emulator.

    Parameters
    ----------
    plan : what becomes of the nodes, which are called ``<set>-<row in the grid>``.
    ranges : label -> lowest and highest value; nodes beyond are left out.
    grid, shard, shards : and result, see `draw_shard`.

    Raises
    ------
    ValueError
        Where the grid lacks a label of ``ranges``, or has no node within them.
    """
    inside = np.ones(len(grid.labels), bool)
    for label, (low, high) in ranges.items():
        if label not in grid.labels:
            raise ValueError(f"set {plan.name!r}: the grid has no label {label!r}: it has {', '.join(grid.labels)}")
        inside &= grid.labels[label].between(low, high).to_numpy()
    if not inside.any():
        raise ValueError(f"set {plan.name!r}: none of the grid's {len(inside)} nodes lies within the set's ranges")
    rows = np.array_split(np.flatnonzero(inside), shards)[shard]
    yield from _copy_stars(grid, plan, grid.labels, rows, lambda rows: grid.flux[rows])


def _copy_stars(
    grid: Grid, plan: Plan, labels: pd.DataFrame, rows: np.ndarray, find_flux: Callable
) -> Iterator[Spectra]:
    """Give the copies of the stars in some rows of a table of labels; ``find_flux`` gives the flux of rows."""
    for block in np.split(rows, np.flatnonzero(np.diff(rows // BATCH)) + 1) if rows.size else []:
        flux, stars = find_flux(block), labels.iloc[block].reset_index(drop=True)
        stars.insert(0, "source_id", [f"{plan.name}-{row:06d}" for row in block])
        # Split before copying, so that no copy of a training star is validated on.
        stars = stars.assign(status="", resolution=grid.resolution, part=_parts_of(plan, stars["source_id"]))
        copied = np.arange(len(block)).repeat(plan.copies)
        names = _copy_names(stars["source_id"], plan.copies)
        for batch in _batches(len(copied)):
            table = stars.iloc[copied[batch]].reset_index(drop=True)
            table.insert(0, "spectrum_id", names[batch])
            table["copy"] = np.arange(len(copied))[batch] % plan.copies
            chosen = flux[copied[batch]]
            spectra = Spectra(grid.wavelength, grid.medium, chosen, np.full_like(chosen, NOISE_FREE_IVAR), table)
            yield _with_labels(plan, _augment(plan, spectra))


def select_shard(survey: Spectra, plan: Plan, chosen: Set[str] | None = None) -> Iterator[Spectra]:
    """Give the set's spectra of one shard of a survey: those with any of the labels, or all where it needs none.

    Training spectra are copied and go through the steps; the other parts are the observed spectra as they are.

    Parameters
    ----------
    survey : prepared spectra.
    plan : what becomes of them.
    chosen : spectrum_id of those that the set may take; all where None.

    Returns
    -------
    The shard in batches, see `draw_shard`; none where no spectrum can be used.

    Raises
    ------
    ValueError
        Where the survey has no column of that name for one of the labels.
    """
    missing = [label for label in plan.labels if label not in survey.table]
    if missing:
        wanted = "its catalogue must give the recipe's labels"
        raise ValueError(f"set {plan.name!r}: the survey has no column {missing[0]!r}: {wanted}")
    known = survey.table["status"] == ""
    if plan.labels:
        known &= survey.table[list(plan.labels)].notna().any(axis=1)
    if chosen is not None:
        known &= survey.table["spectrum_id"].isin(chosen)
    parts = _parts_of(plan, survey.table["source_id"])
    survey = replace(survey, table=survey.table.assign(part=parts))
    held_out = np.flatnonzero(known & (parts != "training"))
    trained = np.flatnonzero(known & (parts == "training"))
    names = _copy_names(survey.table["spectrum_id"].iloc[trained], plan.copies)
    copied = trained.repeat(plan.copies)
    for batch in _batches(len(copied)):
        copies, numbers = survey.select(copied[batch]), np.arange(len(copied))[batch] % plan.copies
        copies = replace(copies, table=copies.table.assign(spectrum_id=names[batch], copy=numbers))
        yield apply_steps(copies, plan.steps, _generators(plan, copies))
    for batch in _batches(len(held_out)):
        observed = survey.select(held_out[batch])
        yield replace(observed, table=observed.table.assign(copy=0))


def _augment(plan: Plan, spectra: Spectra) -> Spectra:
    """Take spectra through the steps, and those that are not trained on through the later ones too."""
    random = _generators(plan, spectra)
    spectra = apply_steps(spectra, plan.steps, random)
    if not plan.on_the_fly:
        return spectra
    finished = apply_steps(spectra, plan.on_the_fly, random)
    trained = (spectra.table["part"] == "training").to_numpy()
    flux = np.where(trained[:, None], spectra.flux, finished.flux)
    ivar = np.where(trained[:, None], spectra.ivar, finished.ivar)
    before = spectra.table.reindex(columns=finished.table.columns)
    table = finished.table.apply(lambda column: column.mask(trained, before[column.name]))
    return replace(finished, flux=flux, ivar=ivar, table=table)


def _with_labels(plan: Plan, spectra: Spectra) -> Spectra:
    missing = [label for label in plan.labels if label not in spectra.table]
    if missing:
        wanted = "neither the grid's nodes nor the steps give it"
        raise ValueError(f"set {plan.name!r}: the spectra have no label {missing[0]!r}: {wanted}")
    return spectra


def _generators(plan: Plan, spectra: Spectra) -> RowGenerators:
    return RowGenerators(derive_seed(plan.seed, plan.name), spectra.table["spectrum_id"].tolist())


def _parts_of(plan: Plan, sources: pd.Series) -> np.ndarray:
    return assign_parts(sources, plan.split, plan.seed)


def _batches(count: int) -> list[slice]:
    return [slice(start, start + BATCH) for start in range(0, count, BATCH)]


def _copy_names(names: Sequence[str], copies: int) -> list[str]:
    return [f"{name}-{copy}" for name in names for copy in range(copies)]
