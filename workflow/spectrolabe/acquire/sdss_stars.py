"""Stars as SDSS and SEGUE observed them: dwarfs of both discs, turn-off and giant stars of the halo, and hot stars."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import astropy.units as u
import numpy as np
import pandas as pd
from astropy.coordinates import Galactic, SkyCoord

from spectrolabe.acquire.populations import name_star, reflect
from spectrolabe.acquire.stellar_tracks import SUN_LOGG, SUN_TEFF, track_mass, track_point
from spectrolabe.spectra.randomness import RowGenerators, derive_seed


@dataclass(frozen=True)
class Population:
    """A population: its share of the stars, and the shares of its dwarfs, giants, horizontal branch and hot stars.

    [Fe/H] and ages (Gyr; all also lowest and highest) as mean and scatter, the line [alpha/Fe] = at + slope [Fe/H],
    the lag behind the Sun's rotation and the scatter of line-of-sight velocities (km/s).
    """

    share: float
    kinds: tuple[float, float, float, float]
    feh: tuple[float, float]
    alpha_at: float
    alpha_slope: float
    age: tuple[float, float]
    ages: tuple[float, float]
    lag: float
    dispersion: float


POPULATIONS = {
    "thin": Population(0.34, (0.80, 0.10, 0.00, 0.10), (-0.18, 0.22), 0.04, -0.15, (5.0, 2.5), (1.0, 11.0), 15, 35),
    "thick": Population(0.30, (0.82, 0.16, 0.00, 0.02), (-0.60, 0.25), 0.18, -0.13, (10.0, 1.2), (7.0, 13.0), 50, 60),
    "halo": Population(0.36, (0.62, 0.23, 0.10, 0.05), (-1.55, 0.45), 0.32, -0.02, (12.0, 0.7), (10.0, 13.5), 210, 120),
}
KINDS = ("dwarf", "giant", "horizontal", "hot")
ALPHA_SCATTER = 0.045
#: Scatter about the tracks: of Teff (as a share of it), of log g of dwarfs and of all others.
TEFF_SCATTER, LOGG_SCATTER, GIANT_SCATTER = 0.01, 0.06, 0.12
#: Hot stars (K), and how far their log g falls from that on the zero-age main sequence.
HOT_TEFF, HOT_LOGG, HOT_FALL = (6800.0, 9600.0), 4.35, 0.65
#: Horizontal branch: Teff (K), luminosity (log10, solar) and mass (solar).
HORIZONTAL_TEFF, HORIZONTAL_LIGHT, HORIZONTAL_MASS = (5300.0, 9600.0), 1.70, 0.65
#: Stars grow in number by this many dex per magnitude.
RISE = 0.15
#: Most reddening E(B-V) (mag); most stars have little.
MOST_REDDENING = 0.15
#: Fastest star (km/s).
FASTEST = 500.0
#: Galactic latitude (degrees) from which on the survey looks, and the declination that it looks down to.
LEAST_LATITUDE, SOUTHERNMOST = 30.0, -15.0


def draw_stars(
    numbers: Sequence[int],
    seed: int,
    limits: Mapping[str, Sequence[float]],
    magnitudes: Sequence[float],
) -> pd.DataFrame:
    """Draw the true labels of stars; each depends on the seed and its own number alone.

    Parameters
    ----------
    numbers : of the stars.
    seed : of the survey.
    limits : label -> (lowest, highest) of teff (K), logg, feh and alpha_fe (dex).
    magnitudes : brightest and faintest g (AB mag).

    Returns
    -------
    One row per star: ``star`` (its name), ``number``, ``population``, ``kind`` (see `KINDS`), teff (K), logg, feh,
    alpha_fe (dex), age (Gyr), mass (solar), g (mag), ebv (mag), ra, dec (degrees) and rv (km/s, heliocentric).
    """
    names = [name_star(number) for number in numbers]
    rng = RowGenerators(derive_seed(seed, "labels"), names)
    shares = np.array([population.share for population in POPULATIONS.values()])
    chosen = np.searchsorted(np.cumsum(shares)[:-1], rng.uniform(0, 1), side="right")
    stars = pd.DataFrame({"star": names, "number": np.asarray(numbers), "population": np.array([*POPULATIONS])[chosen]})
    stars["kind"] = _draw_kinds(stars["population"], rng.uniform(0, 1))
    stars = stars.assign(**draw_chemistry(stars["population"], rng.normal(3)))
    stars = stars.assign(**_place_on_tracks(stars, rng))
    for label, (low, high) in limits.items():
        stars[label] = reflect(stars[label], low, high)
    stars["mass"] = _find_masses(stars)
    low, high = magnitudes
    stars["g"] = low + np.log10(1 + rng.uniform(0, 1) * (10 ** (RISE * (high - low)) - 1)) / RISE
    stars["ebv"] = MOST_REDDENING * rng.uniform(0, 1) ** 2
    return stars.assign(**_place_in_the_sky(stars["population"], rng))


def _law(population, name):
    return population.map({key: getattr(value, name) for key, value in POPULATIONS.items()}).to_numpy()


def _draw_kinds(population, draws):
    bounds = np.cumsum([*_law(population, "kinds")], axis=1)[:, :-1]
    return np.array(KINDS)[(draws[:, None] >= bounds).sum(axis=1)]


def draw_chemistry(population: pd.Series, spreads: np.ndarray) -> dict[str, np.ndarray]:
    """Give ``feh``, ``alpha_fe`` (dex) and ``age`` (Gyr) of stars by their population's laws.

    Parameters
    ----------
    population : keys of `POPULATIONS`, shape (n_stars,).
    spreads : standard normal numbers, shape (n_stars, 3).
    """
    feh, age, ages = (np.array([*_law(population, name)]) for name in ("feh", "age", "ages"))
    metals = feh[:, 0] + feh[:, 1] * spreads[:, 0]
    alpha = _law(population, "alpha_at") + _law(population, "alpha_slope") * metals + ALPHA_SCATTER * spreads[:, 1]
    return {"feh": metals, "alpha_fe": alpha, "age": np.clip(age[:, 0] + age[:, 1] * spreads[:, 2], *ages.T)}


def _place_on_tracks(stars, rng):
    """Give Teff and log g: along the tracks at an age and [Fe/H], or where no track is, by the kind's own law."""
    along, across = rng.uniform(0, 1), rng.uniform(0, 1)
    spreads, kind = rng.normal(2), stars["kind"].to_numpy()
    stage = np.where(kind == "giant", 8 + 5.6 * along**1.2, 7.0 * along**0.6)
    teff, logg = track_point(stage, stars["feh"].to_numpy(), stars["age"].to_numpy())
    # Of hot stars the coolest are the most common.
    hot = HOT_TEFF[0] + (HOT_TEFF[1] - HOT_TEFF[0]) * along**1.5
    horizontal = HORIZONTAL_TEFF[0] + (HORIZONTAL_TEFF[1] - HORIZONTAL_TEFF[0]) * along
    branch = SUN_LOGG + np.log10(HORIZONTAL_MASS) + 4 * np.log10(horizontal / SUN_TEFF) - HORIZONTAL_LIGHT
    teff = np.select([kind == "hot", kind == "horizontal"], [hot, horizontal], teff)
    logg = np.select([kind == "hot", kind == "horizontal"], [HOT_LOGG - HOT_FALL * across, branch], logg)
    scatter = np.where(np.isin(kind, ("dwarf", "hot")), LOGG_SCATTER, GIANT_SCATTER)
    return {"teff": teff * (1 + TEFF_SCATTER * spreads[:, 0]), "logg": logg + scatter * spreads[:, 1]}


def _find_masses(stars):
    hot = 1.1 + (stars["teff"] - HOT_TEFF[0]) / 2500
    kinds = [stars["kind"] == "horizontal", stars["kind"] == "hot"]
    return np.select(kinds, [HORIZONTAL_MASS, hot], track_mass(stars))


def _place_in_the_sky(population, rng):
    """Draw places away from the plane, and velocities: the population lags behind the Sun by its own amount."""
    longitude, height, side = 360 * rng.uniform(0, 1), rng.uniform(0, 1), rng.uniform(0, 1)
    least = np.sin(np.radians(LEAST_LATITUDE))
    latitude = np.degrees(np.arcsin(least + (1 - least) * height)) * np.where(side < 0.75, 1, -1)
    south = _to_sky(longitude, latitude).dec.deg < SOUTHERNMOST
    longitude, latitude = np.where(south, longitude + 180, longitude) % 360, np.where(south, -latitude, latitude)
    sky = _to_sky(longitude, latitude)
    ahead = np.sin(np.radians(longitude)) * np.cos(np.radians(latitude))
    rv = _law(population, "dispersion") * rng.normal(1)[:, 0] - _law(population, "lag") * ahead
    places = {"ra": sky.ra.deg.round(6), "dec": sky.dec.deg.round(6)}
    return places | {"rv": np.clip(rv, -FASTEST, FASTEST).round(3)}


def _to_sky(longitude, latitude):
    return SkyCoord(Galactic(longitude * u.deg, latitude * u.deg)).icrs
