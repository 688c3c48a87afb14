"""Rows of catalogues for scores and figures: all of them, or of large ones the spectra of evenly chosen stars."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from spectrolabe.spectra.slices import choose_names

#: Rows that are read at most, within a percent: a million with a hundred columns take half a gigabyte.
MOST_ROWS = 1_000_000


def count_rows(path: str | Path) -> int:
    """Give the number of rows of a Parquet file."""
    return pq.read_metadata(path).num_rows


def read_catalogue(path: str | Path, columns: Sequence[str] | None = None, most: int = MOST_ROWS) -> pd.DataFrame:
    """Read a catalogue, or another table of spectra with their ``source_id``; of a larger one about ``most`` rows.

    Stars are chosen by their names, each with all of its spectra, so that every table of a survey is read at the same
    stars, again and again.

    Parameters
    ----------
    path : Parquet file.
    columns : those that are wanted; all without.
    """
    count = count_rows(path)
    if count <= most:
        return pd.read_parquet(path, columns=columns)
    share = most / count
    wanted = None if columns is None else list(dict.fromkeys([*columns, "source_id"]))
    rows = read_matching(path, lambda rows: choose_names(rows["source_id"], share), wanted)
    return rows if columns is None else rows[[*columns]]


def read_matching(
    path: str | Path, match: Callable[[pd.DataFrame], np.ndarray], columns: Sequence[str] | None = None
) -> pd.DataFrame:
    """Read those rows of a Parquet file that a function chooses (a boolean array), a part of the file at a time."""
    with pq.ParquetFile(path) as file:
        kept = [_schema(file, columns).empty_table()]
        for batch in file.iter_batches(columns=columns):
            rows = pa.Table.from_batches([batch])
            kept.append(rows.filter(pa.array(np.asarray(match(rows.to_pandas()), bool))))
    return pa.concat_tables(kept).to_pandas()


def read_batches(path: str | Path, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
    """Read some columns of a Parquet file, a part of its rows at a time."""
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(columns=list(columns)):
            yield batch.to_pandas()


def _schema(file, columns):
    schema = file.schema_arrow
    return schema if columns is None else pa.schema([schema.field(name) for name in columns], schema.metadata)
