"""Reading of Parquet files of spectra: their grid, their table, and their flux a row group at a time."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq


@contextmanager
def open_shard(path: str | Path) -> Iterator[pq.ParquetFile]:
    """Open a file of spectra; where it turns out to be none, or damaged, a ValueError names it."""
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            yield file
    except FileNotFoundError:
        raise
    except (pa.ArrowException, KeyError, OSError, ValueError) as error:
        raise ValueError(f"{path}: not a shard of spectra ({error})") from error


def read_grid(file: pq.ParquetFile) -> tuple[np.ndarray, str]:
    """Give the wavelengths (angstrom) of an open file of spectra, and their medium."""
    metadata = _text(file.schema_arrow.metadata)
    return np.frombuffer(base64.b64decode(metadata["wavelength"]), "<f8"), metadata["medium"]


def read_table(file: pq.ParquetFile) -> pd.DataFrame:
    """Read all columns of an open file of spectra but flux and ivar."""
    names = [name for name in file.schema_arrow.names if name not in ("flux", "ivar")]
    return file.read(columns=names).replace_schema_metadata(None).to_pandas()


def read_matrix(file: pq.ParquetFile, name: str, pixels: int, chosen: np.ndarray) -> np.ndarray:
    """Read flux or ivar (``name``) of some rows, ascending, of an open file, shape (len(chosen), n_pixels)."""
    values, start, done = np.empty((len(chosen), pixels), np.float32), 0, 0
    for group in range(file.num_row_groups):
        count = file.metadata.row_group(group).num_rows
        wanted = chosen[(chosen >= start) & (chosen < start + count)] - start
        start += count
        if not len(wanted):
            continue
        values[done : done + len(wanted)] = read_group(file, group, name, pixels)[wanted]
        done += len(wanted)
    return values


def read_group(file: pq.ParquetFile, number: int, name: str, pixels: int) -> np.ndarray:
    """Read flux or ivar (``name``) of one row group of an open file of spectra, shape (n_rows, n_pixels)."""
    column = file.read_row_group(number, columns=[name])[name]
    if column.null_count:
        raise ValueError(f"{column.null_count} rows without {name}")
    return column.combine_chunks().flatten().to_numpy(zero_copy_only=True).reshape(len(column), pixels)


def _text(metadata):
    return {key.decode(): value.decode() for key, value in (metadata or {}).items() if not key.startswith(b"ARROW:")}
