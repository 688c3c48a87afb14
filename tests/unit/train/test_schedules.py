"""Learning rates, epoch by epoch."""

import pytest

from spectrolabe.train.schedules import SCHEDULES


def follow(name, losses, **options):
    """The rate of each epoch, from 1 in the first, as training asks for it."""
    rates = [1.0]
    for epoch in range(1, len(losses)):
        rates.append(SCHEDULES[name](rates[-1], losses[:epoch], len(losses), **options))
    return rates


def test_constant():
    assert follow("constant", [3, 2, 1]) == [1, 1, 1]


def test_cosine_falls_from_the_first_rate_to_the_floor():
    # Half a cosine over three epochs: 1, half way, floor.
    assert follow("cosine", [3, 2, 1], floor=0.1) == pytest.approx([1, 0.55, 0.1])
    assert follow("cosine", [3, 2, 1, 1, 1], floor=1.0) == pytest.approx([1] * 5)


def test_cosine_of_one_epoch_and_beyond_the_last():
    assert SCHEDULES["cosine"](0.1, [1.0], 3, floor=0.1) == pytest.approx(0.055)
    assert SCHEDULES["cosine"](0.1, [1.0, 1.0, 1.0], 3, floor=0.1) == pytest.approx(0.1)
    assert SCHEDULES["cosine"](1.0, [1.0], 1, floor=0.1) == pytest.approx(0.1)


def test_plateau_waits_for_its_patience_and_starts_anew_after_a_better_epoch():
    losses = [5, 6, 6, 6, 6, 4, 4, 4, 4]
    options = {"factor": 0.5, "patience": 2, "min_rate": 0.2}
    #                                            2 waited      4 waited  better    2 waited
    assert follow("plateau", losses, **options) == [1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.25, 0.2]


def test_plateau_drops_at_every_epoch_with_patience_one():
    assert follow("plateau", [1, 1, 1, 1], factor=0.1, patience=1, min_rate=0) == pytest.approx([1, 1, 0.1, 0.01])
