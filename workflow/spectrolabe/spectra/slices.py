"""Tables larger than memory: rows of many Parquet files brought to one order, some at a time."""

import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

#: Names of an order whose rows are in memory together.
SLICE = 20_000
#: Files that may be open at once: of more than so many slices, each is larger.
MOST_SLICES = 500
#: Bytes of rows that are spread over the slices at once, of at most so many files.
CHUNK, FILES = 2**25, 200


class Order:
    """Where each name of many stands, by where it comes first; a name is known by a hash, in 16 bytes of memory.

    Of ten million names two have one hash once in 300 000 times; they then share a place.

    Parameters
    ----------
    names : in their order, some at a time.
    """

    def __init__(self, names: Iterable[Sequence[str]]):
        hashes = np.concatenate([np.empty(0, np.uint64), *map(_hash, names)])
        self.listed = len(hashes)
        self._hashes, first = np.unique(hashes, return_index=True)
        self._places = np.empty(len(first), np.int64)
        self._places[np.argsort(first)] = np.arange(len(first))

    def __len__(self) -> int:
        """Number of different names."""
        return len(self._places)

    @property
    def rows(self) -> int:
        """Names in a slice; the last one has fewer."""
        return max(SLICE, -(-len(self) // MOST_SLICES))

    @property
    def slices(self) -> int:
        """Number of slices: one where there is no name."""
        return max(1, -(-len(self) // self.rows))

    def find(self, names: Sequence[str]) -> np.ndarray:
        """Give the place of each name, -1 where it has none."""
        hashes = _hash(names)
        if not len(self):
            return np.full(len(hashes), -1)
        near = np.minimum(np.searchsorted(self._hashes, hashes), len(self) - 1)
        return np.where(self._hashes[near] == hashes, self._places[near], -1)


def _hash(names):
    return pd.util.hash_array(np.asarray(names, object), categorize=False)


class Slices:
    """The rows of some Parquet files, slice by slice of an order of names; rows of other names are left out.

    Every file is read once, and its rows are spread over a temporary file per slice, so that neither the number of
    files nor that of rows tells how much memory is needed.

    Parameters
    ----------
    paths : files; a column that is missing in some is empty there.
    order : slice by slice it says which rows come together, and within a slice in which order; rows of one name keep
        that of the files.
    folder : where temporary files may lie; whoever gives it removes it.
    key : column of the names.
    columns : those to read, beside the key; all without.
    """

    def __init__(
        self,
        paths: Sequence[str | Path],
        order: Order,
        folder: str | Path,
        *,
        key: str = "spectrum_id",
        columns: Sequence[str] | None = None,
    ):
        self.order, self._folder = order, Path(mkdtemp(dir=folder))
        wanted = None if columns is None else {key, *columns}
        self._schema = _join_schemas(paths, wanted)
        with ExitStack() as stack:
            writers = {}
            for rows in _read_chunks(paths, self._schema):
                places = order.find(rows[key].to_numpy())
                rows = rows.append_column("place", pa.array(places))
                for number, part in _cut(rows, places, order.rows):
                    if number not in writers:
                        file = stack.enter_context(pa.OSFile(str(self._folder / f"{number}"), "wb"))
                        writers[number] = stack.enter_context(pa.ipc.new_stream(file, part.schema))
                    writers[number].write_table(part)

    def read(self, number: int) -> pd.DataFrame:
        """Give the rows of one slice, in their order."""
        path = self._folder / f"{number}"
        if not path.exists():
            return self._schema.empty_table().to_pandas()
        with pa.OSFile(str(path)) as file, pa.ipc.open_stream(file) as stream:
            rows = stream.read_all()
        order = np.argsort(rows["place"].to_numpy(), kind="stable")
        return rows.drop_columns("place").take(pa.array(order)).to_pandas()

    def __iter__(self) -> Iterator[pd.DataFrame]:
        return map(self.read, range(self.order.slices))


@contextmanager
def temporary_folder(path: str | Path) -> Iterator[Path]:
    """Give a folder beside a file for what is needed while it is written; what a killed process has left is removed.

    It lies on the disc of the results: elsewhere temporary files may be kept in memory.
    """
    folder = Path(path).with_name(f".rows-{Path(path).name}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def choose_names(names: Sequence[str], share: float) -> np.ndarray:
    """Say which names belong to a stated share of all, told by the names alone; boolean."""
    return _hash(names) < np.uint64(min(share, 1) * (2**64 - 2**12))


def read_column(paths: Sequence[str | Path], name: str) -> Iterator[np.ndarray]:
    """Read one column of text of some Parquet files, a part of it at a time."""
    for path in paths:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(columns=[name]):
                yield batch[name].to_numpy(zero_copy_only=False)


def read_named(path: str | Path, names: Iterable[str], columns: Sequence[str]) -> pd.DataFrame:
    """Read the rows of a Parquet file whose ``spectrum_id`` is among some names, in the file's order, a part at a time.

    Parameters
    ----------
    columns : those to read, ``spectrum_id`` among them.
    """
    wanted = pa.array(list(names), pa.large_string())
    with pq.ParquetFile(path) as file:
        schema = pa.schema([file.schema_arrow.field(name) for name in columns])
        batches = (pa.Table.from_batches([batch]) for batch in file.iter_batches(columns=list(columns)))
        rows = [rows.filter(pc.is_in(rows["spectrum_id"].cast(pa.large_string()), wanted)) for rows in batches]
    return pa.concat_tables([schema.empty_table(), *(part.replace_schema_metadata(None) for part in rows)]).to_pandas()


def _join_schemas(paths, wanted):
    schemas = [pq.read_schema(path).remove_metadata() for path in paths]
    schema = pa.unify_schemas(schemas, promote_options="permissive")
    # A column that is empty in all files is one of missing numbers.
    fields = [field.with_type(pa.float64()) if pa.types.is_null(field.type) else field for field in schema]
    return pa.schema([field.remove_metadata() for field in fields if wanted is None or field.name in wanted])


def _read_chunks(paths, schema):
    """Give the rows of files as tables of one schema, each of several files or of a part of one."""
    waiting, size = [], 0
    for path in paths:
        with pq.ParquetFile(path) as file:
            names = [name for name in schema.names if name in file.schema_arrow.names]
            for batch in file.iter_batches(columns=names):
                waiting.append(pa.Table.from_batches([batch]).replace_schema_metadata(None))
                size += batch.nbytes
                if size > CHUNK or len(waiting) >= FILES:
                    yield _concatenate(waiting, schema)
                    waiting, size = [], 0
    if waiting:
        yield _concatenate(waiting, schema)


def _concatenate(tables, schema):
    return pa.concat_tables([schema.empty_table(), *tables], promote_options="permissive").select(schema.names)


def _cut(rows, places, size):
    """Give the number of each slice that has any of the rows, with these."""
    order = np.argsort(places, kind="stable")
    order = order[np.searchsorted(places[order], 0) :]
    rows, numbers = rows.take(pa.array(order)), places[order] // size
    starts = np.flatnonzero(np.diff(numbers, prepend=-1))
    for start, stop in zip(starts, [*starts[1:], len(numbers)], strict=True):
        yield int(numbers[start]), rows.slice(start, stop - start)
