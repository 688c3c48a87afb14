"""Coverage: how often the intervals of a catalogue hold the reference labels, in all and bin by bin, and in words."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pandas as pd

from spectrolabe.predict.calibration import LEVELS
from spectrolabe.predict.flags import is_doubted
from spectrolabe.validate.interval_hits import is_inside, probability_transform
from spectrolabe.validate.scores import SNR_EDGES, labels_with_truth

#: Level -> how far the measured share may lie from the claimed one.
TOLERANCES = {"50": 0.03, "68": 0.03, "90": 0.02, "95": 0.015}
#: The same in a bin, of every level, and the stars that it must hold to be judged.
BIN_TOLERANCE, STARS_IN_BIN = 0.06, 100
#: Labels whose quarters coverage is measured in, as far as there are reference values of them.
BIN_LABELS = ("teff", "logg", "feh")
PIT_EDGES = np.linspace(0, 1, 11)
COLUMNS = ["label", "bins", "low", "high", "level", "n", "coverage", "error", "within"]


def select_judged(catalogue: pd.DataFrame, dataset: str) -> pd.DataFrame:
    """Keep the spectra that intervals are judged by: of a part of a set all, of a survey those not doubted.

    Of a screened survey, spectra in any part of the set are left out too, for the part itself tells of them.
    """
    if "-" in dataset:
        return catalogue
    judged = ~is_doubted(catalogue["flag"])
    return catalogue[judged & (catalogue["part"] == "") if "part" in catalogue else judged]


def measure_coverage(catalogue: pd.DataFrame) -> pd.DataFrame:
    """Measure the share of stars whose reference label lies in its interval, with binomial errors.

    Errors of the reference labels are added in quadrature to the half widths. A star counts as one, its spectra as
    parts of it.

    Parameters
    ----------
    catalogue : ``source_id``, ``snr``, and per label ``L``, ``L_lo50`` .. ``L_hi95``, ``L_true`` (NaN: unknown) and,
        where these have errors, ``L_true_err``.

    Returns
    -------
    A row per label, bin and level: ``label``, ``bins`` (all, snr, teff, logg, feh), ``low`` and ``high`` of the bin
    (NaN: none; the last bin of S/N is open), ``level``, ``n`` (stars), ``coverage``, its binomial ``error`` if the
    claim holds, and ``within``: whether it differs from the claim by no more than the tolerance and two errors. Bins of
    fewer than `STARS_IN_BIN` stars are not judged, that is within.
    """
    rows = []
    for label in labels_with_truth(catalogue):
        known = _with_interval(catalogue, label)
        if known.empty:
            continue
        inside = {level: is_inside(known, label, level) for level in LEVELS}
        for bins, low, high, chosen in _bins(known):
            rows += [_cell(label, bins, low, high, level, known[chosen], inside[level][chosen]) for level in LEVELS]
    return pd.DataFrame([row for row in rows if row["n"]], columns=COLUMNS)


def _with_interval(catalogue, label):
    asked = catalogue.reindex(columns=[label, f"{label}_true", f"{label}_lo68"])
    return catalogue[asked.notna().all(axis=1)]


def _bins(known) -> Iterator[tuple[str, float, float, np.ndarray]]:
    yield "all", np.nan, np.nan, np.ones(len(known), bool)
    for low, high in pairwise(SNR_EDGES):
        yield "snr", low, high, known["snr"].between(low, high, inclusive="left").to_numpy()
    for name in (name for name in BIN_LABELS if f"{name}_true" in known):
        truth = known[f"{name}_true"].to_numpy(float)
        edges = np.unique(np.nanquantile(truth, [0, 0.25, 0.5, 0.75, 1])) if np.isfinite(truth).any() else []
        for low, high in pairwise(edges):
            yield name, low, high, (truth >= low) & ((truth < high) | (high == edges[-1]))


def _cell(label, bins, low, high, level, stars, inside):
    of_stars = pd.Series(inside).groupby(stars["source_id"].to_numpy()).mean()
    claimed, count = LEVELS[level][0], len(of_stars)
    share = float(of_stars.mean()) if count else np.nan
    error = float(np.sqrt(claimed * (1 - claimed) / count)) if count else np.nan
    tolerance = TOLERANCES[level] if bins == "all" else BIN_TOLERANCE
    judged = bins == "all" or count >= STARS_IN_BIN
    within = not judged or abs(share - claimed) <= tolerance + 2 * error
    return dict(zip(COLUMNS, (label, bins, low, high, level, count, share, error, within), strict=True))


def histogram_transforms(catalogue: pd.DataFrame) -> pd.DataFrame:
    """Give the PIT histogram of each label: ``label``, ``bin`` (its middle) and ``share`` of the spectra in it.

    See `spectrolabe.validate.interval_hits.probability_transform`; each of the ten shares is 0.1 where the predicted
    distributions are true.
    """
    tables = []
    for label in labels_with_truth(catalogue):
        known = _with_interval(catalogue, label)
        if known.empty:
            continue
        counts, _ = np.histogram(probability_transform(known, label), PIT_EDGES)
        middle = np.round((PIT_EDGES[:-1] + PIT_EDGES[1:]) / 2, 2)
        tables.append(pd.DataFrame({"label": label, "bin": middle, "share": counts / len(known)}))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=["label", "bin", "share"])


def summarise(catalogue: pd.DataFrame, table: pd.DataFrame, name: str) -> dict:
    """Say in words how true the intervals are: ``sentence``, ``sharpness`` (label -> median ``L_err``), ``warnings``.

    Parameters
    ----------
    catalogue, table : of `measure_coverage`.
    name : what is judged, such as "mlp on stars-test".
    """
    sharpness = {label: float(_with_interval(catalogue, label)[f"{label}_err"].median()) for label in _labels(table)}
    return {"sentence": _sentence(table, name), "sharpness": sharpness, "warnings": list(_warnings(table, name))}


def _labels(table):
    return list(dict.fromkeys(table["label"]))


def _sentence(table, name):
    of_all = table[table["bins"] == "all"]
    if of_all.empty:
        return f"{name}: no star has both an interval and a reference value."
    parts = []
    for level in ("68", "95"):
        shares = of_all[of_all["level"] == level].set_index("label")["coverage"]
        low, high = (f"{100 * shares[found]:.0f} % ({found})" for found in (shares.idxmin(), shares.idxmax()))
        parts.append(low if low == high else f"{low} to {high}")
    outside = list(dict.fromkeys(of_all.loc[~of_all["within"].astype(bool), "label"]))
    found = f"beyond tolerance and chance for {', '.join(outside)}" if outside else "as claimed, within tolerance"
    stars = of_all["n"].max()
    held = f"the 68 % intervals hold the reference value for {parts[0]}, and the 95 % ones for {parts[1]}"
    return f"{name}: of {stars:,} stars, {held}: {found}."


def _warnings(table, name):
    """One per label, of what is furthest off: in all, else in a bin of S/N; quarters of labels are not judged."""
    failed = table[~table["within"].astype(bool) & table["bins"].isin(["all", "snr"])]
    for label, cells in failed.groupby("label", sort=False):
        whole = cells[cells["bins"] == "all"]
        cells = whole if len(whole) else cells
        off = [abs(row.coverage - LEVELS[row.level][0]) for row in cells.itertuples()]
        worst = cells.iloc[int(np.argmax(off))]
        at = f" at S/N {worst['low']:g} to {worst['high']:g}" if worst["bins"] == "snr" else ""
        held = f"{label} holds {100 * worst['coverage']:.0f} %{at} where {worst['level']} % is claimed"
        yield f"{name}: {held} (n = {worst['n']})"
