"""Eccentricities of stellar orbits, and how they change with [Fe/H] in either disc."""

import contextlib
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from spectrolabe.validate.discs import DISCS
from spectrolabe.validate.population_sample import best_spectra, known, lacking, near_enough

#: Right ascension and declination (degrees), parallax (mas), proper motion (mas/yr, with cos dec), velocity (km/s).
NEEDED = ("ra", "dec", "parallax", "parallax_err", "pmra", "pmdec", "rv")
LARGEST_PARALLAX_ERROR = 0.2
#: The Sun: distance from the centre and height above the plane (kpc), rotation there (km/s), and its own motion towards
#: the centre, in the direction of rotation and to the north (km/s; Schoenrich et al. 2010, MNRAS 403, 1829).
SUN = {"distance": 8.0, "height": 0.0208, "rotation": 220.0, "motion": [11.1, 12.24, 7.25]}
#: Focal distance of the Staeckel potential that stands for the Milky Way, in units of the Sun's distance.
FOCUS = 0.45
#: Orbits that are integrated as a check, for how long (Gyr), and at how many times.
CHECKED, DURATION, TIMES = 50, 5.0, 2001
#: Change of the eccentricity per dex of [Fe/H] in A&A 672, A46, section 5.4.
PUBLISHED = {"thin": 0.02, "thick": -0.26}
COLUMNS = ["spectrum_id", "source_id", "disc", "feh", "feh_err", "eccentricity", "eccentricity_true", "population"]


def measure_orbits(discs: pd.DataFrame, sample: pd.DataFrame) -> tuple[pd.DataFrame, dict]:
    """Give the eccentricities of the discs' stars in the potential MWPotential2014 (Bovy 2015), and their trends.

    Parameters
    ----------
    discs : as `spectrolabe.validate.discs.find_discs` gives them; stars of the set ``high`` within a disc count.
    sample : the spectra with the columns of `NEEDED`; stars need a positive parallax with an error below
        `LARGEST_PARALLAX_ERROR` of it.

    Returns
    -------
    table : a row per star with its ``eccentricity``, and ``eccentricity_true`` where it is known.
    numbers : ``trends`` of the discs (see `fit_trend`), ``check`` (Staeckel approximation against `DURATION` Gyr of
        integration), ``truth`` (trends of the survey's whole populations, where known), the Sun's place and motion; or
        ``missing``, a sentence.
    """
    empty = pd.DataFrame(columns=COLUMNS)
    missing = lacking(sample, NEEDED)
    if missing:
        return empty, {"missing": f"Orbits need the columns {', '.join(NEEDED)}; no star has {', '.join(missing)}"}
    chosen = discs[(discs["set"] == "high") & (discs["disc"] != "")]
    columns = ["spectrum_id", *NEEDED, "eccentricity_true"]
    stars = chosen.merge(sample.reindex(columns=columns), on="spectrum_id", validate="one_to_one")
    stars = stars[near_enough(stars, LARGEST_PARALLAX_ERROR)].dropna(subset=list(NEEDED))
    if stars.empty:
        return empty, {"missing": "No star of either disc has a place, a motion and a good parallax"}
    stars = stars.assign(eccentricity=eccentricities(stars))
    bound = stars.dropna(subset="eccentricity").reset_index(drop=True)
    numbers = {"stars": len(bound), "unbound": len(stars) - len(bound), "sun": SUN, "check": check_orbits(bound)}
    numbers["trends"] = {disc: fit_trend(bound[bound["disc"] == disc], "feh", "eccentricity") for disc in DISCS}
    return bound[COLUMNS], numbers | {"truth": true_trends(sample), "published": PUBLISHED}


def eccentricities(stars: pd.DataFrame) -> np.ndarray:
    """Give eccentricities by the Staeckel approximation, shape (n_stars,); NaN of stars that leave the Milky Way."""
    galpy = import_galpy()
    with warnings.catch_warnings():
        # galpy tells as warnings how it works.
        warnings.simplefilter("ignore", galpy.util.galpyWarning)
        orbits, potential = _start_orbits(galpy, stars), galpy.potential.MWPotential2014
        bound = np.atleast_1d(orbits.E(pot=potential)) < _escape_energy(galpy, potential)
        found = np.full(len(stars), np.nan)
        if bound.any():
            settings = {"analytic": True, "type": "staeckel", "delta": FOCUS, "pot": potential}
            found[bound] = orbits[bound].e(**settings)
    return found


def check_orbits(stars: pd.DataFrame) -> dict:
    """Integrate some orbits, evenly chosen, and give medians of the integrated minus the given ``eccentricity``."""
    chosen = stars.iloc[np.unique(np.linspace(0, len(stars) - 1, min(CHECKED, len(stars))).round().astype(int))]
    if chosen.empty:
        return {"stars": 0, "median_difference": None, "median_absolute_difference": None}
    galpy = import_galpy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", galpy.util.galpyWarning)
        orbits = _start_orbits(galpy, chosen)
        scale = galpy.util.conversion.time_in_Gyr(SUN["rotation"], SUN["distance"])
        times, potential = np.linspace(0, DURATION / scale, TIMES), galpy.potential.MWPotential2014
        orbits.integrate(times, potential, method="dop853_c", progressbar=False)
        difference = orbits.e() - chosen["eccentricity"].to_numpy()
    medians = {"median_difference": difference, "median_absolute_difference": np.abs(difference)}
    return {"stars": len(chosen)} | {name: known(np.median(values)) for name, values in medians.items()}


def import_galpy():
    """Import galpy, and keep it from asking the network for newer versions and writing to the home folder.

    It does both when it is imported, unless a file in the folder where it runs says otherwise.
    """
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        Path(".galpyrc").write_text("[version-check]\ndo-check = False\n", encoding="utf-8")
        import galpy.actionAngle
        import galpy.orbit
        import galpy.potential
        import galpy.util.conversion
    return galpy


def _start_orbits(galpy, stars):
    columns = ["ra", "dec", "distance", "pmra", "pmdec", "rv"]
    seen = stars.assign(distance=1 / stars["parallax"])[columns].to_numpy(float)
    towards, around, north = SUN["motion"]
    # galpy counts velocities away from the centre.
    motion = [-towards, around, north]
    place = {"ro": SUN["distance"], "vo": SUN["rotation"], "zo": SUN["height"]}
    return galpy.orbit.Orbit(seen, radec=True, solarmotion=motion, **place)


def _escape_energy(galpy, potential):
    """Energy of a star that barely leaves, (km/s)^2; the potential falls to its own zero far out, at 10 Mpc or so."""
    far = galpy.potential.evaluatePotentials(potential, 1e3, 0.0, use_physical=False)
    return far * SUN["rotation"] ** 2


def fit_trend(stars: pd.DataFrame, along: str, quantity: str) -> dict | None:
    """Fit a straight line by least squares: ``slope`` with its error, ``at_zero``, ``mean`` and number of ``stars``.

    None of fewer than three stars.
    """
    from scipy.stats import linregress

    stars = stars.dropna(subset=[along, quantity])
    if len(stars) < 3 or stars[along].nunique() < 2:
        return None
    line = linregress(stars[along].to_numpy(float), stars[quantity].to_numpy(float))
    numbers = {"slope": line.slope, "slope_err": line.stderr, "at_zero": line.intercept}
    numbers |= {"mean": stars[quantity].mean()}
    return {"stars": len(stars)} | {name: float(value) for name, value in numbers.items()}


def true_trends(sample: pd.DataFrame) -> dict:
    """Give the trends of the true eccentricities of the survey's stars, by population; none where unknown."""
    if lacking(sample, ["eccentricity_true", "feh_true"]):
        return {}
    stars = best_spectra(sample)
    trends = {disc: fit_trend(stars[stars["population"] == disc], "feh_true", "eccentricity_true") for disc in DISCS}
    return {disc: trend for disc, trend in trends.items() if trend}
