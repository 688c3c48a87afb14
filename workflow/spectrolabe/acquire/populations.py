"""Stars of a simulated survey: two discs, globular clusters and benchmark stars, whose labels are known exactly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from spectrolabe.acquire.stellar_tracks import draw_stages, track_mass, track_point
from spectrolabe.spectra.randomness import RowGenerators, derive_seed

#: Benchmark stars stand at every so many numbers of stars, the first at this one, whatever the number of stars.
BENCHMARK_SPACING, BENCHMARK_FIRST = 25, 7
#: d[Mg/Fe] / d[Al/Fe] within a globular cluster, and [Mg/Fe] at [Al/Fe] = 0.
MG_AL_SLOPE, MG_AL_START = -0.35, 0.48
#: A side of the limits counts as open where the grid reaches beyond it by at least this share of their span.
LEAST_ROOM = 0.03


@dataclass(frozen=True)
class Disc:
    """A disc's chemistry: [Fe/H] (mean, scatter), the line [Mg/Fe] = at + slope [Fe/H], and ages (Gyr)."""

    feh: tuple[float, float]
    mg_at: float
    mg_slope: float
    age: tuple[float, float]
    ages: tuple[float, float]


#: Sequences apart by 0.2 dex at [Fe/H] = -0.4 with a scatter of 0.03.
DISCS = {
    "thin": Disc((-0.08, 0.20), 0.03, -0.12, (7.5, 2.8), (0.8, 12.5)),
    "thick": Disc((-0.50, 0.22), 0.26, -0.10, (10.3, 1.2), (7.0, 13.0)),
}
MG_SCATTER, AL_SCATTER = 0.03, 0.07


@dataclass(frozen=True)
class Cluster:
    """A globular cluster: [Fe/H], its place (degrees, kpc) and motion (km/s, mas/yr)."""

    feh: float
    ra: float
    dec: float
    distance: float
    rv: float
    pmra: float
    pmdec: float


#: [Fe/H] as Gaia-ESO has it for its GIRAFFE stars; places and motions of Vasiliev & Baumgardt (2021, MNRAS 505, 5978).
CLUSTERS = {
    "NGC 1851": Cluster(-0.92, 78.528, -40.047, 11.95, 321.4, 2.145, -0.650),
    "NGC 362": Cluster(-1.05, 15.809, -70.849, 8.83, 223.1, 6.694, -2.535),
    "NGC 2808": Cluster(-1.10, 138.013, -64.863, 10.06, 103.6, 0.994, 0.273),
    "NGC 6218": Cluster(-1.22, 251.809, -1.949, 5.11, -41.7, -0.191, -6.802),
    "NGC 6752": Cluster(-1.40, 287.717, -59.985, 4.13, -26.3, -3.161, -4.027),
}


def name_star(number: int) -> str:
    """Give the name of a simulated star."""
    return f"star-{number:06d}"


def draw_stars(
    numbers: Sequence[int],
    seed: int,
    shares: Mapping[str, float],
    benchmarks: pd.DataFrame,
    limits: Mapping[str, Sequence[float]],
) -> pd.DataFrame:
    """Draw the true labels of stars; each depends on the seed and its own number alone.

    Parameters
    ----------
    numbers : of the stars.
    seed : of the survey.
    shares : relative numbers of ``thin``, ``thick`` and ``clusters`` stars.
    benchmarks : as `spectrolabe.acquire.reference_stars.read_benchmarks` gives them, those that the grid covers.
    limits : label -> (lowest, highest) of all but the benchmark stars.

    Returns
    -------
    One row per star: ``star`` (its name), ``population`` ("thin", "thick" or a cluster's name), ``cluster`` and
    ``benchmark`` (a name or ""), teff (K), logg, feh, mg_fe, al_fe (dex), vsini (km/s), age (Gyr), mass (solar).
    """
    names = [name_star(number) for number in numbers]
    rng = RowGenerators(derive_seed(seed, "labels"), names)
    stars = pd.DataFrame({"star": names, "population": _draw_populations(rng, shares), "benchmark": ""})
    clustered = stars["population"].isin(CLUSTERS)
    stars["cluster"] = stars["population"].where(clustered, "")
    stars = stars.assign(**_draw_chemistry(rng, stars["population"]))
    stage = draw_stages(rng, giants=clustered.to_numpy())
    stars["teff"], stars["logg"] = track_point(stage, stars["feh"].to_numpy(), stars["age"].to_numpy())
    for label, (low, high) in limits.items():
        stars[label] = reflect(stars[label], low, high)
    stars["vsini"] = _draw_rotation(rng, stars["teff"])
    stars = _place_benchmarks(stars, np.asarray(numbers), benchmarks)
    return stars.assign(mass=track_mass(stars))


def _draw_populations(rng, shares):
    chosen = np.searchsorted(np.cumsum([shares["thin"], shares["thick"]]) / sum(shares.values()), rng.uniform(0, 1))
    cluster = np.array(list(CLUSTERS))[np.floor(rng.uniform(0, len(CLUSTERS))).astype(int)]
    return np.where(chosen == 2, cluster, np.array(["thin", "thick", ""])[chosen])


def _draw_chemistry(rng, population):
    feh_spread, mg_spread, al_spread, age_spread = rng.normal(4).T
    # One star in twenty is drawn from a distribution twice as wide.
    feh_spread = feh_spread * np.where(rng.uniform(0, 1) < 0.05, 2, 1)
    enriched = rng.uniform(0.0, 0.95)
    columns = {name: np.empty(len(population)) for name in ("feh", "mg_fe", "al_fe", "age")}
    for name in population.unique():
        rows = (population == name).to_numpy()
        if name in CLUSTERS:
            feh, age = CLUSTERS[name].feh + 0.03 * feh_spread, 12 + 0.5 * age_spread
            al = enriched
            mg = MG_AL_START + MG_AL_SLOPE * al + 0.02 * mg_spread
        else:
            disc = DISCS[name]
            feh = disc.feh[0] + disc.feh[1] * feh_spread
            mg = disc.mg_at + disc.mg_slope * feh + MG_SCATTER * mg_spread
            al = 0.02 + 0.7 * mg + AL_SCATTER * al_spread
            age = np.clip(disc.age[0] + disc.age[1] * age_spread, *disc.ages)
        for column, values in zip(columns.values(), (feh, mg, al, age), strict=True):
            column[rows] = values[rows]
    return columns


def reflect(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Bring values that are slightly beyond a limit back, as far inside as they were outside."""
    return np.clip(high - abs(high - (low + abs(values - low))), low, high)


def _draw_rotation(rng, teff):
    median = np.where(teff > 6200, 9.0, 4.0)
    return np.clip(median * np.exp(0.7 * rng.normal(1)[:, 0]), 0.5, 90)


def _place_benchmarks(stars, numbers, benchmarks):
    position = (numbers - BENCHMARK_FIRST) // BENCHMARK_SPACING
    found = ((numbers - BENCHMARK_FIRST) % BENCHMARK_SPACING == 0) & (position >= 0) & (position < len(benchmarks))
    stars = stars.copy()
    for row, place in zip(np.flatnonzero(found), position[found], strict=True):
        star = benchmarks.iloc[place]
        known = star[["teff", "logg", "feh", "vsini"]].dropna().to_dict()
        thick = star["alpha_fe"] > 0.2 if np.isfinite(star["alpha_fe"]) else star["feh"] < -0.5
        disc = DISCS["thick" if thick else "thin"]
        law = disc.mg_at + disc.mg_slope * star["feh"]
        mg = star["alpha_fe"] if np.isfinite(star["alpha_fe"]) else law
        names = {"benchmark": star["name"], "population": "thick" if thick else "thin", "cluster": ""}
        values = known | names | {"mg_fe": mg, "al_fe": 0.02 + 0.7 * mg, "age": disc.age[0]}
        stars.loc[stars.index[row], list(values)] = list(values.values())
    return stars


def check_limits(limits: Mapping[str, Sequence[float]], edges: Mapping[str, Sequence[float]]) -> None:
    """Refuse limits of labels that a grid lacks, or beyond its edges (label -> (lowest, highest)): a ValueError."""
    missing = [name for name in limits if name not in edges]
    if missing:
        raise ValueError(f"simulate.grid: expected a grid with the label {missing[0]}, found {', '.join(edges)}")
    for name, (low, high) in limits.items():
        if low < edges[name][0] or high > edges[name][1]:
            found = f"{low:g} to {high:g}"
            raise ValueError(
                f"simulate.limits.{name}: expected a range within the grid's, "
                f"{edges[name][0]:g} to {edges[name][1]:g}, found {found}"
            )


def push_outside(
    labels: pd.DataFrame, draws: np.ndarray, limits: Mapping[str, Sequence[float]], edges: Mapping[str, Sequence[float]]
) -> pd.DataFrame:
    """Give stars one label each beyond the limits, as far as the grid's edges allow.

    Parameters
    ----------
    labels : true labels, one row per star.
    draws : uniform numbers (0 to 1), shape (n_stars, 2): which side of which label, and how far beyond.
    limits : label -> (lowest, highest) of the other stars.
    edges : label -> (lowest, highest) of the grid.
    """
    sides = list_open_sides(limits, edges)
    if not sides:
        raise ValueError("expected a grid that reaches beyond the limits, since stars outside them are asked for")
    labels = labels.copy()
    for row, (choice, depth) in zip(labels.index, draws, strict=True):
        name, limit, edge = sides[min(int(choice * len(sides)), len(sides) - 1)]
        labels.loc[row, name] = limit + depth * (edge - limit)
        # No models are both hot and large.
        if name == "teff" and edge > limit:
            labels.loc[row, "logg"] = max(labels.loc[row, "logg"], 4.0)
        if name == "logg" and edge < limit:
            labels.loc[row, "teff"] = limits["teff"][0] + (labels.loc[row, "teff"] - limits["teff"][0]) / 4
    return labels


def list_open_sides(limits: Mapping[str, Sequence[float]], edges: Mapping[str, Sequence[float]]) -> list[tuple]:
    """List where a grid reaches beyond the limits: (label, limit, edge)."""
    sides = [(name, limits[name][side], edges[name][side]) for name in limits for side in (0, 1)]
    outward = {name: (-1, 1) for name in limits}
    room = [(edge - limit) * outward[name][i % 2] for i, (name, limit, edge) in enumerate(sides)]
    span = [limits[name][1] - limits[name][0] for name, _, _ in sides]
    return [side for side, space, width in zip(sides, room, span, strict=True) if space >= LEAST_ROOM * width]
