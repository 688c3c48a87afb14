"""Learning-rate schedules: by epochs, from the rates and validation losses so far, or by steps of the optimiser."""

from collections.abc import Mapping, Sequence

import keras
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


def warmup_cosine(steps: np.ndarray, count: int, *, warmup: float, floor: float) -> np.ndarray:
    """Give the rates of steps as shares of the highest: a straight rise, then half a cosine (Loshchilov & Hutter 2017).

    Parameters
    ----------
    steps : from 0 to ``count`` - 1.
    count : steps of the whole training.
    warmup : share of them that the rate rises in, from nearly 0 to 1.
    floor : share in the last step.
    """
    rising, done = warmup * count, np.asarray(steps) + 1.0
    fallen = np.clip((done - rising) / (count - rising), 0, 1)
    falling = floor + (1 - floor) * (1 + np.cos(np.pi * fallen)) / 2
    return np.where(done < rising, done / max(rising, 1), falling)


def cosine_cycles(steps: np.ndarray, count: int, *, cycles: int, floor: float) -> np.ndarray:
    """Give the rates of steps as shares of the highest: half a cosine, again and again (Loshchilov & Hutter 2017).

    Parameters
    ----------
    steps, count : see `warmup_cosine`.
    cycles : equally long ones, each from 1 in its first step to ``floor`` in its last.
    """
    length = count / cycles
    fallen = np.clip(np.mod(steps, length) / max(length - 1, 1), 0, 1)
    return floor + (1 - floor) * (1 + np.cos(np.pi * fallen)) / 2


#: The rate of the next epoch, from that of the last, the validation losses so far and the number of epochs.
SCHEDULES = {"constant": constant, "plateau": plateau, "cosine": cosine}
#: The rates of steps, from their numbers and that of all steps.
STEP_SCHEDULES = {"warmup_cosine": warmup_cosine, "cosine_cycles": cosine_cycles}


def epoch_rates(schedule: Mapping, rate: float, epoch: int, epochs: int, steps: int) -> list[float]:
    """Give the rate of each step of an epoch.

    Parameters
    ----------
    schedule : one key, a name of `SCHEDULES` or `STEP_SCHEDULES`, with its options.
    rate : of the epoch, or the highest of the training where the rate changes from step to step.
    epoch, epochs : counted from 0, and the number of all.
    steps : of an epoch.
    """
    ((name, options),) = schedule.items()
    if name not in STEP_SCHEDULES:
        return [rate] * steps
    shares = STEP_SCHEDULES[name](epoch * steps + np.arange(steps), epochs * steps, **options)
    return (rate * shares).tolist()


def next_rate(schedule: Mapping, rate: float, losses: Sequence[float], epochs: int) -> float:
    """Give ``rate`` of the next epoch (see `epoch_rates`) from that of the last and the validation losses so far."""
    ((name, options),) = schedule.items()
    return rate if name in STEP_SCHEDULES else SCHEDULES[name](rate, losses, epochs, **options)


class StepRates(keras.callbacks.Callback):
    """Sets the learning rate of every step of one epoch.

    Parameters
    ----------
    rates : one per step.
    """

    def __init__(self, rates: Sequence[float]):
        super().__init__()
        self._rates = rates

    def on_train_batch_begin(self, batch: int, logs: Mapping | None = None) -> None:
        """Set the rate, where it is another than before."""
        if batch == 0 or self._rates[batch] != self._rates[batch - 1]:
            self.model.optimizer.learning_rate = self._rates[batch]
