"""Ages of turn-off stars in the discs, by a Bayesian match with the isochrones that a user gives."""

import numpy as np
import pandas as pd

from spectrolabe.validate.discs import DISCS
from spectrolabe.validate.population_sample import known, lacking, near_enough

#: Where the turn-off and the subgiants lie in the Kiel diagram (K, dex): elsewhere isochrones of all ages meet.
TURN_OFF = {"teff": (5300.0, 7000.0), "logg": (3.6, 4.3)}
#: How far beyond it isochrones are compared (K, dex).
BORDER = {"teff": 800.0, "logg": 0.6}
LABELS = ["teff", "logg", "feh"]
BANDS = ["j", "h", "k"]
LARGEST_PARALLAX_ERROR = 0.2
#: The oldest and youngest ages that are compared (Gyr), and the distance of metallicities that isochrones are
#: interpolated to (dex).
OLDEST, YOUNGEST, METALLICITY_STEP = 13.8, 0.2, 0.05
#: Stars number as this power of their mass (Salpeter 1955).
MASS_FUNCTION = -2.35
#: Metallicities farther off than this many errors are not compared; a star farther from all points has no age.
REACH, FARTHEST = 5.0, 5.0
#: Mean ages (Gyr) in A&A 672, A46, section 5.4.
PUBLISHED = {"thin": 8.7, "thick": 9.7}
COLUMNS = ["spectrum_id", "source_id", "disc", "teff", "logg", "feh", "age", "age_err", "age_true"]


def date_stars(discs: pd.DataFrame, sample: pd.DataFrame, isochrones: pd.DataFrame | None) -> tuple[pd.DataFrame, dict]:
    """Give the ages of the discs' turn-off stars, after the way of UniDAM (Mints & Hekker 2017, A&A 604, A108).

    Each star is compared with all points of the isochrones in Teff, log g and [Fe/H], and in J, H and K where the
    isochrones have them and the star has them and a parallax (positive, error below 0.2 of it); interstellar extinction
    is not corrected. Ages are as probable as they are long, masses as stars are born; the age is the mean of what is
    probable then, its error the standard deviation.

    Parameters
    ----------
    discs : as `spectrolabe.validate.discs.find_discs` gives them; stars of the set ``high`` within a disc count.
    sample : the spectra's predicted labels with errors; magnitudes, parallaxes and ``age_true`` where known.
    isochrones : as `spectrolabe.validate.isochrones.read_isochrones` gives them with all columns; None: no ages.

    Returns
    -------
    table : a row per star with labels, ``age``, ``age_err`` and ``age_true`` (Gyr).
    numbers : per disc ``stars``, ``mean`` age with its error ``err``, the median error of a star, ``true`` (mean true
        age where known), and ``published``; or ``missing``, a sentence.
    """
    empty = pd.DataFrame(columns=COLUMNS)
    if isochrones is None:
        return empty, {"missing": "Ages need isochrones: name a file in the recipe’s key isochrones"}
    missing = lacking(sample, LABELS)
    if missing:
        return empty, {"missing": f"Ages need predictions of {', '.join(LABELS)}; this catalogue has no {missing[0]}"}
    stars = choose_turn_off(discs, sample)
    if stars.empty:
        return empty, {"missing": "No star of either disc lies at the turn-off"}
    points = prepare_isochrones(isochrones)
    step = metallicity_step(points)
    found = [date_star(star, points, step) for star in stars.to_dict("records")]
    stars["age"], stars["age_err"] = np.array(found).T
    dated = stars.dropna(subset="age").reset_index(drop=True)
    numbers = {"turn_off": TURN_OFF, "undated": len(stars) - len(dated), "published": PUBLISHED}
    numbers["magnitudes"] = int(has_magnitudes(dated, points).sum())
    return dated[COLUMNS], numbers | {disc: describe_ages(dated[dated["disc"] == disc]) for disc in DISCS}


def choose_turn_off(discs: pd.DataFrame, sample: pd.DataFrame) -> pd.DataFrame:
    """Give the stars of either disc at the turn-off, with all that ages are told from."""
    chosen = discs.loc[(discs["set"] == "high") & (discs["disc"] != ""), ["spectrum_id", "disc"]]
    columns = [f"{label}{part}" for label in LABELS for part in ("", "_err")]
    columns += [f"{band}{part}" for band in BANDS for part in ("", "_err")]
    columns = ["spectrum_id", "source_id", *columns, "parallax", "parallax_err", "age_true"]
    stars = chosen.merge(sample.reindex(columns=columns), on="spectrum_id", validate="one_to_one")
    within = [stars[label].between(*limits) for label, limits in TURN_OFF.items()]
    certain = (stars[[f"{label}_err" for label in LABELS]] > 0).all(axis=1)
    return stars[certain & np.logical_and.reduce(within)].reset_index(drop=True)


def describe_ages(stars: pd.DataFrame) -> dict:
    """Give the mean age of stars with its error (Gyr), beside the mean of true ages where these are known."""
    count = len(stars)
    numbers = {"mean": stars["age"].mean(), "err": stars["age"].std() / np.sqrt(max(count, 1))}
    numbers |= {"median_err": stars["age_err"].median(), "true": stars["age_true"].astype(float).mean()}
    return {"stars": count} | {name: known(value) for name, value in numbers.items()}


def prepare_isochrones(isochrones: pd.DataFrame) -> pd.DataFrame:
    """Give the points near the turn-off, at closer metallicities where phases are known, with a ``weight`` each.

    The weight is the number of stars that a point stands for: the range of masses around it (equal where masses are
    unknown), the mass function, and the range of ages around its own.
    """
    points = isochrones[isochrones["age"].between(YOUNGEST, OLDEST)]
    points = points.assign(weight=_weigh_masses(points) * points["age"].map(_widths(points["age"])))
    for label, (low, high) in TURN_OFF.items():
        points = points[points[label].between(low - BORDER[label], high + BORDER[label])]
    points = interpolate_metallicities(points) if "eep" in points else points
    return points[points["weight"] > 0].sort_values("feh", ignore_index=True)


def _weigh_masses(points):
    if "mass" not in points:
        return 1 / points.groupby(["feh", "age"])["age"].transform("size")
    lines = points.groupby(["feh", "age"])["mass"]
    range_around = lines.transform(lambda mass: np.abs(np.gradient(mass)) if len(mass) > 1 else 0.0)
    return range_around * points["mass"] ** MASS_FUNCTION


def _widths(ages):
    values = np.sort(ages.unique())
    return dict(zip(values, np.gradient(values) if len(values) > 1 else [1.0], strict=True))


def interpolate_metallicities(points: pd.DataFrame) -> pd.DataFrame:
    """Fill the gaps between metallicities, every `METALLICITY_STEP`, along straight lines at the same age and phase.

    Phases that one of two neighbours lacks are left out between them.
    """
    lines = dict(list(points.groupby("feh")))
    parts = list(lines.values())
    for (low, left), (high, right) in zip(list(lines.items())[:-1], list(lines.items())[1:], strict=True):
        pair = left.merge(right, on=["age", "eep"], suffixes=("", "_right"))
        columns = [name for name in points if name not in ("age", "eep")]
        ends = pair[columns].to_numpy(float), pair[[f"{name}_right" for name in columns]].to_numpy(float)
        for share in np.linspace(0, 1, max(round((high - low) / METALLICITY_STEP), 1) + 1)[1:-1]:
            between = pd.DataFrame((1 - share) * ends[0] + share * ends[1], columns=columns)
            parts.append(pair[["age", "eep"]].join(between)[list(points)])
    return pd.concat(parts, ignore_index=True)


def has_magnitudes(stars: pd.DataFrame, points: pd.DataFrame) -> pd.Series:
    """Say of each star whether its magnitudes and its parallax count."""
    bands = stars[[f"{band}{part}" for band in BANDS for part in ("", "_err")]].notna().all(axis=1)
    return bands & near_enough(stars, LARGEST_PARALLAX_ERROR) & set(BANDS).issubset(points)


def metallicity_step(points: pd.DataFrame) -> float:
    """Give the median distance of the metallicities of isochrones (dex); 0 of a single one."""
    values = points["feh"].unique()
    return float(np.median(np.diff(np.sort(values)))) if len(values) > 1 else 0.0


def date_star(star: dict, points: pd.DataFrame, step: float) -> tuple[float, float]:
    """Give the age of one star and its error (Gyr); NaN where it is far from all isochrones.

    Parameters
    ----------
    star : Teff (K), log g and [Fe/H] with their errors, magnitudes and parallax (mas).
    points : as `prepare_isochrones` gives them, sorted by [Fe/H].
    step : distance of their metallicities; a star between two fits neither better than that allows.
    """
    error = np.hypot(star["feh_err"], step / np.sqrt(12))
    first, last = np.searchsorted(points["feh"].to_numpy(), star["feh"] + np.array([-REACH, REACH]) * error)
    near = points.iloc[first:last]
    if near.empty:
        return np.nan, np.nan
    errors = {"teff": star["teff_err"], "logg": star["logg_err"], "feh": error}
    deviation = sum(((near[label].to_numpy() - star[label]) / errors[label]) ** 2 for label in LABELS)
    if has_magnitudes(pd.DataFrame([star]), points).iloc[0]:
        deviation = deviation + _deviate_in_magnitude(star, near)
    if deviation.min() > FARTHEST**2:
        return np.nan, np.nan
    probability = near["weight"].to_numpy() * np.exp(-0.5 * (deviation - deviation.min()))
    probability /= probability.sum()
    age = near["age"].to_numpy()
    mean = float(probability @ age)
    return mean, float(np.sqrt(probability @ (age - mean) ** 2))


def _deviate_in_magnitude(star, near):
    """Squared deviation of the magnitudes; the parallax's error moves all bands together."""
    modulus = 10 - 5 * np.log10(star["parallax"])
    shared = 5 / np.log(10) * star["parallax_err"] / star["parallax"]
    covariance = np.diag([star[f"{band}_err"] ** 2 for band in BANDS]) + shared**2
    difference = near[BANDS].to_numpy() - (np.array([star[band] for band in BANDS]) - modulus)
    return np.einsum("ni,ij,nj->n", difference, np.linalg.inv(covariance), difference)
