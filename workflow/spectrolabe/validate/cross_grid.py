"""Cross-grid truth: how well models that were trained on one grid label the test stars of another."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from spectrolabe.spectra.labels import unit_of
from spectrolabe.validate.scores import score
from spectrolabe.validate.style import number

STATISTICS = ["n", "bias", "scatter", "medae", "coverage68", "coverage95"]


def compare_grids(catalogues: Iterable[tuple[str, str, pd.DataFrame]]) -> pd.DataFrame:
    """Score every model of one grid on the test stars of every other, label by label.

    Parameters
    ----------
    catalogues : (grid trained on, grid or set tested on, catalogue with ``L`` and ``L_true``).

    Returns
    -------
    A row per pair and label, in their order: ``trained_on``, ``tested_on``, ``label``, ``n``, ``bias`` (median of
    predicted minus true), ``scatter`` (robust 1 sigma), ``medae`` (median absolute residual), the label's unit, and
    ``coverage68``, ``coverage95`` (share of truths within the interval; NaN where there is none).
    """
    rows = [
        {"trained_on": trained, "tested_on": tested, "label": label}
        | {name: result["all"][name] for name in STATISTICS}
        for trained, tested, catalogue in catalogues
        for label, result in score(catalogue).items()
    ]
    return pd.DataFrame(rows, columns=["trained_on", "tested_on", "label", *STATISTICS]).astype(
        dict.fromkeys(STATISTICS[1:], float)
    )


def matrix(table: pd.DataFrame, label: str, statistic: str) -> pd.DataFrame:
    """Give one statistic of one label: a row per grid trained on, a column per one tested on, in the table's order."""
    rows = table[table["label"] == label]
    trained, tested = (rows[name].unique() for name in ("trained_on", "tested_on"))
    return rows.pivot(index="trained_on", columns="tested_on", values=statistic).loc[trained, tested]


def describe_matrices(table: pd.DataFrame) -> list[dict]:
    """Put a comparison into words: per label its name, unit, what was tested on, and a row of cells per model."""
    return [_describe_matrix(table, label) for label in table["label"].unique()]


def _describe_matrix(table, label):
    bias, scatter, coverage = (matrix(table, label, name) for name in ("bias", "scatter", "coverage68"))
    rows = {
        trained: [
            {
                "bias": number(label, bias.loc[trained, tested], signed=True),
                "scatter": number(label, scatter.loc[trained, tested]),
                "coverage": f"{100 * share:.0f} %" if np.isfinite(share := coverage.loc[trained, tested]) else "–",
            }
            for tested in bias.columns
        ]
        for trained in bias.index
    }
    return {"label": label, "unit": unit_of(label), "tested": list(bias.columns), "rows": rows}


def growth(catalogue: pd.DataFrame, label: str, against: str, edges: np.ndarray, least: int) -> pd.DataFrame:
    """Give the median predicted uncertainty in bins of the true value or of the error that was made.

    Parameters
    ----------
    catalogue : with ``L``, ``L_true``, ``L_err``, ``L_err_aleatoric`` and ``L_err_epistemic``.
    against : "truth", or "discrepancy", the absolute difference of predicted and true value.
    edges : of the bins, ascending, in the label's unit.
    least : stars that a bin needs; those with fewer are left out.

    Returns
    -------
    A row per bin: ``centre`` (median of what the bin holds), ``calibrated`` and ``raw`` (both parts in quadrature, as
    the networks give it; NaN where they give none), in the label's unit.
    """
    truth, predicted = catalogue[f"{label}_true"], catalogue[label]
    rows = pd.DataFrame(
        {
            "centre": truth if against == "truth" else (predicted - truth).abs(),
            "calibrated": catalogue[f"{label}_err"],
            "raw": np.hypot(catalogue[f"{label}_err_aleatoric"], catalogue[f"{label}_err_epistemic"]),
        }
    )[predicted.notna() & truth.notna()]
    bins = rows.groupby(pd.cut(rows["centre"], edges, include_lowest=True, labels=False))
    return bins.median()[bins.size() >= least].reset_index(drop=True)
