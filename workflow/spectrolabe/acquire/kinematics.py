"""Where simulated stars are and how they move: orbits of known eccentricity in a Milky Way of flat rotation."""

import astropy.units as u
import numpy as np
import pandas as pd
from astropy.coordinates import CartesianDifferential, Galactic, Galactocentric, SkyCoord

from spectrolabe.acquire.populations import CLUSTERS
from spectrolabe.spectra.randomness import RowGenerators, derive_seed

#: The Milky Way that orbits are drawn in: distance of its centre (kpc), rotation and the Sun's own motion (km/s;
#: Schoenrich et al. 2010, MNRAS 403, 1829), the Sun's height (kpc).
CENTRE_DISTANCE, ROTATION, SUN_MOTION, SUN_HEIGHT = 8.0, 220.0, (11.1, 12.24, 7.25), 0.0208
#: Eccentricity = at + slope ([Fe/H] + 0.5), its scatter, the scatter of vertical velocities (km/s), scale height (kpc).
ORBITS = {"thin": (0.13, 0.02, 0.05, 15.0, 0.25), "thick": (0.31, -0.26, 0.08, 40.0, 0.8)}
ECCENTRICITIES = (0.01, 0.9)
#: Median distances (kpc) of dwarfs and giants, and their scatter (natural logarithm).
DISTANCES, DISTANCE_SCATTER = (0.6, 1.8), 0.45
#: A cluster's scatter on the sky (degrees) and in velocity (km/s).
CLUSTER_SIZE, CLUSTER_MOTION = 0.06, 5.0
#: Proper motion (mas/yr) of 1 km/s at 1 kpc.
MOTION_PER_VELOCITY = 1 / 4.740470446
#: Declination (degrees) that a telescope in the south observes up to.
NORTHERNMOST = 20.0


def place_stars(stars: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Give where stars are and how they move.

    Parameters
    ----------
    stars : ``star``, ``population``, ``logg`` and ``feh``, one row per star.
    seed : of the survey.

    Returns
    -------
    ``ra``, ``dec`` (degrees), ``distance`` (kpc), ``pmra`` (with cos dec), ``pmdec`` (mas/yr), ``rv`` (km/s,
    barycentric) and ``eccentricity`` of the orbit (NaN in clusters).
    """
    rng = RowGenerators(derive_seed(seed, "orbits"), stars["star"])
    spreads, phases = rng.normal(6), np.array([rng.uniform(0, 1) for _ in range(4)]).T
    disc = stars["population"].map(lambda name: name if name in ORBITS else "thin")
    law = np.array([ORBITS[name] for name in disc]).reshape(-1, 5).T
    galactic = _draw_places(stars["logg"].to_numpy(), law[4], spreads, phases)
    eccentricity = law[0] + law[1] * (stars["feh"].to_numpy() + 0.5) + law[2] * spreads[:, 2]
    eccentricity = np.clip(_folded(eccentricity), *ECCENTRICITIES)
    placed = _observe_orbits(galactic, eccentricity, law[3] * spreads[:, 3], phases[:, 2])
    return _place_clusters(placed, stars["population"], spreads).round(
        {"ra": 6, "dec": 6, "distance": 6, "pmra": 4, "pmdec": 4, "rv": 3, "eccentricity": 6}
    )


def _folded(eccentricity):
    low = ECCENTRICITIES[0]
    return low + abs(eccentricity - low)


def _draw_places(logg, scale_height, spreads, phases):
    """Draw distances along the plane and heights above it; to the opposite direction where that is too far north."""
    distance = np.where(logg < 3.8, DISTANCES[1], DISTANCES[0]) * np.exp(DISTANCE_SCATTER * spreads[:, 0])
    height = scale_height * np.log(1 / (1 - phases[:, 0] * (1 - 1e-9))) * np.sign(spreads[:, 1])
    latitude, distance = np.degrees(np.arctan2(height, distance)), np.hypot(height, distance)
    galactic = Galactic(360 * phases[:, 1] * u.deg, latitude * u.deg, distance * u.kpc)
    north = SkyCoord(galactic).icrs.dec.deg > NORTHERNMOST
    longitude = np.where(north, galactic.l.deg + 180, galactic.l.deg) % 360
    return Galactic(longitude * u.deg, np.where(north, -latitude, latitude) * u.deg, distance * u.kpc)


def flat_rotation_velocity(
    radius: np.ndarray, eccentricity: np.ndarray, phase: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Give the radial and the azimuthal velocity (km/s) of stars at a radius on orbits of given eccentricities.

    In the potential v^2 ln R energy and angular momentum follow from the nearest and the farthest radius; the phase
    (0 to 1) says where between them the star is now: R = a (1 - e cos(2 pi phase)).
    """
    mean = radius / (1 - eccentricity * np.cos(2 * np.pi * phase))
    near, far = mean * (1 - eccentricity), mean * (1 + eccentricity)
    momentum = 2 * ROTATION**2 * np.log(far / near) / (near**-2 - far**-2)
    radial = 2 * ROTATION**2 * np.log(far / radius) + momentum * (far**-2 - radius**-2)
    return np.sqrt(np.maximum(radial, 0)) * np.sign(0.5 - phase), np.sqrt(momentum) / radius


def _observe_orbits(galactic, eccentricity, vertical, phase):
    motion = np.add(SUN_MOTION, (0, ROTATION, 0))
    frame = Galactocentric(
        galcen_distance=CENTRE_DISTANCE * u.kpc,
        galcen_v_sun=CartesianDifferential(*motion, unit=u.km / u.s),
        z_sun=SUN_HEIGHT * u.kpc,
    )
    place = galactic.transform_to(frame).cartesian.xyz.to_value(u.kpc)
    radius = np.hypot(place[0], place[1])
    outward, around = flat_rotation_velocity(radius, eccentricity, phase)
    x, y = place[0] / radius, place[1] / radius
    velocity = np.array([outward * x + around * y, outward * y - around * x, vertical])
    moving = frame.realize_frame(
        type(galactic.cartesian)(*place, unit=u.kpc, differentials=CartesianDifferential(*velocity, unit=u.km / u.s))
    )
    seen = SkyCoord(moving).icrs
    columns = {"ra": seen.ra.deg, "dec": seen.dec.deg, "distance": seen.distance.to_value(u.kpc)}
    columns |= {"pmra": seen.pm_ra_cosdec.to_value(u.mas / u.yr), "pmdec": seen.pm_dec.to_value(u.mas / u.yr)}
    return pd.DataFrame(columns | {"rv": seen.radial_velocity.to_value(u.km / u.s), "eccentricity": eccentricity})


def _place_clusters(placed, population, spreads):
    placed = placed.copy()
    for name, cluster in CLUSTERS.items():
        rows = (population == name).to_numpy()
        spread = spreads[rows]
        motion = CLUSTER_MOTION * MOTION_PER_VELOCITY / cluster.distance
        placed.loc[rows, "ra"] = cluster.ra + CLUSTER_SIZE * spread[:, 0] / np.cos(np.radians(cluster.dec))
        placed.loc[rows, "dec"] = cluster.dec + CLUSTER_SIZE * spread[:, 1]
        placed.loc[rows, "distance"] = cluster.distance
        placed.loc[rows, "pmra"] = cluster.pmra + motion * spread[:, 3]
        placed.loc[rows, "pmdec"] = cluster.pmdec + motion * spread[:, 4]
        placed.loc[rows, "rv"] = cluster.rv + CLUSTER_MOTION * spread[:, 5]
        placed.loc[rows, "eccentricity"] = np.nan
    return placed
