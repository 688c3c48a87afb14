"""Doubt about spectra: how unlike those of a training set they are, where no screening of a survey has said so."""

import pandas as pd

from spectrolabe.prepare.screening import UNUSABLE, Yardstick, fit_yardstick
from spectrolabe.spectra.false_alarms import PER_STEP
from spectrolabe.spectra.table import Spectra

#: Spectra of the training part that the reference is fitted to at most, and of the validation part that limits are set
#: by: their numbers settle what is usual, more cost memory.
MOST_TRAINING, MOST_HELD_OUT = 4000, 2000
COMPONENTS, NEIGHBOURS = 30, 10
#: A reason is named by what is itself as improbable as this.
NAMED_BY = 0.01
COLUMNS = ("spectrum_id", "exposure", "score", "telling", "worst_wavelength", "second_velocity")


def fit_doubt(training: Spectra, held_out: Spectra, seed: int) -> tuple[Yardstick | None, dict]:
    """Learn what the spectra of a training set look like, and how odd those are that it was not fitted to.

    Parameters
    ----------
    training, held_out : spectra of the training and of the validation part.
    seed : of the components' search.

    Returns
    -------
    The yardstick, and in numbers what it rests on; None, and why in ``fallback``, where there are too few spectra.
    """
    parts = [part.select((part.table["status"] == "").to_numpy()) for part in (training, held_out)]
    counts = {"training_spectra": len(parts[0]), "held_out_spectra": len(parts[1])}
    if min(counts.values()) < PER_STEP:
        found = " and ".join(str(count) for count in counts.values())
        return None, counts | {"fallback": f"expected {PER_STEP} training and held-out spectra, found {found}"}
    settings = {"components": COMPONENTS, "neighbours": NEIGHBOURS, "false_alarms": NAMED_BY, "seed": seed}
    return fit_yardstick(parts[0], [parts[1]], **settings)


def judge_spectra(yardstick: Yardstick | None, spectra: Spectra) -> pd.DataFrame:
    """Say how unlike the training spectra each spectrum is, one row each; nothing is known without a yardstick.

    Returns
    -------
    ``spectrum_id``; ``exposure``, the signal-to-noise ratio of the table, or else of the pixels; ``score``, minus the
    decimal logarithm of how probable such a spectrum is among sound ones; ``telling``, what differs most, at
    ``worst_wavelength`` (angstrom) or at ``second_velocity`` (km/s). NaN, and empty, of spectra that cannot be used.
    """
    if yardstick is None:
        return spectra.table.reindex(columns=[*COLUMNS]).assign(telling="")
    verdicts = yardstick.judge(spectra)
    telling = verdicts["telling"].replace(UNUSABLE, "")
    return verdicts.assign(spectrum_id=spectra.table["spectrum_id"], telling=telling)[[*COLUMNS]]
