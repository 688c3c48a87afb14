"""The thin and the thick disc, found as crowds of stars in the plane of [Mg/Fe] and [Fe/H]."""

import numpy as np
import pandas as pd

from spectrolabe.validate.population_sample import DOUBTFUL, WORTHLESS, best_spectra, known, lacking, without_flags

AXES = ["feh", "mg_fe"]
DISCS = ("thin", "thick")
#: The smallest crowd that counts as a cluster, and the neighbours that density is measured by: shares of the stars.
CLUSTER_SHARE, NEIGHBOUR_SHARE = 0.05, 0.02
LEAST_STARS = 200
#: Least distance of the discs in [Mg/Fe], in units of the root mean square of their standard deviations: what parts two
#: crowds clearly (Ashman, Bird & Zepf 1994, AJ 108, 2348). One crowd that happens to be cut in two has half as much.
LEAST_SEPARATION = 2.0
#: Stars with errors beyond this multiple of the median error are left out.
LARGEST_ERROR = 3.0
#: Share of stars outside both discs in A&A 672, A46, section 5.4.
PUBLISHED_NOISE = 0.35
COLUMNS = ["spectrum_id", "source_id", "set", "disc", *AXES, "feh_err", "mg_fe_err", "population"]


def find_discs(sample: pd.DataFrame, min_snr: float) -> tuple[pd.DataFrame, dict]:
    """Find the thin and the thick disc by HDBSCAN (Campello et al. 2013), as A&A 672, A46, section 5.4.

    Two sets are tried: ``high``, test stars and inner stars with S/N of at least ``min_snr``, without doubtful labels;
    and ``low``, inner stars with less and all outer ones. Where nothing was screened, S/N alone parts them. Members of
    star clusters are in neither, and every star counts once, by its best spectrum. Both axes are divided by the
    median error of their label. The discs are the two largest clusters, the thick one that of the higher mean [Mg/Fe];
    all other stars are noise. Fewer than two clusters, or two that lie closer in [Mg/Fe] than `LEAST_SEPARATION`, are
    no discs.

    Parameters
    ----------
    sample : as `spectrolabe.validate.population_sample.join_manifest` gives it.

    Returns
    -------
    table : spectrum_id, source_id, ``set`` (high, low), ``disc`` (thin, thick; empty: noise), the labels with errors
        (dex), and ``population`` (the truth; empty where unknown).
    numbers : of each set, see `describe_discs`; or ``missing``, a sentence.
    """
    missing = lacking(sample, AXES)
    if missing:
        sentence = f"Discs need predictions of feh and mg_fe; this catalogue has no {' and no '.join(missing)}"
        return pd.DataFrame(columns=COLUMNS), {"missing": sentence}
    screened = bool((sample["screening"] != "").any())
    tables, numbers = [], {"min_snr": min_snr, "screened": screened, "published": {"noise": PUBLISHED_NOISE}}
    for name, rows in choose_sets(sample, min_snr).items():
        clusters, settings = find_clusters(rows)
        stars = rows.reindex(columns=COLUMNS).assign(set=name, disc=name_discs(clusters, rows["mg_fe"]))
        tables.append(stars)
        numbers[name] = settings | {"clusters": int(clusters.max(initial=-1)) + 1} | describe_discs(stars)
    return pd.concat(tables, ignore_index=True), numbers


def choose_sets(sample: pd.DataFrame, min_snr: float) -> dict[str, pd.DataFrame]:
    """Give the stars of the two sets that `find_discs` tells of."""
    field = sample[(sample["cluster"] == "") & sample[AXES].notna().all(axis=1)]
    outer, observed = field["screening"] == "outer", field["part"] == ""
    high = ~outer & (field["snr"] >= min_snr) & (observed | (field["part"] == "test"))
    low = observed & (outer | (field["snr"] < min_snr))
    certain = _without_large_errors(without_flags(field[high], DOUBTFUL))
    return {"high": best_spectra(certain), "low": best_spectra(without_flags(field[low], WORTHLESS))}


def _without_large_errors(rows):
    errors = rows[[f"{axis}_err" for axis in AXES]]
    # Not "small enough": an unknown error is not a large one.
    return rows[~(errors > LARGEST_ERROR * errors.median()).any(axis=1)]


def find_clusters(rows: pd.DataFrame) -> tuple[np.ndarray, dict]:
    """Number the clusters of stars from 0, -1 for noise, and give the settings that found them."""
    from sklearn.cluster import HDBSCAN

    errors = rows[[f"{axis}_err" for axis in AXES]].median().to_numpy(float)
    scale = errors if (errors > 0).all() else np.ones(len(AXES))
    settings = {
        "scale": dict(zip(AXES, scale.tolist(), strict=True)),
        "min_cluster_size": max(round(CLUSTER_SHARE * len(rows)), 10),
        "min_samples": max(round(NEIGHBOUR_SHARE * len(rows)), 5),
    }
    if len(rows) < LEAST_STARS:
        return np.full(len(rows), -1), settings
    sizes = {name: settings[name] for name in ("min_cluster_size", "min_samples")}
    return HDBSCAN(**sizes, copy=True).fit(rows[AXES].to_numpy(float) / scale).labels_, settings


def name_discs(clusters: np.ndarray, magnesium: pd.Series) -> np.ndarray:
    """Call the two largest clusters thin and thick, by their mean [Mg/Fe], where they are apart in it."""
    names = np.full(len(clusters), "", dtype=object)
    numbers, sizes = np.unique(clusters[clusters >= 0], return_counts=True)
    if len(numbers) >= 2:
        largest = numbers[np.argsort(-sizes, kind="stable")[:2]]
        members = [clusters == number for number in largest]
        members.sort(key=lambda chosen: magnesium.to_numpy()[chosen].mean())
        if separate(*(magnesium.to_numpy()[chosen] for chosen in members)) > LEAST_SEPARATION:
            for name, chosen in zip(DISCS, members, strict=True):
                names[chosen] = name
    return names


def separate(low: np.ndarray, high: np.ndarray) -> float:
    """Give how far apart two groups of values are: difference of means over root mean square standard deviation."""
    return float((high.mean() - low.mean()) / np.sqrt((low.var() + high.var()) / 2))


def describe_discs(stars: pd.DataFrame) -> dict:
    """Count the stars of each disc, and compare them with the truth where it is known.

    Returns
    -------
    ``stars``, ``found`` (whether there are two discs), ``noise`` (share of the stars in neither; None without stars),
    of each disc its stars and mean labels, and where populations are known ``purity`` (share of the assigned stars
    that are in their own disc; per disc, and ``all``) and ``completeness`` (share of a disc's stars that are assigned
    to it).
    """
    noise = known((stars["disc"] == "").mean()) if len(stars) else None
    numbers = {"stars": len(stars), "found": bool((stars["disc"] != "").any()), "noise": noise}
    for disc in DISCS:
        members = stars[stars["disc"] == disc]
        numbers[disc] = {"stars": len(members)} | {axis: known(members[axis].mean()) for axis in AXES}
    labelled = stars[stars["population"].fillna("") != ""]
    if len(labelled):
        assigned = labelled[labelled["disc"] != ""]
        right = assigned["disc"] == assigned["population"]
        numbers["purity"] = {"all": known(right.mean())}
        numbers["purity"] |= {disc: known(right[assigned["disc"] == disc].mean()) for disc in DISCS}
        within = {disc: labelled.loc[labelled["population"] == disc, "disc"] == disc for disc in DISCS}
        numbers["completeness"] = {disc: known(found.mean()) for disc, found in within.items()}
    return numbers
