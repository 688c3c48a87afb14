"""Wavelength arms alone and together: what conflation gains, and by how much it narrows too far before calibration."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import ndtr

from spectrolabe.predict.calibration import LEVELS
from spectrolabe.predict.distribution_lists import stack
from spectrolabe.train.distributions import quantiles
from spectrolabe.validate.interval_hits import is_inside
from spectrolabe.validate.scores import labels_with_truth, robust_sigma
from spectrolabe.validate.style import number, percent

#: Spectra that arms are compared on at most, as predictions hold whole distributions.
MOST_SPECTRA = 50_000
COLUMNS = ["label", "source", "n", "mean", "median", "std", "scatter", "coverage68", "error", "half_width"]
#: What is said of both arms together, before and after temperature and stretches.
TOGETHER = {"conflated": "all arms, not calibrated", "calibrated": "all arms, calibrated"}
#: Key of a row of the report's table -> heading of its column.
ARMS = {
    "label": "label", "source": "from", "n": "spectra", "mean": "mean", "median": "median", "std": "std",
    "scatter": "robust std", "half_width": "half width", "coverage68": "inside 68 %",
}  # fmt: skip


def measure_arms(predictions: pd.DataFrame, catalogue: pd.DataFrame, edges: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Compare what each arm alone says of test spectra with what all say together, before and after calibration.

    Spectra count in which every arm has information, the same in all rows of a label. Errors of the reference labels
    widen the intervals, see `spectrolabe.validate.interval_hits.half_widths`.

    Parameters
    ----------
    predictions : as `spectrolabe.predict.labelling.predict_labels` gives them of a head with bins and several arms.
    catalogue : of the same spectra, rows in any order.
    edges : label -> edges of its bins, in its unit.

    Returns
    -------
    A row per label and ``source`` (arm1, arm2, ..., and the keys of `TOGETHER`): ``n`` spectra; ``mean``, ``median``,
    ``std`` and ``scatter`` (robust) of predicted minus reference label; ``coverage68``, the share of stars whose
    reference lies in the 68 % interval, its binomial ``error``, and the median ``half_width`` of the intervals.
    """
    rows = predictions.reset_index(drop=True)
    catalogue = catalogue.set_index("spectrum_id").loc[rows["spectrum_id"]].reset_index()
    found = []
    for label in (label for label in labels_with_truth(catalogue) if f"{label}_arm1" in rows):
        sources = _sources(rows, catalogue, label, edges[label])
        known = (rows["status"] == "") & catalogue[f"{label}_true"].notna()
        for table in sources.values():
            known &= table[label].notna()
        references = catalogue[
            [name for name in ("source_id", f"{label}_true", f"{label}_true_err") if name in catalogue]
        ]
        for source, table in sources.items():
            found.append({"label": label, "source": source} | _score(table.join(references)[known], label))
    return pd.DataFrame([row for row in found if row["n"]], columns=COLUMNS)


def _sources(rows, catalogue, label, edges):
    """Source -> its label and 68 % interval, named as a catalogue's."""
    names = [label, f"{label}_lo68", f"{label}_hi68"]
    arms = sum(f"{label}_arm{place}" in rows for place in range(1, rows.shape[1]))
    sources = {}
    for arm in (f"arm{place}" for place in range(1, arms + 1)):
        own = rows[[f"{label}_{arm}", f"{label}_{arm}_low", f"{label}_{arm}_high"]]
        sources[arm] = own.set_axis(names, axis=1)
    removed = rows[f"{label}_removed"].to_numpy(float) if f"{label}_removed" in rows else np.zeros(len(rows))
    ends = quantiles(stack(rows, label, edges), edges, ndtr([0.0, -1.0, 1.0]))
    sources["conflated"] = pd.DataFrame(ends + removed[:, None], columns=names)
    return sources | {"calibrated": catalogue[names]}


def _score(rows, label):
    difference = (rows[label] - rows[f"{label}_true"]).to_numpy(float)
    if not len(difference):
        return {"n": 0}
    of_stars = pd.Series(is_inside(rows, label, "68")).groupby(rows["source_id"].to_numpy()).mean()
    claimed = LEVELS["68"][0]
    return {
        "n": len(difference),
        "mean": difference.mean(),
        "median": np.median(difference),
        "std": difference.std(),
        "scatter": robust_sigma(difference),
        "coverage68": of_stars.mean(),
        "error": np.sqrt(claimed * (1 - claimed) / len(of_stars)),
        "half_width": float((rows[f"{label}_hi68"] - rows[f"{label}_lo68"]).median() / 2),
    }


def name_source(source: str) -> str:
    """Give a source of `measure_arms` in words."""
    return TOGETHER.get(source) or source.replace("arm", "arm ") + " alone"


def arm_rows(path: Path) -> list[dict]:
    """Give the rows of the report's table, with the columns of `ARMS`, from a file of `measure_arms`."""
    rows = []
    for row in pd.read_csv(path).to_dict("records"):
        shown = {name: number(row["label"], row[name], signed=True) for name in ("mean", "median")}
        shown |= {name: number(row["label"], row[name]) for name in ("std", "scatter", "half_width")}
        shown |= {"source": name_source(row["source"]), "n": f"{row['n']:,}"}
        shown |= {"coverage68": f"{percent(row['coverage68'])} ± {100 * row['error']:.1f}"}
        rows.append({"label": row["label"]} | shown)
    return rows
