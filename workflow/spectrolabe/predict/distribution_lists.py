"""Distributions over bins in Parquet: a list of one size per spectrum, the edges of the bins in the file's metadata."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

#: Under which the metadata of a file hold the edges of bins, as JSON: label -> (bins + 1) numbers in its unit.
EDGES = "edges"


def fix_sizes(table: pa.Table, edges: Mapping[str, Sequence[float]]) -> pa.Table:
    """Turn the lists ``L_distribution`` of a table into lists of one size, of float32, given the edges of the bins."""
    for label, ends in edges.items():
        name = f"{label}_distribution"
        # Without rows there are no lists that would tell their kind.
        values = table[name].combine_chunks().flatten() if len(table) else pa.array([], pa.float32())
        fixed = pa.FixedSizeListArray.from_arrays(values.cast(pa.float32()), len(ends) - 1)
        table = table.set_column(table.column_names.index(name), name, fixed)
    return table


def read_edges(path: Path) -> dict[str, np.ndarray]:
    """Read the edges of each label's bins from a file of labels or distributions; nothing where labels have none."""
    about = pq.read_schema(path).metadata or {}
    return {label: np.array(edges) for label, edges in json.loads(about.get(EDGES.encode(), b"{}")).items()}


def stack(predictions: pd.DataFrame, label: str, edges: Sequence[float]) -> np.ndarray:
    """Give the distributions of a label, read from Parquet's lists, in double precision, shape (n, bins)."""
    rows = predictions[f"{label}_distribution"].to_numpy()
    return np.stack(rows).astype(float) if len(rows) else np.empty((0, len(edges) - 1))
