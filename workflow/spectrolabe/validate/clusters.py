"""Star clusters: the mean metallicity that their members are given, beside that of the literature."""

import numpy as np
import pandas as pd

from spectrolabe.predict.flags import is_doubted

COLUMNS = ["cluster", "stars", "feh", "feh_std", "feh_err", "feh_literature"]


def cluster_members(catalogue: pd.DataFrame) -> pd.DataFrame:
    """Keep the spectra of stars in clusters that are not doubted; none where a catalogue names no clusters."""
    if "cluster" not in catalogue:
        return catalogue.iloc[:0].assign(cluster="")
    named = catalogue["cluster"].fillna("") != ""
    return catalogue[named & ~is_doubted(catalogue["flag"])]


def summarise_clusters(catalogue: pd.DataFrame) -> pd.DataFrame:
    """Give each cluster's mean [Fe/H] over its stars, from metal-poor to metal-rich in the literature.

    Parameters
    ----------
    catalogue : ``source_id``, ``flag``, ``feh``, ``feh_err``, and ``cluster`` and ``cluster_feh`` where the survey's
        table had them. Flagged spectra are left out; the spectra of a star are averaged first.

    Returns
    -------
    ``cluster``, ``stars`` (number), ``feh``, ``feh_std`` (standard deviation of the stars; NaN of one star),
    ``feh_err`` (median uncertainty of a star) and ``feh_literature`` (NaN: unknown), all but the first two in dex.
    """
    members = cluster_members(catalogue)
    if "feh" not in members or members["feh"].dropna().empty:
        return pd.DataFrame(columns=COLUMNS)
    members = members.assign(cluster_feh=members.get("cluster_feh", np.nan)).dropna(subset="feh")
    stars = members.groupby(["cluster", "source_id"], as_index=False)[["feh", "feh_err", "cluster_feh"]].mean()
    clusters = stars.groupby("cluster", as_index=False).agg(
        stars=("feh", "size"), feh=("feh", "mean"), feh_std=("feh", "std"),
        feh_err=("feh_err", "median"), feh_literature=("cluster_feh", "first"),
    )  # fmt: skip
    return clusters.sort_values(["feh_literature", "cluster"], ignore_index=True)[COLUMNS]
