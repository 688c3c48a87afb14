"""The joint map of training and observed spectra, as published: what lies near training spectra is like them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from spectrolabe.prepare.maps import draw_similarity, fit_map, nearest_distance, point_spacing
from spectrolabe.prepare.screen_files import HELD_OUT, MOST_SPECTRA
from spectrolabe.spectra.randomness import derive_seed
from spectrolabe.spectra.table import read_shard

#: Spectra that a map is drawn of at most, and that are placed in it at a time.
MOST_MAPPED, PLACED = 50_000, 20_000


def map_survey(
    shards: Sequence[str | Path],
    verdicts: pd.DataFrame,
    *,
    columns: Sequence[str],
    components: int,
    perplexity: float,
    false_alarms: float,
    seed: int,
) -> pd.DataFrame:
    """Draw one map of all usable spectra, training and observed, and tell which observed ones lie among training ones.

    Of more than `MOST_MAPPED` spectra the map is drawn of so many, chosen by their names, and the others are placed in
    it, each by itself.

    Parameters
    ----------
    shards : files of prepared spectra.
    verdicts : on all of them, as the shards of screening hold them.
    columns : of the survey's table that are kept where it has them, such as labels.
    components : number of principal components that spectra are compared by.
    perplexity, seed : of the map.
    false_alarms : share of sound held-out spectra that lie farther out than the limit.

    Returns
    -------
    The verdicts on usable spectra with ``columns``; ``x``, ``y``; ``joint_distance`` to the nearest sound training
    spectrum, in units of the median distance between such neighbours; ``joint_inner``; ``inner``, which is sound too.
    """
    names, scores, table = _reduce(shards, columns, components, seed)
    points = _place(names, scores, perplexity, derive_seed(seed, "joint map"))
    known = verdicts.drop(columns=["x", "y"], errors="ignore").set_index("spectrum_id").loc[names].reset_index()
    trained = (known["sound"] & (known["part"] == "training")).to_numpy()
    distance = joint_distance(points, trained)
    held_out = (known["sound"] & known["part"].isin(HELD_OUT)).to_numpy()
    inner = distance <= np.quantile(distance[held_out], 1 - false_alarms)
    known = known.join(table)
    return known.assign(
        x=points[:, 0], y=points[:, 1], joint_distance=distance, joint_inner=inner, inner=inner & known["sound"]
    )


def _place(names, scores, perplexity, seed):
    if len(names) <= MOST_MAPPED:
        return draw_similarity(scores, perplexity, seed)
    order = np.argsort([derive_seed(seed, "mapped", name) for name in names])
    drawn = fit_map(scores[order[:MOST_MAPPED]], perplexity, seed)
    blocks = [order[start : start + PLACED] for start in range(MOST_MAPPED, len(order), PLACED)]
    points = np.concatenate([drawn.points, *(drawn.place(scores[block]) for block in blocks)])
    return points[np.argsort(order)]


def joint_distance(points: np.ndarray, trained: np.ndarray) -> np.ndarray:
    """Give the distance of every point to the nearest training point but itself, in units of their usual spacing."""
    scale = point_spacing(points[trained])
    distance = nearest_distance(points[trained], points)
    distance[trained] = nearest_distance(points[trained], points[trained], itself=False)
    return distance / scale


def _reduce(shards, columns, components, seed):
    """Give names, principal components and table of all usable spectra, one shard in memory at a time."""
    from sklearn.decomposition import PCA

    tables = [_read_usable(path, columns).table for path in shards]
    names = [name for table in tables for name in table["spectrum_id"]]
    order = sorted(names, key=lambda name: derive_seed(seed, "joint map", name))
    chosen = set(order[:MOST_SPECTRA])
    sample = []
    for path in shards:
        spectra = _read_usable(path, columns)
        sample.append(_filled(spectra)[spectra.table["spectrum_id"].isin(chosen).to_numpy()])
    sample = np.concatenate(sample)
    size = min(components, *sample.shape)
    reduced = PCA(size, svd_solver="randomized", random_state=seed % 2**32).fit(sample)
    scores = np.concatenate([reduced.transform(_filled(_read_usable(path, columns))) for path in shards])
    kept = [column for column in columns if any(column in table for table in tables)]
    table = pd.concat([table.reindex(columns=kept) for table in tables], ignore_index=True)
    return names, scores, table


def _read_usable(path, columns):
    spectra = read_shard(path, with_ivar=False)
    return spectra.select(((spectra.table["status"] == "") & spectra.ivar.any(axis=1)).to_numpy())


def _filled(spectra):
    """Flux with each spectrum's own mean where nothing was measured."""
    count = spectra.ivar.sum(axis=1, keepdims=True)
    mean = np.where(spectra.ivar, spectra.flux, 0).sum(axis=1, keepdims=True) / count
    return np.where(spectra.ivar, spectra.flux, mean.astype(np.float32))
