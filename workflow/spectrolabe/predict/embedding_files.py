"""Embedded spectra, in memory and in files: where networks set spectra beside each other, label by label."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from spectrolabe.spectra.table import replacing


@dataclass(frozen=True)
class Embedded:
    """Spectra as a network embeds them.

    ``vectors`` (n, n_arms, n_labels, size); ``known`` (n, n_arms), whether an arm has any information; ``table``, one
    row per spectrum: ``spectrum_id``, ``source_id``, labels, and what else is known of it.
    """

    vectors: np.ndarray
    known: np.ndarray
    table: pd.DataFrame


def write_embedded(path: Path, embedded: Embedded) -> None:
    """Write embeddings to a Parquet file: a row per spectrum, ``embedding`` with all arms and labels one by one."""
    table = pa.Table.from_pandas(embedded.table, preserve_index=False)
    for name, values in (("known", embedded.known), ("embedding", embedded.vectors)):
        size = int(np.prod(values.shape[1:]))
        table = table.append_column(name, pa.FixedSizeListArray.from_arrays(pa.array(values.ravel()), size))
    table = table.replace_schema_metadata({"arms_labels_numbers": json.dumps(embedded.vectors.shape[1:])})
    with replacing(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")


def read_embedded(path: Path) -> Embedded:
    """Read embeddings that `write_embedded` wrote."""
    table = pq.read_table(path)
    shape = json.loads(table.schema.metadata[b"arms_labels_numbers"])
    known, vectors = (
        table[name].combine_chunks().flatten().to_numpy(zero_copy_only=False) for name in ("known", "embedding")
    )
    rows = table.drop_columns(["known", "embedding"]).replace_schema_metadata(None).to_pandas()
    return Embedded(vectors.reshape(len(table), *shape), known.reshape(len(table), -1), rows)
