"""Learning-rate schedules: the rate of the next epoch from the rates and validation losses so far."""

from collections.abc import Sequence

import numpy as np


def constant(rate: float, losses: Sequence[float], epochs: int) -> float:
    """Keep the rate."""
    return rate


def plateau(
    rate: float, losses: Sequence[float], epochs: int, *, factor: float, patience: int, min_rate: float
) -> float:
    """Multiply the rate by ``factor`` after each ``patience`` epochs without a lower validation loss.

    It never falls below ``min_rate``.
    """
    best = min(range(len(losses)), key=losses.__getitem__)
    waited = len(losses) - 1 - best
    return max(rate * factor, min_rate) if waited > 0 and waited % patience == 0 else rate


def cosine(rate: float, losses: Sequence[float], epochs: int, *, floor: float) -> float:
    """Let the rate fall along half a cosine, from its first value to ``floor`` times that in the last epoch."""
    now, then = (
        floor + (1 - floor) * (1 + np.cos(np.pi * min(epoch / max(epochs - 1, 1), 1))) / 2
        for epoch in (len(losses), len(losses) - 1)
    )
    return float(rate * now / then)


SCHEDULES = {"constant": constant, "plateau": plateau, "cosine": cosine}
