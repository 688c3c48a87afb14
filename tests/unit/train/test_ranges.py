"""Ranges of settings: what they hold, and how many digits drawn numbers keep."""

import pytest

from spectrolabe.train.ranges import holds, is_reached, read_number, round_number

DROPOUT = {"from": 0, "to": 0.4, "law": "linear", "whole": False}
RATE = {"from": 1e-4, "to": 5e-3, "law": "log", "whole": False}
STEM = {"from": 64, "to": 128, "step": 16, "law": "linear", "whole": True}
TENTHS = {"from": 0.1, "to": 0.7, "step": 0.1, "law": "linear", "whole": False}


@pytest.mark.parametrize(
    ("span", "value", "held"),
    [
        (DROPOUT, 0.4, True), (DROPOUT, 0, True), (DROPOUT, 0.41, False), (DROPOUT, None, False),
        (STEM, 96, True), (STEM, 100, False), (STEM, 144, False), (TENTHS, 0.3, True), (TENTHS, 0.35, False),
    ],
)  # fmt: skip
def test_what_a_range_holds(span, value, held):
    assert holds(span, value) is held


def test_steps_are_counted_as_they_are_written():
    # 0.1 + 6 * 0.1 is 0.7000000000000001 in binary.
    assert is_reached(TENTHS, 0.7)
    assert not is_reached(STEM | {"to": 130}, 130)


@pytest.mark.parametrize(
    ("span", "drawn", "number"),
    [
        (DROPOUT, 0.123456789, 0.1235),
        (DROPOUT, 0.00001234, 0.0),
        (DROPOUT | {"to": 0.33333333}, 0.33333332, 0.3333),
        (DROPOUT | {"to": 0.99999}, 0.999989, 0.99999),
        (RATE, 0.000345678901, 0.0003457),
        (RATE, 0.0001, 0.0001),
        (STEM, 96, 96),
        (TENTHS, 0.1 + 2 * 0.1, 0.3),
    ],
)
def test_drawn_numbers_keep_the_digits_that_tell_something(span, drawn, number):
    assert round_number(span, drawn) == number
    assert type(round_number(span, drawn)) is type(number)


def test_numbers_are_read_as_they_were_written():
    assert read_number(RATE, "0.0003457") == 0.0003457
    assert (read_number(STEM, "80"), read_number(STEM, "none")) == (80, None)
