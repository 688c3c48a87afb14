"""Stars of a survey of bright FGK dwarfs: its dwarfs, its candidate giants, and the stars that calibrate it."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from spectrolabe.acquire.populations import name_star, reflect
from spectrolabe.acquire.sdss_stars import GIANT_SCATTER, LOGG_SCATTER, TEFF_SCATTER, draw_chemistry
from spectrolabe.acquire.stellar_tracks import track_point
from spectrolabe.spectra.randomness import RowGenerators, derive_seed

#: Role -> shares of dwarfs, subgiants and giants.
ROLES = {"calibrator": (1.0, 0.0, 0.0), "candidate": (0.20, 0.20, 0.60), "survey": (1.0, 0.0, 0.0)}
#: Kind -> first and last stage of its track (see `stellar_tracks.STAGE_LOGG`); stars are drawn towards the first one
#: where the power of a uniform number is above 1. By the limits of Ciardi et al. (2011, AJ 141, 108) dwarfs are dwarfs
#: and subgiants are not, but for the scatter about the tracks.
KINDS = {"dwarf": (1.0, 6.8, 1.0), "subgiant": (7.5, 8.5, 1.0), "giant": (8.5, 12.8, 1.2)}
#: Teff of dwarfs (K).
DWARF_TEFF = (4500.0, 6700.0)
THICK_SHARE = 0.25
VSINI = (1.0, 8.0)
#: Scatter of the velocities of both discs, and the fastest star (km/s).
DISPERSIONS, FASTEST = {"thin": 30.0, "thick": 50.0}, 100.0
#: Declinations that the survey looks at (degrees).
DECLINATIONS = (-10.0, 80.0)


def draw_stars(
    numbers: Sequence[int], seed: int, limits: Mapping[str, Sequence[float]], candidates: int, calibrators: int
) -> pd.DataFrame:
    """Draw the true labels of stars; each depends on the seed and its own number alone.

    Parameters
    ----------
    numbers : of the stars: first the calibrators', then the candidates', then those of the survey's dwarfs.
    seed : of the survey.
    limits : label -> (lowest, highest) of teff (K), logg, feh and alpha_fe (dex); stars beyond are mirrored inside.
    candidates, calibrators : how many there are.

    Returns
    -------
    One row per star: ``star`` (its name), ``role`` (a key of `ROLES`), ``population`` ("thin" or "thick"), ``kind`` (a
    key of `KINDS`, the part of the track that it was drawn on), teff (K), logg, feh, alpha_fe (dex), age (Gyr), vsini,
    rv (km/s), ra and dec (degrees).
    """
    names, order = [name_star(number) for number in numbers], np.asarray(numbers)
    rng = RowGenerators(derive_seed(seed, "labels"), names)
    ends = np.cumsum([calibrators, candidates])
    stars = pd.DataFrame({"star": names, "role": np.array([*ROLES])[np.searchsorted(ends, order, side="right")]})
    stars["population"] = np.where(rng.uniform(0, 1) < THICK_SHARE, "thick", "thin")
    stars["kind"] = _draw_kinds(stars["role"], rng.uniform(0, 1))
    stars = stars.assign(**draw_chemistry(stars["population"], rng.normal(3)))
    for label in ("feh", "alpha_fe"):
        stars[label] = reflect(stars[label], *limits[label])
    stars = stars.assign(**_place_on_tracks(stars, rng, limits))
    rv = stars["population"].map(DISPERSIONS).to_numpy() * rng.normal(1)[:, 0]
    height = np.sin(np.radians(DECLINATIONS))
    dec = np.degrees(np.arcsin(height[0] + np.ptp(height) * rng.uniform(0, 1)))
    places = {"ra": rng.uniform(0, 360).round(6), "dec": dec.round(6)}
    return stars.assign(vsini=rng.uniform(*VSINI), rv=reflect(rv, -FASTEST, FASTEST).round(3), **places)


def _draw_kinds(roles, draws):
    bounds = np.cumsum([ROLES[role] for role in roles], axis=1)[:, :-1]
    return np.array([*KINDS])[(draws[:, None] >= bounds).sum(axis=1)]


def _place_on_tracks(stars, rng, limits):
    first, last, power = np.array([KINDS[kind] for kind in stars["kind"]]).T
    stage = first + (last - first) * rng.uniform(0, 1) ** power
    teff, logg = track_point(stage, stars["feh"].to_numpy(), stars["age"].to_numpy())
    spreads, dwarf = rng.normal(2), (stars["kind"] == "dwarf").to_numpy()
    teff = teff * (1 + TEFF_SCATTER * spreads[:, 0])
    logg = logg + np.where(dwarf, LOGG_SCATTER, GIANT_SCATTER) * spreads[:, 1]
    low, high = limits["teff"]
    bounds = zip(DWARF_TEFF, (low, high), strict=True)
    coolest, hottest = (np.where(dwarf, np.clip(own, low, high), limit) for own, limit in bounds)
    return {"teff": reflect(teff, coolest, hottest), "logg": reflect(logg, *limits["logg"])}
