"""Error budget: what quoted errors are made of, and whether repeated spectra of a star scatter as they say."""

import numpy as np
import pandas as pd

from spectrolabe.predict.columns import predicted_labels
from spectrolabe.predict.flags import UNREADABLE
from spectrolabe.predict.stars import chosen_spectra, combine_stars

PARTS = ("aleatoric", "epistemic", "grid")
#: A star whose spectra differ by more than chance would let them once in a hundred stars.
IMPROBABLE = 0.01


def measure_errors(catalogue: pd.DataFrame) -> pd.DataFrame:
    """Say of each label what its errors are made of, and how they compare with the scatter between repeats.

    Parameters
    ----------
    catalogue : as `spectrolabe.predict.catalogue.build_catalogue` gives it.

    Returns
    -------
    A row per ``label``: ``n`` (readable spectra); the medians ``aleatoric``, ``epistemic`` (as the networks give them),
    ``grid`` (NaN: no other grids) and ``total`` (calibrated); and, of the spectra that stars with several are combined
    of, ``repeated`` (number of such stars), ``scatter`` (root mean square about the stars' means, for spectra less one
    a star), ``quoted`` (median total error), ``share`` (of the errors' variance that differs between repeats, see
    `spectrolabe.predict.stars.repeated_share`; NaN: unknown) and ``improbable`` (share of the stars whose chi-square is
    larger than that of one in a hundred; NaN where the share is unknown).
    """
    stars, shares = combine_stars(catalogue)
    readable = catalogue[(catalogue["flag"] & UNREADABLE) == 0]
    rows = [
        {"label": label, "n": int(readable[label].notna().sum())}
        | {part: _median(readable, f"{label}_err_{part}") for part in PARTS}
        | {"total": _median(readable, f"{label}_err")}
        | _compare_repeats(catalogue, stars, label, shares[label])
        for label in predicted_labels(catalogue)
    ]
    return pd.DataFrame(rows)


def _median(rows, name):
    values = rows[name].dropna() if name in rows else ()
    return float(np.median(values)) if len(values) else np.nan


def _compare_repeats(catalogue, stars, label, share):
    codes, _ = pd.factorize(catalogue["source_id"])
    used = chosen_spectra(catalogue["flag"].to_numpy(), codes, len(stars)) & catalogue[label].notna().to_numpy()
    number = np.bincount(codes, used, len(stars))
    compared = used & (number[codes] > 1)
    repeats, free = catalogue[compared], (number[number > 1] - 1).sum()
    distance = repeats[label].to_numpy(float) - stars[label].to_numpy(float)[codes[compared]]
    probability = stars[f"{label}_chi2_prob"].dropna()
    known = len(probability) and not np.isnan(share)
    return {
        "repeated": int((number > 1).sum()),
        "scatter": float(np.sqrt((distance**2).sum() / free)) if free else np.nan,
        "quoted": _median(repeats, f"{label}_err"),
        "share": share,
        "improbable": float((probability < IMPROBABLE).mean()) if known else np.nan,
    }
