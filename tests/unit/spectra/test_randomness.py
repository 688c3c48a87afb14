"""Random numbers by name."""

import numpy as np

from spectrolabe.spectra.randomness import RowGenerators, derive_seed


def test_seed_depends_on_every_part_and_on_their_borders():
    seeds = {derive_seed(1, "a", "bc"), derive_seed(1, "ab", "c"), derive_seed(2, "a", "bc"), derive_seed(1, "a")}
    assert len(seeds) == 4
    assert all(0 <= seed < 2**64 for seed in seeds)


def test_seed_is_the_same_on_every_machine():
    # blake2b, 8 bytes, of "7\x1fstar", read big-endian.
    assert derive_seed(7, "star") == 5440404135479605492


def test_rows_do_not_depend_on_their_neighbours():
    together = RowGenerators(3, ["a", "b", "c"])
    apart = RowGenerators(3, ["c", "a"])
    np.testing.assert_array_equal(together.uniform(0, 1)[[2, 0]], apart.uniform(0, 1))
    np.testing.assert_array_equal(together.normal(5)[[2, 0]], apart.normal(5))


def test_selected_rows_go_on_where_the_whole_would():
    whole, parted = RowGenerators(3, ["a", "b", "c"]), RowGenerators(3, ["a", "b", "c"])
    expected = whole.uniform(-2, 2)
    drawn = np.concatenate([parted.select(slice(0, 2)).uniform(-2, 2), parted.select([2]).uniform(-2, 2)])
    np.testing.assert_array_equal(drawn, expected)
    np.testing.assert_array_equal(parted.normal(3), whole.normal(3))


def test_random_pixels_are_as_many_as_asked():
    chosen = RowGenerators(3, ["a", "b"]).random_pixels(40, np.array([0.25, 0.0]))
    assert chosen.sum(axis=1).tolist() == [10, 0]
