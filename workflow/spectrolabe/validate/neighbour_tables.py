"""How far a star's label is told by those that a network takes as its nearest neighbours, and a few examples."""

from pathlib import Path

import numpy as np
import pandas as pd

from spectrolabe.spectra.randomness import derive_seed
from spectrolabe.validate.style import UNKNOWN, number, percent

#: Spectra of a dataset whose neighbours the report lists.
EXAMPLES = 4
#: Key of a row -> heading of its column; shares of the sets follow.
AGREEMENT = {
    "label": "label",
    "spectra": "spectra",
    "distance": "distance",
    "n": "with the label",
    "nearest": "nearest − own",
    "mean": "mean of all − own",
}
#: What a share of nearest neighbours is called in the table, before the name of the set.
SHARE = "share_"


def measure_agreement(neighbours: pd.DataFrame) -> pd.DataFrame:
    """Compare the labels of spectra with those of their neighbours.

    Parameters
    ----------
    neighbours : as `spectrolabe.predict.neighbours.NeighbourFinder` gives them.

    Returns
    -------
    A row per ``label``: ``spectra`` with a neighbour, median ``distance`` of the nearest, ``n`` of them with the label
    known, ``nearest_bias`` and ``nearest_scatter``, mean and standard deviation of the nearest one's label minus the
    own (the label's unit), ``mean_bias`` and ``mean_scatter`` of the mean over all neighbours; and, as ``share_<set>``,
    the share of spectra whose nearest neighbour is from that set.
    """
    found = neighbours[neighbours["distance"].notna()]
    sets = sorted(found["set"].unique())
    rows = []
    for label in neighbours["label"].unique():
        own = found[found["label"] == label]
        nearest = own[own["rank"] == 1]
        means = own.groupby("spectrum_id", sort=False)[["neighbour_value", "value"]].mean()
        row = {"label": label, "spectra": len(nearest), "distance": nearest["distance"].median()}
        row["n"] = int(nearest["value"].notna().sum())
        for name, compared in (("nearest", nearest), ("mean", means)):
            difference = compared["neighbour_value"] - compared["value"]
            row |= {f"{name}_bias": difference.mean(), f"{name}_scatter": difference.std(ddof=0)}
        rows.append(row | {f"{SHARE}{name}": (nearest["set"] == name).mean() for name in sets})
    return pd.DataFrame(rows)


def choose_examples(neighbours: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Give the rows of a few spectra that have neighbours, chosen by their names alone."""
    names = neighbours.loc[neighbours["distance"].notna(), "spectrum_id"].unique()
    chosen = sorted(names, key=lambda name: derive_seed(seed, "neighbours", name))[:EXAMPLES]
    return neighbours[neighbours["spectrum_id"].isin(chosen)].reset_index(drop=True)


def agreement_columns(path: str | Path) -> dict[str, str]:
    """Give the columns of the report's table: those of `AGREEMENT`, and a share for each set."""
    shares = [name for name in pd.read_csv(path).columns if name.startswith(SHARE)]
    return AGREEMENT | {name: f"nearest in {name.removeprefix(SHARE)}" for name in shares}


def agreement_rows(path: str | Path) -> list[dict]:
    """Give the rows of the report's table, of the CSV of what `measure_agreement` gave."""
    table = pd.read_csv(path)
    return [
        {"label": row["label"], "spectra": f"{row['spectra']:,}", "n": f"{row['n']:,}"}
        | {"distance": UNKNOWN if np.isnan(row["distance"]) else f"{row['distance']:.3f}"}
        | {name: _difference(row, name) for name in ("nearest", "mean")}
        | {name: percent(share) for name, share in row.items() if name.startswith(SHARE)}
        for row in table.to_dict("records")
    ]


def _difference(row, name):
    bias, scatter = row[f"{name}_bias"], row[f"{name}_scatter"]
    if np.isnan(bias):
        return UNKNOWN
    return f"{number(row['label'], bias, signed=True)} ± {number(row['label'], scatter)}"


def example_columns(path: str | Path) -> dict[str, str]:
    """Give the columns of the report's table of examples: a spectrum, its label, and its neighbours by rank."""
    ranks = pd.read_csv(path, usecols=["rank"])["rank"].unique()
    return {"spectrum": "spectrum", "label": "label", "own": "own"} | {f"rank{rank}": f"{rank}." for rank in ranks}


def example_rows(path: str | Path) -> list[dict]:
    """Give the rows of the report's table of examples: each neighbour's label, and in brackets its name and distance.

    Parameters
    ----------
    path : CSV of what `choose_examples` gave.
    """
    table = pd.read_csv(path, dtype={"spectrum_id": str, "neighbour_id": str}, keep_default_na=False, na_values=[""])
    rows = []
    for (spectrum, label), found in table.groupby(["spectrum_id", "label"], sort=False):
        own = found["value"].iloc[0]
        row = {"spectrum": spectrum, "label": label, "own": UNKNOWN if np.isnan(own) else number(label, own)}
        for one in found.itertuples():
            told = f"{number(label, one.neighbour_value)} ({one.neighbour_id}, {one.distance:.3f})"
            row[f"rank{one.rank}"] = UNKNOWN if np.isnan(one.distance) else told
        rows.append(row)
    return rows


#: What the report shows: section, files, title, text, columns and rows (see `spectrolabe.validate.report_sources`).
EXAMPLES_TABLE = (
    "embedding",
    "neighbours/*/*.examples.csv",
    "{1} on {0}: the nearest training stars of some spectra",
    "Label by label, in the embedding of the best member: their labels as given, in brackets name and distance. Own:"
    " the true label where it is known, else the given one.",
    example_columns,
    example_rows,
)
AGREEMENT_TABLE = (
    "embedding",
    "neighbours/*/*.csv",
    "{1} on {0}: what the nearest training stars tell",
    "Mean ± standard deviation of the label of the nearest training star minus the spectrum’s own (the true one where"
    " it is known, else the given one), and of the mean label of all its neighbours minus its own. Distance: median of"
    " the nearest, Euclidean, of vectors of unit length, squares summed over arms.",
    agreement_columns,
    agreement_rows,
)
