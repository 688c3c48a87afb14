"""Twins: for each observed spectrum the synthetic star most like it in what is known of it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from spectrolabe.spectra.table import Spectra, concatenate

#: What twins keep of their tables, beside source (a dataset), pair (the observed spectrum) and star (its star).
COLUMNS = ["spectrum_id", "source_id", "status"]


def pick_observed(name: str, raw: Spectra, prepared: Iterable[Spectra]) -> tuple[Spectra, Spectra]:
    """Give raw and prepared spectra that are usable in both forms, row by row the same, named as observed.

    Parameters
    ----------
    name : the dataset's, for the column ``source``.
    raw : raw spectra, as `spectrolabe.prepare.raw_spectra` gives them.
    prepared : the dataset's prepared spectra, shard by shard; all that ``raw`` has are among them.
    """
    wanted = set(raw.table["spectrum_id"])
    chosen = [_usable(shard, shard.table["spectrum_id"].isin(wanted)) for shard in prepared]
    prepared = concatenate([part for part in chosen if len(part)] or chosen[:1])
    rows = pd.Index(raw.table["spectrum_id"]).get_indexer(prepared.table["spectrum_id"])
    raw = raw.select(rows)
    bright = np.median(raw.flux, axis=1) > 0
    return tuple(_label(part.select(bright), name, part.table[bright]) for part in (raw, prepared))


def _usable(spectra, rows):
    return spectra.select(np.flatnonzero(rows & (spectra.table["status"] == "")))


def _label(spectra, name, observed):
    table = spectra.table.assign(
        source=name, pair=observed["spectrum_id"].to_numpy(), star=observed["source_id"].to_numpy()
    )
    return replace(spectra, table=table)


def find_twins(observed: pd.DataFrame, stars: pd.DataFrame, labels: Sequence[str], seed: int) -> np.ndarray:
    """Give each observed spectrum's synthetic twin: the star nearest in the labels known of it, a random one of none.

    Parameters
    ----------
    observed, stars : tables with any of the labels; NaN where unknown. A label counts in units of the range that the
        stars have in it.
    labels : those to go by.
    seed : of the random stars.

    Returns
    -------
    Positions in ``stars``, each at most once: shape (n_observed,), or fewer where the stars run out.
    """
    names = [name for name in labels if name in observed and name in stars and np.ptp(stars[name]) > 0]
    order = np.random.default_rng(seed).permutation(len(stars))
    points = stars[names].to_numpy(float)[order]
    scale = np.ptp(points, axis=0)
    free = np.ones(len(stars), bool)
    twins = []
    for target in observed[names].to_numpy(float)[: len(stars)]:
        known = ~np.isnan(target)
        distance = np.sum(((points[:, known] - target[known]) / scale[known]) ** 2, axis=1)
        nearest = np.argmin(np.where(free, distance, np.inf))
        free[nearest] = False
        twins.append(order[nearest])
    return np.array(twins, int)


def pick_twins(name: str, observed: pd.DataFrame, part: Spectra, labels: Sequence[str], seed: int) -> Spectra:
    """Give the prepared twins of observed spectra from one part of a synthetic set, all its columns kept."""
    stars = _usable(part, np.ones(len(part), bool))
    twins = find_twins(observed, stars.table, labels, seed)
    return _label(stars.select(twins), name, observed.iloc[: len(twins)])


def join_sources(parts: Sequence[Spectra]) -> Spectra:
    """Join the spectra of several sources, with the columns that tell them apart alone."""
    columns = [*COLUMNS, "source", "pair", "star"]
    return concatenate([replace(part, table=part.table[columns]) for part in parts])
