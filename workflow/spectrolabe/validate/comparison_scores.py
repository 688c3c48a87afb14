"""Statistics of methods beside each other: of every seed on its own, then their mean, their spread, and ratios."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

#: Labels that predictions are set against, as endings: those of the set, and the truth where a survey is simulated.
REFERENCES = ("", "_true")
ERROR, MEAN, STD = "mae", "mean", "std"
OF_ERROR = ("", "_spread", "_ratio", "_ratio_spread", "_percent")
#: Columns of a table of methods that `describe_statistics` gives, and the error in per cent.
STATISTICS = [
    column
    for reference in REFERENCES
    for column in (
        *(f"{ERROR}{reference}{of}" for of in OF_ERROR),
        *(f"{name}{reference}{of}" for name in (MEAN, STD) for of in ("", "_spread")),
    )
]


def score_label(table: pd.DataFrame, label: str, said: Mapping[str, np.ndarray]) -> tuple[dict, dict]:
    """Give the errors of every seed in a label, against the labels of the set and against the truth.

    Parameters
    ----------
    table : of the test spectra: ``status``, and, where known, the label and ``<label>_true``.
    said : row -> values that its seeds give, shape (n_seeds, n_spectra).

    Returns
    -------
    Statistic -> row -> that of each seed, shape (n_seeds,), NaN without spectra: ``mae`` (mean absolute error),
    ``mean`` (bias: the mean of predicted minus given) and ``std`` (scatter: its plain standard deviation), in the
    label's unit, each also ``_true``; and what the rows share: ``label``, ``spectra`` (that have the label, or where
    none has, its truth) and the range of the label, ``mae_range`` and ``mae_true_range``.
    """
    readable = (table["status"] == "").to_numpy() if "status" in table else np.ones(len(table), bool)
    found, about = {}, {"label": label, "spectra": 0}
    for ending in REFERENCES:
        column = f"{label}{ending}"
        given = table[column].to_numpy(float) if column in table else np.full(len(table), np.nan)
        known = readable & np.isfinite(given)
        about["spectra"] = about["spectra"] or int(known.sum())
        about[f"{ERROR}{ending}_range"] = np.ptp(given[known]) if known.any() else np.nan
        for name in (ERROR, MEAN, STD):
            found[f"{name}{ending}"] = {}
        for row, values in said.items():
            differences = (values - given)[:, known]
            found[f"{ERROR}{ending}"][row] = _over_spectra(np.mean, np.abs(differences))
            found[f"{MEAN}{ending}"][row] = _over_spectra(np.mean, differences)
            found[f"{STD}{ending}"][row] = _over_spectra(np.std, differences)
    return found, about


def _over_spectra(statistic, values):
    return statistic(values, axis=1) if values.shape[1] else np.full(len(values), np.nan)


def describe_statistics(found: Mapping[str, Mapping[str, np.ndarray]], row: str, reference: str) -> dict[str, float]:
    """Give of a row the mean of each statistic over seeds and its ``_spread``; of ``mae`` the ratio to the reference.

    Parameters
    ----------
    found : of one label, as `score_label` gives it.
    """
    described = {}
    for name, rows in found.items():
        described |= {name: rows[row].mean(), f"{name}_spread": spread_of(rows[row])}
        if name.startswith(ERROR):
            # A method has no distance from itself: its own spread stands beside its error.
            ratio, spread = (1.0, 0.0) if row == reference else relate(rows[row], rows[reference])
            if np.isnan(rows[row]).all():
                ratio, spread = np.nan, np.nan
            described |= {f"{name}_ratio": ratio, f"{name}_ratio_spread": spread}
    return described


def spread_of(values: np.ndarray) -> float:
    """Give the standard deviation over seeds or runs, of a sample; NaN of one."""
    return values.std(ddof=1) if len(values) > 1 else np.nan


def relate(errors: np.ndarray, others: np.ndarray) -> tuple[float, float]:
    """Give the ratio of two means over seeds and its spread.

    Seeds of two methods have nothing in common: to first order, the squares of both relative standard deviations add
    up. A method of one seed has none that is known, and adds nothing; where neither is known, the spread is NaN.

    Parameters
    ----------
    errors, others : mean absolute error of each seed of a method and of the reference, shapes (n_seeds,).
    """
    ratio = errors.mean() / others.mean()
    shares = np.array([spread_of(values) / values.mean() for values in (errors, others)])
    return ratio, ratio * np.sqrt(np.nansum(shares**2)) if np.isfinite(shares).any() else np.nan
