"""Files of spectra larger than memory: written as their spectra come, and parts of a set gathered from its shards."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from spectrolabe.spectra.shard_files import open_shard
from spectrolabe.spectra.table import LAYOUT, ROW_GROUP, Spectra, read_shard, replacing, to_arrow

#: Spectra that are read at a time, whole row groups, and more than most shards hold.
BLOCK = 16 * ROW_GROUP


def stream_shard(path: str | Path, batches: Iterable[Spectra], metadata: Mapping[str, str]) -> None:
    """Write spectra to a Parquet file as `spectrolabe.spectra.table.write_shard` does, a few at a time in memory.

    Parameters
    ----------
    batches : spectra of one grid; the columns are those of the first. Where there are none, the file has no columns.
    """
    _write_groups(path, (to_arrow(batch, metadata) for batch in batches))


def convert_shard(
    source: str | Path, path: str | Path, change: Callable[[Spectra], Spectra], metadata: Mapping[str, str]
) -> None:
    """Take the spectra of a file through a function, a row group at a time in memory; its other columns stay the same.

    Parameters
    ----------
    source, path : file to read, and file to write.
    change : gives as many spectra as it takes; it sees flux and ivar alone, without a table.
    metadata : kept beside the grid and the units of the new spectra.

    Raises
    ------
    ValueError
        Where the source is no file of spectra; the message names it.
    """
    grid = read_shard(source, rows=[])
    with pq.ParquetFile(source, page_checksum_verification=True) as file:
        groups = (file.read_row_group(number) for number in range(file.num_row_groups))
        _write_groups(path, (_convert(group, grid, change, metadata) for group in groups))


def _convert(group, grid, change, metadata):
    flux, ivar = (_matrix(group[name]) for name in ("flux", "ivar"))
    spectra = replace(grid, flux=flux, ivar=ivar, table=pd.DataFrame(index=range(len(group))))
    changed = to_arrow(change(spectra), metadata)
    columns = {name: changed[name] if name in ("flux", "ivar") else group[name] for name in group.column_names}
    return pa.table(columns).replace_schema_metadata(changed.schema.metadata)


def _matrix(column: pa.ChunkedArray) -> np.ndarray:
    return column.combine_chunks().flatten().to_numpy(zero_copy_only=True).reshape(len(column), -1)


def read_blocks(path: str | Path, rows: int = BLOCK) -> Iterator[Spectra]:
    """Read the spectra of a file, so many at a time in memory; of a file without any, once none.

    Raises
    ------
    ValueError
        Where the file is no file of spectra; the message names it.
    """
    with open_shard(path) as file:
        count = file.metadata.num_rows
    for start in range(0, max(count, 1), rows):
        yield read_shard(path, rows=range(start, min(start + rows, count)))


def join_part(shards: Sequence[str | Path], path: str | Path, part: str, name: str, cuts: str = "") -> None:
    """Gather the spectra of one part of a set from its shards, in their order, a row group at a time in memory.

    Parameters
    ----------
    shards : files that `stream_shard` wrote, with a column ``part``, which the joined file lacks.
    path : file to write.
    part : "training", "validation", "calibration" or "test".
    name : the set's name, for messages.
    cuts : the table of what a selection has cut, for messages; empty where there is none.

    Raises
    ------
    ValueError
        Where the part is empty.
    """
    files = [pq.ParquetFile(shard, page_checksum_verification=True) for shard in shards]
    files = [file for file in files if file.metadata.num_rows]
    schemas = [_known_types(file) for file in files]
    found = _groups_of(files, schemas, part)
    first = next(found, None)
    if first is None:
        total = sum(file.metadata.num_rows for file in files)
        told = f"; {cuts} says what was cut" if cuts else ""
        raise ValueError(f"set {name!r}: no spectrum falls into its {part} part, of {total} spectra in all parts{told}")
    _write_groups(path, chain([first], found))


def _known_types(file: pq.ParquetFile) -> pa.Schema:
    """Give a shard's columns, those that are empty throughout without a type: another shard may know theirs."""
    schema = file.schema_arrow
    names = [name for name in schema.names if name not in ("flux", "ivar")]
    rows = file.read(columns=names)
    for name in names:
        if rows[name].null_count == len(rows):
            schema = schema.set(schema.get_field_index(name), pa.field(name, pa.null()))
    return schema


def _groups_of(files: Sequence[pq.ParquetFile], schemas: Sequence[pa.Schema], part: str) -> Iterator[pa.Table]:
    if not files:
        return
    schema = pa.unify_schemas(schemas, promote_options="permissive")
    # A column that is empty in all shards is one of missing numbers.
    fields = [field.with_type(pa.float64()) if pa.types.is_null(field.type) else field for field in schema]
    metadata = files[0].schema_arrow.metadata | {b"part": part.encode()}
    schema = pa.schema([field for field in fields if field.name != "part"], metadata)
    for file in files:
        for number in range(file.num_row_groups):
            group = file.read_row_group(number)
            chosen = group.filter(pc.equal(group["part"], part))
            if len(chosen):
                yield _conform(chosen, schema)


def _conform(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Give a table with the columns of a schema, missing values in those that it lacks."""
    names = table.column_names
    columns = [table[f.name].cast(f.type) if f.name in names else pa.nulls(len(table), f.type) for f in schema]
    return pa.table(columns, schema=schema)


def _write_groups(path: str | Path, tables: Iterable[pa.Table]) -> None:
    """Write tables of any lengths in row groups of one length."""
    tables = iter(tables)
    first = next(tables, pa.table({}))
    with replacing(path) as temporary, pq.ParquetWriter(temporary, first.schema, **LAYOUT) as writer:
        waiting = first
        for table in tables:
            waiting = pa.concat_tables([waiting, _conform(table, first.schema)])
            whole = len(waiting) // ROW_GROUP * ROW_GROUP
            if whole:
                writer.write_table(waiting.slice(0, whole), row_group_size=ROW_GROUP)
                waiting = waiting.slice(whole)
        writer.write_table(waiting, row_group_size=ROW_GROUP)
