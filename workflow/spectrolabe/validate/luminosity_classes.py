"""Luminosity classes: which stars are giants, subgiants and dwarfs, by effective temperature and gravity."""

from pathlib import Path

import numpy as np
import pandas as pd

from spectrolabe.predict.flags import is_doubted
from spectrolabe.validate.style import UNKNOWN

#: Of rising gravity.
CLASSES = ("giant", "subgiant", "dwarf")
#: Stars that have left the main sequence, and the classes that they are of.
EVOLVED = "giant or subgiant"
MEMBERS = {name: [name] for name in CLASSES} | {EVOLVED: ["giant", "subgiant"]}
LABELS = ["teff", "logg"]
SOUND, DOUBTFUL = "sound", "doubtful"
#: Gravity (dex) below which a star that is no dwarf is a giant.
GIANT_LIMIT = 3.5
#: Key of a row -> heading of its column in the report.
COLUMNS = {
    "group": "spectra", "class": "predicted", "n": "n", "share": "share", "known": "with reference",
    "giant": "giants there", "subgiant": "subgiants there", "dwarf": "dwarfs there",
}  # fmt: skip


def dwarf_limit(teff: np.ndarray) -> np.ndarray:
    """Give the least gravity (dex) of dwarfs at effective temperatures (K): Ciardi et al. 2011 (AJ 141, 108).

    3.5 from 6000 K on, 4.0 up to 4250 K, and 5.2 - 2.8e-4 Teff between; NaN where the temperature is.
    """
    teff = np.asarray(teff, float)
    return np.select([teff >= 6000, teff <= 4250], [3.5, 4.0], 5.2 - 2.8e-4 * teff)


def classify_stars(teff: np.ndarray, logg: np.ndarray) -> np.ndarray:
    """Name the class of each star, shape (n_stars,): giant, subgiant, dwarf, or empty where a label is not known.

    Dwarfs are those of `dwarf_limit`. That work knows no subgiants: here they are the others with a gravity of 3.5 and
    more, the least that dwarfs have at any temperature, so that there are none from 6000 K on.

    Parameters
    ----------
    teff, logg : effective temperatures (K) and gravities (dex), shape (n_stars,).
    """
    teff, logg = np.asarray(teff, float), np.asarray(logg, float)
    known = np.isfinite(teff) & np.isfinite(logg)
    return np.select([~known, logg >= dwarf_limit(teff), logg >= GIANT_LIMIT], ["", "dwarf", "subgiant"], "giant")


def reference_classes(catalogue: pd.DataFrame) -> np.ndarray:
    """Name the class of each star by its reference labels, empty where they are not known."""
    return classify_stars(*(catalogue.get(f"{label}_true", np.full(len(catalogue), np.nan)) for label in LABELS))


def count_classes(catalogue: pd.DataFrame) -> pd.DataFrame:
    """Count the spectra of each class, sound and doubtful ones apart, beside the classes that they should have.

    Parameters
    ----------
    catalogue : with ``teff`` (K), ``logg`` (dex) and ``flag``, and the reference labels ``teff_true`` and ``logg_true``
        where there are any. Spectra without labels are left out.

    Returns
    -------
    A row per ``group`` (sound, doubtful) and ``class`` (giant, subgiant, dwarf, and giant or subgiant): ``n`` spectra,
    their ``share`` of the group with its binomial error ``share_err`` (see `share_error`; both NaN where the group is
    empty); ``known``, how many of them have reference labels, and of these the numbers whose reference class is
    ``giant``, ``subgiant`` and ``dwarf``: the confusion matrix.
    """
    predicted, given = classify_stars(catalogue["teff"], catalogue["logg"]), reference_classes(catalogue)
    doubtful = is_doubted(catalogue["flag"]).to_numpy() if "flag" in catalogue else np.zeros(len(catalogue), bool)
    rows = []
    for group, chosen in {SOUND: ~doubtful, DOUBTFUL: doubtful}.items():
        total = int((chosen & (predicted != "")).sum())
        for name, members in MEMBERS.items():
            here = chosen & np.isin(predicted, members)
            n = int(here.sum())
            share = {"share": n / total if total else np.nan, "share_err": share_error(n, total)}
            matrix = {true: int((here & (given == true)).sum()) for true in CLASSES}
            row = {"group": group, "class": name, "n": n} | share | {"known": sum(matrix.values())}
            rows.append(row | matrix)
    return pd.DataFrame(rows)


def share_error(count: int, total: int) -> float:
    """Give the binomial error of a share: the standard deviation of what it may be by Jeffreys' prior.

    For many stars it is that of sqrt(p (1 - p) / n), and it is never 0: none of five stars is no proof of none.
    """
    if not total:
        return np.nan
    inside, outside = count + 0.5, total - count + 0.5
    return float(np.sqrt(inside * outside / ((total + 1) ** 2 * (total + 2))))


def class_rows(path: str | Path) -> list[dict]:
    """Give a row per group and class with the columns of `COLUMNS`; of a group without spectra none.

    Parameters
    ----------
    path : ``<model>/<dataset>.csv`` of what `count_classes` gives.
    """
    table = pd.read_csv(path)
    shown = table[table["share"].notna()]
    return [
        {"group": row["group"], "class": row["class"], "n": f"{row['n']:,}", "known": f"{row['known']:,}"}
        | {"share": f"{100 * row['share']:.1f} ± {100 * row['share_err']:.1f} %"}
        | {true: f"{row[true]:,}" if row["known"] else UNKNOWN for true in CLASSES}
        for row in shown.to_dict("records")
    ]
