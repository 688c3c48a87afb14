"""Benchmark stars: predicted labels beside those of the literature, star by star and in groups."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd

#: Groups of Smiljanic et al. (2014), after literature labels: metal-rich dwarfs, metal-rich giants, metal-poor stars.
GROUPS = {"MRD": "metal-rich dwarfs", "MRG": "metal-rich giants", "MP": "metal-poor stars"}
METAL_POOR, GIANT = -1.0, 3.5  # highest [Fe/H] of metal-poor stars, highest log g of giants
#: Which stars are averaged together; of several that a star might stand in, it stands in the last.
SUBSETS = {
    "compared": "inside the training range",
    "cooler": "inside the training range, but cooler than the recipe's limit",
    "outside": "outside the training range",
    "mask": "used to learn a mask, so that they are no test",
}


def compare_benchmarks(
    catalogue: pd.DataFrame,
    stars: pd.Series,
    table: pd.DataFrame,
    *,
    ranges: Mapping[str, Sequence[float]],
    mask_stars: Collection[str] = (),
    coolest: float | None = None,
) -> pd.DataFrame:
    """Put predicted beside literature labels, one row per spectrum of a benchmark star, in the order of the groups.

    Parameters
    ----------
    catalogue : predicted labels, one row per spectrum.
    stars : name of the benchmark star that each of its spectra is of; NaN where it is of none.
    table : literature, one row per star: ``name``, and ``L`` with ``L_err`` per label (NaN: unknown).
    ranges : label -> lowest and highest training value.
    mask_stars : names of the stars that a mask of the spectra was learned from.
    coolest : literature Teff (K) below which stars are averaged apart.

    Returns
    -------
    ``spectrum_id``, ``star``, ``group`` (see `GROUPS`), ``subset`` (see `SUBSETS`), ``inside_range`` (whether all
    literature labels lie within the training ranges), ``used_for_mask``, ``snr``, ``flag``, ``flag_text``, and for each
    label of both tables ``L``, ``L_err``, ``L_literature``, ``L_literature_err``, ``L_difference`` (predicted minus
    literature) and ``L_difference_err`` (both errors in quadrature; an error that the literature does not give counts
    as 0).
    """
    known = catalogue[stars.notna()]
    literature = table.set_index("name").loc[stars.dropna()].set_index(known.index)
    rows = known.reindex(columns=["spectrum_id", "snr", "flag", "flag_text"])
    rows.insert(1, "star", stars.dropna())
    rows.insert(2, "group", assign_groups(literature))
    rows.insert(3, "inside_range", inside_range(literature, ranges))
    rows.insert(4, "used_for_mask", rows["star"].isin(list(mask_stars)))
    cooler = literature["teff"] < (coolest or 0)
    conditions = [rows["used_for_mask"], ~rows["inside_range"], cooler]
    rows.insert(3, "subset", np.select(conditions, ["mask", "outside", "cooler"], "compared"))
    for label in [name for name in table if f"{name}_err" in table and name in catalogue]:
        rows[label], rows[f"{label}_err"] = known[label], known[f"{label}_err"]
        rows[f"{label}_literature"] = literature[label]
        rows[f"{label}_literature_err"] = literature[f"{label}_err"]
        rows[f"{label}_difference"] = known[label] - literature[label]
        rows[f"{label}_difference_err"] = np.hypot(known[f"{label}_err"], literature[f"{label}_err"].fillna(0))
    places = {name: number for number, name in enumerate(table["name"])}
    order = pd.DataFrame({"group": rows["group"].map(list(GROUPS).index), "star": rows["star"].map(places)})
    return rows.loc[order.sort_values(["group", "star"], kind="stable").index].reset_index(drop=True)


def assign_groups(literature: pd.DataFrame) -> pd.Series:
    """Give each star's group after its literature ``feh`` and ``logg``."""
    giants = np.where(literature["logg"] <= GIANT, "MRG", "MRD")
    return pd.Series(np.where(literature["feh"] <= METAL_POOR, "MP", giants), index=literature.index, dtype=object)


def inside_range(literature: pd.DataFrame, ranges: Mapping[str, Sequence[float]]) -> pd.Series:
    """Say whether all of a star's literature labels lie within the training ranges; unknown ones are no reason."""
    inside = pd.Series(True, index=literature.index)
    for label, (low, high) in ranges.items():
        if label in literature:
            inside &= literature[label].between(low, high) | literature[label].isna()
    return inside


def compared_labels(rows: pd.DataFrame) -> list[str]:
    """Name the labels that a comparison holds."""
    return [column.removesuffix("_difference") for column in rows if column.endswith("_difference")]


def quadratic_mean_difference(rows: pd.DataFrame, label: str) -> float:
    """Give the average quadratic difference from the literature: the root of the mean square over stars.

    The spectra of a star are averaged first. NaN where no difference is known; in the label's unit.
    """
    difference = star_differences(rows, label)
    return float(np.sqrt(np.mean(difference**2))) if len(difference) else np.nan


def star_differences(rows: pd.DataFrame, label: str) -> pd.Series:
    """Give each star's difference from the literature, the mean over its spectra; stars without one are absent."""
    return rows.groupby("star", sort=False)[f"{label}_difference"].mean().dropna()


def summarise_groups(rows: pd.DataFrame) -> pd.DataFrame:
    """Summarise a comparison per subset, group and label, as tables 2 and B1 of Bialek et al. (2020) do.

    Parameters
    ----------
    rows : as `compare_benchmarks` gives it.

    Returns
    -------
    A row each with ``subset`` (see `SUBSETS`), ``group`` (see `GROUPS`, or "all"), ``label``, ``stars`` and ``spectra``
    (numbers), ``quadratic_mean`` and ``bias`` (mean difference), both in the label's unit. Rows without stars are
    absent.
    """
    summary = []
    for subset in SUBSETS:
        members = rows[rows["subset"] == subset]
        parts = {group: members[members["group"] == group] for group in GROUPS} | {"all": members}
        for group, part in parts.items():
            for label in compared_labels(rows):
                difference = star_differences(part, label)
                if len(difference):
                    spectra = int(part[f"{label}_difference"].notna().sum())
                    numbers = {"stars": len(difference), "spectra": spectra}
                    numbers |= {"quadratic_mean": quadratic_mean_difference(part, label), "bias": difference.mean()}
                    summary.append({"subset": subset, "group": group, "label": label} | numbers)
    return pd.DataFrame(summary, columns=["subset", "group", "label", "stars", "spectra", "quadratic_mean", "bias"])
