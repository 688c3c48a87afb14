"""Learning rates, epoch by epoch."""

import numpy as np
import pytest

from spectrolabe.train.schedules import SCHEDULES, cosine_cycles, epoch_rates, next_rate, warmup_cosine


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


def test_a_warm_up_rises_in_a_line_and_falls_along_half_a_cosine():
    shares = warmup_cosine(np.arange(40), 40, warmup=0.1, floor=0.2)
    assert shares[:4] == pytest.approx([0.25, 0.5, 0.75, 1])
    # Half way down after 18 of the 36 steps that are left, and at the floor in the last.
    assert shares[[21, 39]] == pytest.approx([0.6, 0.2])
    assert (np.diff(shares[3:]) < 0).all()
    assert warmup_cosine(np.arange(2), 2, warmup=0, floor=0) == pytest.approx([0.5, 0])
    # Shorter than a step, or not of whole steps.
    assert warmup_cosine(np.arange(3), 3, warmup=0.1, floor=0)[2] == pytest.approx(0)
    assert warmup_cosine(np.arange(10), 10, warmup=0.25, floor=0)[:2] == pytest.approx([0.4, 0.8])


def test_cycles_fall_along_half_a_cosine_and_start_anew():
    shares = cosine_cycles(np.arange(10), 10, cycles=2, floor=0.1)
    half = 0.45 * np.sqrt(0.5)
    assert shares == pytest.approx(2 * [1, 0.55 + half, 0.55, 0.55 - half, 0.1])
    assert cosine_cycles(np.arange(2), 2, cycles=2, floor=0.1) == pytest.approx([1, 1])
    schedule = {"cosine_cycles": {"cycles": 4, "floor": 0.01}}
    in_epochs = [rate for epoch in range(8) for rate in epoch_rates(schedule, 2.0, epoch, 8, 3)]
    assert in_epochs == pytest.approx(4 * in_epochs[:6])
    assert (in_epochs[0], in_epochs[5]) == pytest.approx((2, 0.02))


def test_rates_of_steps_do_not_depend_on_the_epochs_they_are_in():
    schedule = {"warmup_cosine": {"warmup": 0.3, "floor": 0.01}}
    in_epochs = [rate for epoch in range(4) for rate in epoch_rates(schedule, 2.0, epoch, 4, 5)]
    assert in_epochs == epoch_rates(schedule, 2.0, 0, 1, 20)
    assert max(in_epochs) == pytest.approx(2)
    assert next_rate(schedule, 2.0, [1.0], 4) == 2


def test_rates_of_epochs_stay_in_an_epoch():
    schedule = {"cosine": {"floor": 0.1}}
    assert epoch_rates(schedule, 0.5, 1, 4, 3) == [0.5] * 3
    assert next_rate(schedule, 1.0, [1.0], 3) == pytest.approx(0.55)
