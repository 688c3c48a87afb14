"""Sets in shards: written as they come, joined part by part."""

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from spectrolabe.spectra.streaming import join_part, read_blocks, stream_shard
from spectrolabe.spectra.table import ROW_GROUP, Spectra, read_shard, write_shard

GRID = np.array([5000.0, 5000.1, 5000.2])


def batch(first, count, part="training", **columns):
    numbers = np.arange(first, first + count)
    table = pd.DataFrame({"spectrum_id": [f"s-{n}" for n in numbers], "source_id": "s", "part": part, "status": ""})
    flux = np.repeat(1 + numbers[:, None] / 1000, 3, axis=1).astype(np.float32)
    return Spectra(GRID, "air", flux, np.full_like(flux, 2), table.assign(**columns))


def layout(path):
    file = pq.ParquetFile(path)
    return [file.metadata.row_group(number).num_rows for number in range(file.num_row_groups)]


def test_what_comes_in_batches_is_written_as_at_once(tmp_path):
    sizes = [300, 300, 1, 900]
    batches = [batch(sum(sizes[:i]), size) for i, size in enumerate(sizes)]
    stream_shard(tmp_path / "streamed.parquet", iter(batches), {"set": "x"})
    write_shard(tmp_path / "whole.parquet", batch(0, 1501), {"set": "x"})
    streamed, whole = (pq.read_table(tmp_path / f"{name}.parquet") for name in ("streamed", "whole"))
    assert streamed.equals(whole, check_metadata=True)
    assert layout(tmp_path / "streamed.parquet") == layout(tmp_path / "whole.parquet") == [ROW_GROUP] * 2 + [477]
    columns = [
        [pq.ParquetFile(tmp_path / f"{name}.parquet").metadata.row_group(0).column(i) for i in range(4)]
        for name in ("streamed", "whole")
    ]
    assert [(c.compression, c.encodings) for c in columns[0]] == [(c.compression, c.encodings) for c in columns[1]]


def test_parts_are_gathered_in_order_and_forget_their_column(tmp_path):
    shards = [tmp_path / f"{number}.parquet" for number in range(3)]
    stream_shard(shards[0], [batch(0, 700), batch(700, 20, "test")], {"set": "x"})
    stream_shard(shards[1], [], {"set": "x"})
    stream_shard(shards[2], [batch(720, 5, "test"), batch(725, 400)], {"set": "x"})
    join_part(shards, tmp_path / "training.parquet", "training", "x")
    joined = read_shard(tmp_path / "training.parquet")
    numbers = [*range(700), *range(725, 1125)]
    assert joined.table["spectrum_id"].tolist() == [f"s-{n}" for n in numbers]
    np.testing.assert_array_equal(joined.flux[:, 1], (1 + np.array(numbers) / 1000).astype(np.float32))
    assert joined.table.columns.tolist() == ["spectrum_id", "source_id", "status"]
    assert layout(tmp_path / "training.parquet") == [ROW_GROUP] * 2 + [1100 - 2 * ROW_GROUP]
    metadata = pq.read_schema(tmp_path / "training.parquet").metadata
    assert (metadata[b"set"], metadata[b"part"], metadata[b"medium"]) == (b"x", b"training", b"air")
    join_part(shards, tmp_path / "test.parquet", "test", "x")
    assert len(read_shard(tmp_path / "test.parquet")) == 25


def test_shards_that_know_more_of_their_spectra_than_others_are_joined(tmp_path):
    columns = [{"teff": np.nan, "kind": np.nan}, {"teff": 5000.0, "kind": "G2V", "snr": 30}]
    shards = [tmp_path / f"{number}.parquet" for number in range(2)]
    for number, path in enumerate(shards):
        stream_shard(path, [batch(2 * number, 2, **columns[number])], {})
    join_part(shards, tmp_path / "training.parquet", "training", "x")
    table = read_shard(tmp_path / "training.parquet").table
    np.testing.assert_array_equal(table["teff"], [np.nan, np.nan, 5000, 5000])
    np.testing.assert_array_equal(table["snr"], [np.nan, np.nan, 30, 30])
    assert table["kind"].isna().tolist() == [True, True, False, False]
    assert table["kind"].tolist()[2:] == ["G2V", "G2V"]


def test_a_column_that_some_batches_lack_is_missing_there(tmp_path):
    stream_shard(tmp_path / "0.parquet", [batch(0, 2, vsini=[3.0, 4.0]), batch(2, 1, "test")], {})
    np.testing.assert_array_equal(read_shard(tmp_path / "0.parquet").table["vsini"], [3, 4, np.nan])


@pytest.mark.parametrize(("count", "sizes"), [(5, [2, 2, 1]), (4, [2, 2]), (0, [0])])
def test_spectra_are_read_some_at_a_time(tmp_path, count, sizes):
    written = batch(0, count)
    write_shard(tmp_path / "x.parquet", written, {})
    blocks = list(read_blocks(tmp_path / "x.parquet", rows=2))
    assert [len(block) for block in blocks] == sizes
    np.testing.assert_array_equal(np.concatenate([block.flux for block in blocks]), written.flux)
    names = [name for block in blocks for name in block.table["spectrum_id"]]
    assert names == written.table["spectrum_id"].tolist()


def test_a_file_without_spectra_is_told_by_its_name(tmp_path):
    (tmp_path / "x.parquet").write_text("nothing")
    with pytest.raises(ValueError, match=r"x\.parquet: not a shard of spectra"):
        list(read_blocks(tmp_path / "x.parquet"))


def test_an_empty_part_ends_in_one_sentence(tmp_path):
    stream_shard(tmp_path / "0.parquet", [batch(0, 7)], {})
    with pytest.raises(ValueError, match="set 'x': no spectrum falls into its test part, of 7 spectra in all parts"):
        join_part([tmp_path / "0.parquet"], tmp_path / "test.parquet", "test", "x")
    stream_shard(tmp_path / "0.parquet", [], {})
    with pytest.raises(ValueError, match="set 'x': no spectrum falls into its test part, of 0 spectra"):
        join_part([tmp_path / "0.parquet"], tmp_path / "test.parquet", "test", "x")
    assert not (tmp_path / "test.parquet").exists()


def test_a_stream_that_breaks_off_leaves_no_file(tmp_path):
    def broken():
        yield batch(0, 600)
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        stream_shard(tmp_path / "0.parquet", broken(), {})
    assert list(tmp_path.iterdir()) == []
