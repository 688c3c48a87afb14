"""Which members are kept: by their best validation loss, or that of the mean of their weights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq


@dataclass(frozen=True)
class Histories:
    """What the histories of a model's members say: validation loss per member, size of a network, time of all."""

    losses: dict[str, float]
    parameters: int
    seconds: float


def read_histories(paths: Sequence[Path]) -> Histories:
    """Read the histories of all members; a member is named as its file is."""
    tables = {Path(path).stem: pq.read_table(path) for path in paths}
    losses = {member: judge_history(table.to_pandas())[1] for member, table in tables.items()}
    parameters = {int(table.schema.metadata[b"parameters"]) for table in tables.values()}
    return Histories(losses, max(parameters), sum(sum(table["seconds"].to_pylist()) for table in tables.values()))


def judge_history(history: pd.DataFrame) -> tuple[int, float]:
    """Give the epoch that a member stands for and its validation loss there.

    They are those of its lowest validation loss; of the last epoch where the member is a mean of weights, whose loss
    is ``val_loss_averaged``.
    """
    averaged = history.get("val_loss_averaged", pd.Series(dtype=float)).dropna()
    losses = averaged if len(averaged) else history["val_loss"]
    return int(history.loc[losses.idxmin(), "epoch"]), float(losses.min())


def read_labels(path: Path, labels: Sequence[str]) -> dict[str, np.ndarray]:
    """Read the labels of a training set, without its spectra."""
    table = pq.read_table(path, columns=list(labels))
    return {label: table[label].to_numpy() for label in labels}


def choose_members(losses: Mapping[str, float], keep: Mapping | None) -> list[str]:
    """Give the members to keep, in their own order.

    Parameters
    ----------
    losses : member -> its validation loss, see `judge_history`.
    keep : ``{"best": n}``, ``{"drop_worst": n}`` or None for all.
    """
    ranked = sorted(losses, key=lambda member: (losses[member], member))
    count = len(ranked)
    if keep:
        ((rule, number),) = keep.items()
        count = number if rule == "best" else count - number
    kept = set(ranked[:count])
    return [member for member in losses if member in kept]


def label_ranges(labels: Mapping[str, np.ndarray]) -> dict[str, list[float]]:
    """Give the lowest and highest known training value of each label."""
    return {name: [float(np.nanmin(values)), float(np.nanmax(values))] for name, values in labels.items()}
