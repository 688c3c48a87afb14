"""Ranges of settings: whole or real numbers between two bounds, which a joint search draws from.

A range is a mapping: ``from`` and ``to``, both of which are among its numbers; ``step`` where not all between them are;
``law``, linear or log; ``whole``, whether its numbers are whole.
"""

import math
from collections.abc import Mapping
from decimal import Decimal

#: Digits of a drawn number: of itself where the law is log, else of the range's width. More would tell of nothing.
DIGITS = 4


def read_number(span: Mapping, text: str) -> int | float | None:
    """Read what `spectrolabe.train.studies.write_value` wrote of a number of a range; None where it was none."""
    if text == "none":
        return None
    return int(text) if span["whole"] else float(text)


def holds(span: Mapping, value: float | None) -> bool:
    """Say whether a number is one of a range's; the base point's own may be none."""
    return value is not None and span["from"] <= value <= span["to"] and is_reached(span, value)


def is_reached(span: Mapping, value: float) -> bool:
    """Say whether steps from the beginning of a range come upon a number."""
    # By what is written: 0.3 is three steps of 0.1, though not in binary.
    steps = (Decimal(str(value)) - Decimal(str(span["from"]))) / Decimal(str(span["step"])) if "step" in span else 0
    return steps % 1 == 0


def round_number(span: Mapping, value: float) -> int | float:
    """Round a drawn number to as many digits as settings deserve; of a range with steps to the nearest of them."""
    if span["whole"]:
        return int(value)
    if "step" in span:
        first, step = Decimal(str(span["from"])), Decimal(str(span["step"]))
        return float(first + round((value - span["from"]) / span["step"]) * step)
    scale = value if span["law"] == "log" else span["to"] - span["from"]
    rounded = round(value, DIGITS - 1 - math.floor(math.log10(scale)))
    return min(max(rounded, float(span["from"])), float(span["to"]))
