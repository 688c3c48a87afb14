"""The manifest of a whole dataset, joined from those of its shards with no more than some of their rows in memory."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pandas.api.types import is_bool_dtype, is_integer_dtype, is_numeric_dtype

from spectrolabe.acquire.manifests import read_manifest
from spectrolabe.spectra.slices import Order, Slices, temporary_folder
from spectrolabe.spectra.table import replacing

#: Names whose places are found at once.
BATCH = 100_000


def join_manifests(shards: Sequence[Path], path: Path) -> None:
    """Write the manifest of a whole dataset from those of its shards, in order of spectrum_id; ``status`` comes last.

    Numbers that some shards lack are missing there; a column that is of numbers in some shards and of text in others
    is one of text.

    Parameters
    ----------
    shards : files that `spectrolabe.acquire.manifests.write_manifest` wrote, at least one.
    path : file to write.

    Raises
    ------
    ValueError
        Where two rows have the same spectrum_id.
    """
    kinds, names = {}, []
    for shard in shards:
        manifest = read_manifest(shard)
        names.append(pa.array(manifest["spectrum_id"], pa.large_string()))
        for name in manifest:
            kinds.setdefault(name, []).extend([manifest[name].dtype] if len(manifest) else [])
    order = _sort_names(names)
    filled = sum(map(bool, map(len, names)))
    kinds = {name: _join_kinds(found, filled) for name, found in kinds.items()}
    columns = [*(name for name in kinds if name != "status"), "status"]
    with replacing(path) as temporary, temporary_folder(path) as folder:
        converted = [_convert(shard, columns, kinds, folder, place) for place, shard in enumerate(shards)]
        rows = Slices(converted, order, folder)
        for number, table in enumerate(rows):
            table.to_csv(temporary, sep="\t", index=False, lineterminator="\n", mode="a", header=number == 0)


def _sort_names(names):
    names = pa.concat_arrays(names)
    names = names.take(pc.sort_indices(names))
    order = Order(names.slice(start, BATCH).to_numpy(zero_copy_only=False) for start in range(0, len(names), BATCH))
    if order.listed > len(order):
        same = pc.equal(names.slice(1), names.slice(0, len(names) - 1))
        repeated = names.slice(1).filter(same)[0].as_py()
        raise ValueError(f"expected every spectrum_id once, found {repeated!r} more than once")
    return order


def _join_kinds(found, shards):
    """Give the kind of a column from those that it has in the shards that have it, of all shards with rows."""
    numbers = [kind for kind in found if is_numeric_dtype(kind) and not is_bool_dtype(kind)]
    if found and len(numbers) == len(found):
        # Integers cannot be missing.
        whole = len(found) == shards and all(map(is_integer_dtype, found))
        return pa.int64() if whole else pa.float64()
    return pa.bool_() if found and all(map(is_bool_dtype, found)) else pa.string()


def _convert(shard, columns, kinds, folder, place):
    manifest, path = read_manifest(shard), Path(folder) / f"{place}.parquet"
    arrays = {}
    for name in columns:
        values = manifest[name] if name in manifest else pd.Series([None] * len(manifest), dtype=object)
        if pa.types.is_string(kinds[name]):
            values = values.astype(object).where(values.notna(), None).map(str, na_action="ignore")
        arrays[name] = pa.array(values, kinds[name], from_pandas=True)
    pq.write_table(pa.table(arrays), path)
    return path
