"""What catalogues are made from: predictions of all shards, in the manifest's order, with verdicts of the screening."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

#: Columns of a survey's manifest that a catalogue carries on, where they are there.
CLUSTER = {"cluster": str, "cluster_feh": float, "cluster_age": float}
APART = "apart from them in the joint map"


def read_predictions(paths: Sequence[Path]) -> tuple[pd.DataFrame, float]:
    """Read the predictions of all shards, and the mean rate at which they were made (spectra per second)."""
    tables = [pq.read_table(path) for path in paths]
    rates = [float(table.schema.metadata[b"spectra_per_second"]) for table in tables]
    seconds = sum(len(table) / rate for table, rate in zip(tables, rates, strict=True))
    rows = pd.concat([table.to_pandas() for table in tables], ignore_index=True)
    return rows, len(rows) / seconds


def read_models(paths: Sequence[Path]) -> list[pd.DataFrame]:
    """Read the predictions of several models, given all their shards ``.../{model}/{dataset}/{shard}.parquet``."""
    models: dict[str, list[Path]] = {}
    for path in map(Path, paths):
        models.setdefault(path.parents[1].name, []).append(path)
    return [read_predictions(shards)[0] for shards in models.values()]


def order_by_manifest(predictions: pd.DataFrame, manifest: Path) -> pd.DataFrame:
    """Bring predictions to the order of the manifest, with what it says of the stars' clusters (see `CLUSTER`).

    Raises
    ------
    ValueError
        Where a spectrum of the manifest has no prediction, or the other way round.
    """
    # A star may be called NA or nan: names are text, whatever they look like.
    named = {"dtype": str, "keep_default_na": False, "usecols": lambda name: name in ("spectrum_id", *CLUSTER)}
    rows = pd.read_csv(manifest, sep="\t", **named).set_index("spectrum_id")
    order = rows.index
    difference = set(order) ^ set(predictions["spectrum_id"])
    if difference or len(order) != len(predictions):
        counts = f"{len(order)} spectra are listed and {len(predictions)} predicted"
        raise ValueError(f"{manifest}: {counts}; they differ in {sorted(difference)[:3]}")
    clusters = {
        name: rows[name] if kind is str else pd.to_numeric(rows[name]) for name, kind in CLUSTER.items() if name in rows
    }
    return predictions.set_index("spectrum_id").loc[order].assign(**clusters).reset_index()


def read_screening(paths: Sequence[Path]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the joint map of a screened survey, the first file, and the verdicts of its shards, all others."""
    return pd.read_parquet(paths[0]), pd.concat(map(pd.read_parquet, paths[1:]), ignore_index=True)


def add_screening(predictions: pd.DataFrame, placed: pd.DataFrame, verdicts: pd.DataFrame) -> pd.DataFrame:
    """Say of each spectrum whether it lies among the training spectra (``screening``: inner or outer), and why not.

    Parameters
    ----------
    predictions : with ``spectrum_id``.
    placed : the joint map, rows in any order: ``spectrum_id`` and ``inner``; spectra that cannot be used are absent.
    verdicts : ``spectrum_id``, ``part`` (of the training set; empty: observed alone), ``sound``, and in ``reason`` what
        a spectrum differs by that is not.

    Returns
    -------
    The predictions with ``part``, ``screening`` and ``screening_reason``.
    """
    names = predictions["spectrum_id"]
    placed, verdicts = (table.set_index("spectrum_id").reindex(names) for table in (placed, verdicts))
    # A spectrum that nobody has judged is not known to be alike.
    inner, sound = (column.eq(True).to_numpy() for column in (placed["inner"], verdicts["sound"]))
    reason = np.where(sound, APART, verdicts["reason"].fillna("not screened"))
    return predictions.assign(
        part=verdicts["part"].fillna("").to_numpy(),
        screening=np.where(inner, "inner", "outer"),
        screening_reason=np.where(inner, "", reason),
    )
