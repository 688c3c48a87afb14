"""Thresholds by a stated rate of false alarms, from numbers of spectra some of which really are in trouble."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np

#: The tail is fitted to numbers between these quantiles: below lies the bulk, above what may be trouble.
BULK, FIRST_END, LAST_END = 0.6, 0.85, 0.95
#: Numbers less probable than this are trouble, and no longer counted among the sound ones.
CLEARLY = 1e-3
#: The same of a number that trouble stands out in more: what decides is fitted close to where it decides.
COMBINED_END, COMBINED_CLEARLY = 0.98, 1e-4
ROUNDS = 5
#: Spectra per step of S/N that a number's dependence on it is followed by, and most steps.
PER_STEP, MOST_STEPS = 60, 8
TINY = 1e-9
#: Shares of sound spectra that scores are counted at, those of them that have this many spectra beyond.
SHARES, FEWEST = np.array([0.3, 0.2, 0.1, 0.07, 0.05, 0.03, 0.02, 0.01, 0.005, 0.002, 0.001]), 5
#: Score from which a spectrum that may be in trouble is: between those of sound ones and of trouble lie few.
TROUBLE = 4.0


@dataclass(frozen=True)
class Alarm:
    """How probable a number as high as this is in a sound spectrum of a given S/N.

    ``log_snr``, ``centre`` and ``width``: steps of log S/N, and the number's median and upper spread there, constant
    beyond; above ``start`` (in widths) the probability falls exponentially with ``rate`` from ``share``.
    """

    log_snr: np.ndarray
    centre: np.ndarray
    width: np.ndarray
    start: float
    share: float
    rate: float

    def score(self, values: np.ndarray, snr: np.ndarray) -> np.ndarray:
        """Give minus the decimal logarithm of the probability, shape of ``values``; NaN stays NaN."""
        above = self._standardised(values, snr) - self.start
        return np.where(np.isnan(above), np.nan, (np.maximum(above, 0) * self.rate - np.log(self.share)) / np.log(10))

    def usual(self, snr: np.ndarray) -> np.ndarray:
        """Give the number that half of the sound spectra of a given S/N exceed."""
        return np.interp(np.log(np.maximum(snr, TINY)), self.log_snr, self.centre)

    def arrays(self, name: str) -> dict[str, np.ndarray]:
        """Give what must be kept to restore it under a name."""
        return {f"{name}.{field.name}": np.asarray(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def restore(cls, arrays: Mapping[str, np.ndarray], name: str) -> "Alarm":
        """Give what `arrays` gave under a name."""
        kept = {field.name: np.asarray(arrays[f"{name}.{field.name}"]) for field in fields(cls)}
        return cls(**{key: value if value.ndim else float(value) for key, value in kept.items()})

    def _standardised(self, values, snr):
        place = np.log(np.maximum(snr, TINY))
        centre, width = (np.interp(place, self.log_snr, line) for line in (self.centre, self.width))
        return (values - centre) / width


def fit_alarm(values: np.ndarray, snr: np.ndarray, end: float = LAST_END, clearly: float = CLEARLY) -> Alarm:
    """Fit the distribution that sound spectra's numbers have, though up to a tenth or so of the spectra is not sound.

    Parameters
    ----------
    values : a number per spectrum, high where something is wrong, about the same at all S/N.
    snr : signal-to-noise ratio, same shape.
    end : quantile that the tail is fitted up to.
    clearly : probability below which a number is trouble.

    Raises
    ------
    ValueError
        Where there are too few spectra to speak of a tail.
    """
    values, snr = np.asarray(values, float), np.asarray(snr, float)
    if len(values) < PER_STEP:
        raise ValueError(f"expected {PER_STEP} spectra or more to set false alarms by, found {len(values)}")
    sound = np.ones(len(values), bool)
    for turn in range(ROUNDS):
        alarm = _fit_once(values[sound], snr[sound], end if turn else FIRST_END)
        before, sound = sound, alarm.score(values, snr) < -np.log10(clearly)
        if turn and np.array_equal(before, sound):
            break
    return alarm


def _fit_once(values, snr, end):
    log_snr = np.log(np.maximum(snr, TINY))
    steps = int(np.clip(len(values) // PER_STEP, 1, MOST_STEPS))
    groups = np.array_split(np.argsort(log_snr, kind="stable"), steps)
    places = np.array([np.median(log_snr[group]) for group in groups])
    centre = np.array([np.median(values[group]) for group in groups])
    width = np.array([np.quantile(values[group], 0.8) for group in groups]) - centre
    alarm = Alarm(places, centre, np.maximum(width, TINY), 0.0, 1.0, 1.0)
    # The exponential's rate of numbers that are cut off at `end` (maximum likelihood).
    above = alarm._standardised(values, snr)
    start, last = np.quantile(above, [BULK, end])
    tail = np.minimum(above[above > start], last) - start
    rate = (tail < last - start).sum() / max(tail.sum(), TINY)
    return Alarm(places, centre, np.maximum(width, TINY), float(start), 1 - BULK, float(rate))


@dataclass(frozen=True)
class Tail:
    """How many sound spectra have a score as high as this: counted, where the fitted tail only promises.

    ``scores`` ascend; ``levels`` are minus the decimal logarithms of the shares beyond them. Above the last one both
    rise alike.
    """

    scores: np.ndarray
    levels: np.ndarray

    def correct(self, scores: np.ndarray) -> np.ndarray:
        """Give minus the decimal logarithm of the share of sound spectra with such scores or higher; NaN stays NaN."""
        beyond = np.maximum(scores - self.scores[-1], 0)
        return np.interp(scores, self.scores, self.levels) + beyond


def fit_tail(scores: np.ndarray, *, all_sound: bool) -> Tail:
    """Count how many spectra have how high a score.

    Parameters
    ----------
    scores : of spectra, minus the decimal logarithm of how probable they seem (see `Alarm`); NaN does not count.
    all_sound : whether none of them can be in trouble, as synthetic ones. Of others, scores of `TROUBLE` and more do
        not count: trouble that is fainter makes the shares too large, sound spectra that are odder too small.

    Raises
    ------
    ValueError
        Where there are too few spectra to count.
    """
    known = scores[np.isfinite(scores) & (all_sound | (scores < TROUBLE))]
    if len(known) < PER_STEP:
        raise ValueError(f"expected {PER_STEP} spectra or more to set false alarms by, found {len(known)}")
    shares = SHARES[SHARES * len(known) >= FEWEST]
    return Tail(np.quantile(known, 1 - shares), -np.log10(shares))
