"""Buffers of training spectra: every spectrum once an epoch, in batches of one size, no more in memory than stated."""

import keras
import numpy as np
import pytest

from spectrolabe.spectra import table
from spectrolabe.spectra.stored import open_spectra
from spectrolabe.spectra.table import write_shard
from spectrolabe.train.batches import Batches, Blocks, draw_ahead
from spectrolabe.train.buffers import ShuffleBuffer

#: Flux of one spectrum of make_set (20 pixels of four bytes), in MB.
ONE = 80 / 1e6


@pytest.fixture
def stored(make_set, tmp_path, monkeypatch):
    """100 spectra in 13 row groups of eight, the last one of four."""
    monkeypatch.setattr(table, "ROW_GROUP", 8)
    write_shard(tmp_path / "spectra.parquet", make_set(100, 1), {})
    return open_spectra(tmp_path / "spectra.parquet")


TARGETS = np.arange(100, dtype=np.float32)[:, None]


def epoch_of(buffer, size, **settings):
    """Numbers of the spectra of an epoch, batch by batch; their flux is checked."""
    batches = Batches(buffer, TARGETS, size, **{"seed": 3, "epoch": 0} | settings)
    whole, found = buffer.spectra.read().flux, []
    for number in range(len(batches)):
        flux, targets = batches[number]
        found.append(targets[:, 0].astype(int))
        np.testing.assert_array_equal(flux, whole[found[-1]])
    return found


@pytest.mark.parametrize("size", [7, 8, 32, 45, 100, 128])
def test_every_spectrum_comes_once_in_batches_of_one_size(stored, size):
    batches = epoch_of(ShuffleBuffer(stored, 30 * ONE), size)
    assert [len(batch) for batch in batches[:-1]] == [size] * (len(batches) - 1)
    assert sorted(np.concatenate(batches)) == list(range(100))


def test_the_order_is_one_of_seed_and_epoch(stored):
    first = np.concatenate(epoch_of(ShuffleBuffer(stored, 30 * ONE), 16))
    again = np.concatenate(epoch_of(ShuffleBuffer(stored, 30 * ONE), 7))
    np.testing.assert_array_equal(first, again)
    for other in ({"epoch": 1}, {"seed": 4}):
        assert (np.concatenate(epoch_of(ShuffleBuffer(stored, 30 * ONE), 16, **other)) != first).any()


def test_a_buffer_holds_whole_row_groups_from_all_over_the_file(stored):
    buffer = ShuffleBuffer(stored, 30 * ONE)
    order = buffer.draw_order(3, 0)
    groups = [set(rows // 8) for rows in np.split(order.rows, order.ends[:-1])]
    # 13 groups, of which three of eight spectra fit, or a fourth that has four.
    assert sorted(number for held in groups for number in held) == list(range(13))
    assert {len(held) for held in groups} <= {1, 3, 4}
    assert [max(held) - min(held) for held in groups[:3]] != [2, 2, 2]
    first = order.rows[: order.ends[0]]
    assert (np.diff(first // 8) != 0).sum() > 2 * len(groups[0])
    other = buffer.draw_order(3, 1)
    assert set(other.rows[: other.ends[0]] // 8) != groups[0]


def test_each_row_group_is_read_once_an_epoch_into_one_array(stored, monkeypatch):
    read, arrays = [], []
    read_flux = type(stored).read_flux

    def note(spectra, rows, out):
        read.extend(set(spectra.group[rows].tolist()))
        arrays.append(out.base)
        read_flux(spectra, rows, out)

    buffer = ShuffleBuffer(stored, 30 * ONE)
    batches = [Batches(buffer, TARGETS, 10, seed=3, epoch=epoch) for epoch in range(3)]
    monkeypatch.setattr(type(stored), "read_flux", note)
    for epoch in batches:
        # As Keras does, which looks at the first batches before it begins.
        for number in [0, 1, *range(len(epoch))]:
            epoch[number]
    assert sorted(read) == sorted(list(range(13)) * 3)
    assert all(array is arrays[0] for array in arrays)
    assert len(arrays[0]) == 30 + 10


def test_going_back_in_an_epoch_gives_the_same(stored):
    batches = Batches(ShuffleBuffer(stored, 30 * ONE), TARGETS, 16, seed=3, epoch=0)
    first = [batches[number] for number in range(len(batches))]
    for number in (5, 0, 6, 2, 3):
        for one, other in zip(batches[number], first[number], strict=True):
            np.testing.assert_array_equal(one, other)


def test_a_buffer_smaller_than_a_row_group_holds_one(stored):
    batches = epoch_of(ShuffleBuffer(stored, ONE / 10), 16)
    assert sorted(np.concatenate(batches)) == list(range(100))


def test_blocks_come_in_order(stored):
    blocks = Blocks(stored, TARGETS, 32)
    flux, targets = (np.concatenate(part) for part in zip(*(blocks[i] for i in range(len(blocks))), strict=True))
    np.testing.assert_array_equal(flux, stored.read().flux)
    np.testing.assert_array_equal(targets, TARGETS)
    assert [len(blocks[number][0]) for number in range(len(blocks))] == [32, 32, 32, 4]


@pytest.mark.parametrize("size", [1, 32, 50, 99])
def test_blocks_give_the_loss_of_the_whole_array_to_the_last_bit(stored, size):
    model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(8, "tanh"), keras.layers.Dense(1)])
    model.compile(loss="mae")
    spectra = stored.read()
    whole = model.evaluate(spectra.flux, TARGETS, batch_size=size, verbose=0)
    for part in (stored, spectra):
        assert model.evaluate(draw_ahead(Blocks(part, TARGETS, size)), verbose=0) == whole


def test_one_batch_is_drawn_ahead(stored):
    drawn = []

    class Noted(Blocks):
        def __getitem__(self, number):
            drawn.append(number)
            return super().__getitem__(number)

    batches = iter(draw_ahead(Noted(stored, TARGETS, 10)))
    for _ in range(3):
        next(batches)
    assert drawn[:4] == [0, 0, 1, 2]
    assert len(drawn) <= 1 + 3 + 2
    assert len(list(batches)) == 7
