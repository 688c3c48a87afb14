"""The Mg-Al anti-correlation in star clusters: its slope as predicted, as the survey has it, and in truth."""

import numpy as np
import pandas as pd

from spectrolabe.validate.population_sample import (
    KNOWN_PARTS,
    WORTHLESS,
    best_spectra,
    known,
    lacking,
    without_flags,
)

LABELS = ["feh", "mg_fe", "al_fe"]
#: Values -> what follows a label's name in their columns, and in those of their errors.
SOURCES = {"predicted": ("", "_err"), "survey": ("_survey", "_survey_err"), "true": ("_true", None)}
#: Below this number of stars a cluster's slope says nothing.
LEAST_STARS = 8
#: [Fe/H] from which slopes are to be right, and by how much of the truth.
METAL_POOR, TOLERANCE = -1.2, 0.2


def compare_clusters(sample: pd.DataFrame) -> tuple[pd.DataFrame, dict]:
    """Give the slope of [Al/Fe] against [Mg/Fe] in every star cluster, as predicted, of the survey, and in truth.

    Every star counts once, by its best spectrum; unreadable spectra are left out.

    Parameters
    ----------
    sample : as `spectrolabe.validate.population_sample.join_manifest` gives it; members are named in ``cluster``.

    Returns
    -------
    table : spectrum_id, source_id, ``cluster`` (empty: field), ``part``, and the labels of `LABELS` with their errors,
        the survey's and the true ones.
    numbers : ``clusters``, from metal-rich to metal-poor, see `describe_cluster`, and ``right``, see `count_right`; or
        ``missing``, a sentence.
    """
    names = ["spectrum_id", "source_id", "cluster", "part"]
    names += [f"{label}{part}" for label in LABELS for part in ("", "_err", "_survey", "_survey_err", "_true")]
    missing = lacking(sample, LABELS)
    if missing:
        sentence = f"Clusters need predictions of {', '.join(LABELS)}; this catalogue has no {', '.join(missing)}"
        return pd.DataFrame(columns=names), {"missing": sentence}
    stars = best_spectra(without_flags(sample, WORTHLESS)).reindex(columns=names).reset_index(drop=True)
    members = stars[stars["cluster"] != ""]
    if members.empty:
        return stars, {"missing": "No star of this survey is named a member of a star cluster", "clusters": []}
    literature = sample.groupby("cluster")["cluster_feh"].first() if "cluster_feh" in sample else {}
    clusters = [describe_cluster(name, rows, literature) for name, rows in members.groupby("cluster")]
    clusters.sort(key=lambda cluster: -np.inf if cluster["feh"] is None else cluster["feh"], reverse=True)
    return stars, {
        "clusters": clusters, "metal_poor": METAL_POOR, "tolerance": TOLERANCE, "right": count_right(clusters)
    }  # fmt: skip


def describe_cluster(name: str, members: pd.DataFrame, literature) -> dict:
    """Give a cluster's slopes by all members, and by ``unseen`` ones, which no network was fitted to or chosen by.

    Returns
    -------
    ``cluster``, ``feh`` (of the literature, else the median of the true, the survey's or the predicted values), and of
    ``all`` and ``unseen`` the number of ``stars``; ``slopes`` and ``slope_errs`` (predicted, survey, true; None where
    unknown); ``attenuation`` (predicted over true slope) and ``spread`` (predicted over true standard deviation, per
    label), each against the truth or, where that is unknown, the survey's labels.
    """
    medians = [members[f"feh{part}"].median() for part in ("_true", "_survey", "")]
    given = float(literature[name]) if name in literature else np.nan
    feh = next((value for value in (given, *medians) if np.isfinite(value)), np.nan)
    unseen = members[~members["part"].isin(KNOWN_PARTS)]
    return {"cluster": name, "feh": known(feh), "all": _describe(members), "unseen": _describe(unseen)}


def count_right(clusters: list[dict]) -> dict:
    """Count the ``clusters`` from `METAL_POOR` on with a known true slope, and those ``within`` `TOLERANCE` of it.

    Slopes are those of members that are unseen in training, or of all where too few are.
    """
    chosen = [one for one in clusters if one["feh"] is not None and one["feh"] >= METAL_POOR]
    found = [one["unseen"] if one["unseen"]["attenuation"] is not None else one["all"] for one in chosen]
    ratios = [one["attenuation"] for one in found if one["reference"] == "true" and one["attenuation"] is not None]
    return {"clusters": len(ratios), "within": sum(abs(ratio - 1) <= TOLERANCE for ratio in ratios)}


def _describe(members):
    predicted = members[[f"{label}_err" for label in LABELS[1:]]]
    fits = {source: _fit(members, *suffixes, predicted) for source, suffixes in SOURCES.items()}
    slopes, errors = ({source: known(fit[part]) for source, fit in fits.items()} for part in (0, 1))
    reference = "true" if slopes["true"] is not None else "survey"
    both = slopes["predicted"] is not None and slopes[reference] is not None
    suffix = SOURCES[reference][0]
    spread = {
        label: known(members[label].std() / members[f"{label}{suffix}"].std())
        for label in LABELS[1:]
        if members[f"{label}{suffix}"].std() > 0
    }
    attenuation = known(slopes["predicted"] / slopes[reference]) if both else None
    numbers = {"stars": len(members), "slopes": slopes, "slope_errs": errors, "reference": reference}
    return numbers | {"attenuation": attenuation, "spread": spread}


def _fit(members, suffix, error_suffix, predicted):
    """Fit the slope of one source of values; true ones, without errors, with the ratio of the predicted errors."""
    points = members[[f"mg_fe{suffix}", f"al_fe{suffix}"]].to_numpy(float)
    errors = members[[f"{label}{error_suffix}" for label in LABELS[1:]]] if error_suffix else predicted
    variances = (errors.astype(float) ** 2).mean().to_numpy()
    ratio = variances[1] / variances[0] if (variances > 0).all() else 1.0
    points = points[np.isfinite(points).all(axis=1)]
    return fit_slope(*points.T, ratio) if len(points) >= LEAST_STARS else (np.nan, np.nan)


def fit_slope(x: np.ndarray, y: np.ndarray, ratio: float) -> tuple[float, float]:
    """Give the slope of a straight line through points with errors on both axes, and its error by the jackknife.

    Deming's regression: ``ratio`` is the variance of the errors of ``y`` over that of ``x``, so that 1 is orthogonal
    regression. NaN where x and y do not vary together.
    """
    whole = _deming(x, y, ratio)
    each = np.array([_deming(np.delete(x, i), np.delete(y, i), ratio) for i in range(len(x))])
    count = len(x)
    return whole, float(np.sqrt((count - 1) / count * ((each - each.mean()) ** 2).sum()))


def _deming(x, y, ratio):
    (xx, xy), (_, yy) = np.cov(x, y)
    difference = yy - ratio * xx
    return float((difference + np.sqrt(difference**2 + 4 * ratio * xy**2)) / (2 * xy)) if xy else np.nan
