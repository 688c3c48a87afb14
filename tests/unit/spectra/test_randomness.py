"""Random numbers by name."""

import numpy as np
import pytest

from spectrolabe.spectra.randomness import QuickRowGenerators, RowGenerators, derive_seed


def test_seed_depends_on_every_part_and_on_their_borders():
    seeds = {derive_seed(1, "a", "bc"), derive_seed(1, "ab", "c"), derive_seed(2, "a", "bc"), derive_seed(1, "a")}
    assert len(seeds) == 4
    assert all(0 <= seed < 2**64 for seed in seeds)


def test_seed_is_the_same_on_every_machine():
    # blake2b, 8 bytes, of "7\x1fstar", read big-endian.
    assert derive_seed(7, "star") == 5440404135479605492


@pytest.mark.parametrize("kind", [RowGenerators, QuickRowGenerators])
def test_rows_do_not_depend_on_their_neighbours(kind):
    together, apart = kind(3, ["a", "b", "c"]), kind(3, ["c", "a"])
    np.testing.assert_array_equal(together.uniform(0, 1)[[2, 0]], apart.uniform(0, 1))
    np.testing.assert_array_equal(together.normal(5)[[2, 0]], apart.normal(5))


@pytest.mark.parametrize("kind", [RowGenerators, QuickRowGenerators])
def test_selected_rows_go_on_where_the_whole_would(kind):
    whole, parted = kind(3, ["a", "b", "c"]), kind(3, ["a", "b", "c"])
    expected = whole.uniform(-2, 2)
    drawn = np.concatenate([parted.select(slice(0, 2)).uniform(-2, 2), parted.select([2]).uniform(-2, 2)])
    np.testing.assert_array_equal(drawn, expected)
    np.testing.assert_array_equal(parted.normal(3), whole.normal(3))


def test_random_pixels_are_as_many_as_asked():
    chosen = RowGenerators(3, ["a", "b"]).random_pixels(40, np.array([0.25, 0.0]))
    assert chosen.sum(axis=1).tolist() == [10, 0]


def test_quick_numbers_differ_by_name_and_seed_and_fill_their_range():
    names = [f"star-{number}" for number in range(2000)]
    rows = QuickRowGenerators(3, names)
    first, second = rows.uniform(0, 1), rows.uniform(0, 1)
    assert len(np.unique([first, second, QuickRowGenerators(4, names).uniform(0, 1)])) == 6000
    # Means of 2000 uniform numbers, 1/2 with a scatter of 1 / sqrt(12 * 2000); rows and draws do not go together.
    np.testing.assert_allclose([first.mean(), second.mean()], 0.5, atol=0.02)
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.07
    assert abs(np.corrcoef(first[1:], first[:-1])[0, 1]) < 0.07
    assert rows.random_pixels(40, np.full(2000, 0.25)).sum(axis=1).tolist() == [10] * 2000
