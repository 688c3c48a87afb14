"""Timing of several ways to do the same thing, side by side."""

from collections.abc import Callable, Mapping
from statistics import median
from time import process_time

REPEATS = 5


def time_side_by_side(
    ways: Mapping[str, Callable[[], object]],
    repeats: int = REPEATS,
    *,
    warm_up: bool = True,
    clock: Callable[[], float] = process_time,
) -> dict[str, float]:
    """Give the median time (s) of each way.

    Parameters
    ----------
    ways : name -> function without arguments.
    repeats : turns, in each of which every way comes once.
    warm_up : whether a turn that counts for nothing comes first.
    clock : by default the processor time of this process, which other programs on the machine hardly touch.
    """
    for work in ways.values() if warm_up else ():
        work()
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(repeats):
        for name, work in ways.items():
            start = clock()
            work()
            seconds[name].append(clock() - start)
    return {name: median(times) for name, times in seconds.items()}


def write_ratio(ratio: float) -> str:
    """Write a ratio with no more digits than timing supports."""
    return f"{ratio:.0f}" if ratio >= 20 else f"{ratio:.1f}" if ratio >= 5 else f"{ratio:.2f}"


def compare_with_goal(ratio: float, goal: float) -> str:
    """Say how a ratio stands to what is wanted of it."""
    return f"{write_ratio(ratio)} times (wanted: {goal:g} or more)"
