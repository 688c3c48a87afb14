"""Where stars of an age and metallicity stand in the Kiel diagram, how heavy and how bright they are, by rough laws."""

import numpy as np
import pandas as pd

from spectrolabe.spectra.randomness import RowGenerators

#: log g at the stages 0, 1, 2...: main sequence (0 to 5, the turn-off), subgiants (to 8), giants (to 13).
STAGE_LOGG = np.array([4.72, 4.66, 4.58, 4.46, 4.34, 4.18, 4.05, 3.90, 3.55, 3.0, 2.5, 2.0, 1.5, 1.0])
#: Way from the main sequence's cool end to the turn-off, of the stages 0 to 5.
MAIN_SEQUENCE = np.array([0.0, 0.30, 0.60, 0.84, 0.95, 1.0])
#: Effective temperature (K) of the stages 8 to 13 at solar metallicity, and its change per dex of [Fe/H].
GIANTS, GIANTS_PER_DEX = np.array([4980.0, 4830.0, 4670.0, 4450.0, 4190.0, 3920.0]), -380.0
COOL_END, COOL_END_PER_DEX = 3950.0, -350.0
#: Shares of main sequence, turn-off and subgiants, giants; the rest is the clump.
STAGE_SHARES = (0.42, 0.22, 0.24)
CLUMP = 10.2

SUN_TEFF, SUN_LOGG, SUN_BOLOMETRIC = 5772.0, 4.438, 4.74
#: Bolometric correction in K, and colours J - K and H - K, against effective temperature.
COLOUR_TEFF = np.array([3800.0, 4000, 4500, 5000, 5772, 6500, 7200])
CORRECTION_K = np.array([2.62, 2.50, 2.20, 1.90, 1.46, 1.03, 0.70])
COLOUR_JK = np.array([1.02, 0.95, 0.76, 0.59, 0.37, 0.22, 0.10])
COLOUR_HK = np.array([0.20, 0.17, 0.12, 0.09, 0.06, 0.05, 0.03])


def draw_stages(rng: RowGenerators, giants: np.ndarray) -> np.ndarray:
    """Draw how far stars have evolved (see `STAGE_LOGG`), shape (n_stars,); those marked are on the giant branch."""
    kind = np.searchsorted(np.cumsum(STAGE_SHARES), rng.uniform(0, 1))
    along, clump = rng.uniform(0, 1), CLUMP + 0.15 * rng.normal(1)[:, 0]
    branch = 8 + 4.9 * along**1.2
    stage = np.choose(kind, [4.3 * along, 4.3 + 3.7 * along, branch, clump])
    return np.where(giants, branch, stage)


def turn_off(feh: np.ndarray, age: np.ndarray) -> np.ndarray:
    """Give the effective temperature (K) of the turn-off: 5760 K at 10 Gyr and solar metallicity."""
    return 5760.0 * (age / 10) ** -0.09 * 10 ** (-0.05 * feh)


def track_point(stage: np.ndarray, feh: np.ndarray, age: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give effective temperature (K) and log g of stars, each of shape (n_stars,).

    Parameters
    ----------
    stage : from 0 to 13, see `STAGE_LOGG`; between whole numbers straight lines.
    feh : [Fe/H] (dex).
    age : Gyr.
    """
    hottest, cool = turn_off(feh, age)[:, None], (COOL_END + COOL_END_PER_DEX * feh)[:, None]
    giants = GIANTS + GIANTS_PER_DEX * feh[:, None]
    crossing = np.array([0.10, 0.45])
    subgiants = hottest + (giants[:, :1] - hottest) * crossing
    teff = np.hstack([cool + (hottest - cool) * MAIN_SEQUENCE, subgiants, giants])
    below = np.clip(stage.astype(int), 0, len(STAGE_LOGG) - 2)
    part, rows = stage - below, np.arange(len(stage))
    logg = STAGE_LOGG[below] * (1 - part) + STAGE_LOGG[below + 1] * part
    return teff[rows, below] * (1 - part) + teff[rows, below + 1] * part, logg


def track_mass(stars: pd.DataFrame) -> pd.Series:
    """Give masses (solar): the turn-off's beyond it, less on the main sequence below it."""
    below = np.minimum(stars["teff"] / turn_off(stars["feh"], stars["age"]), 1) ** 1.5
    return 0.95 * (10 / stars["age"]) ** 0.3 * below.where(stars["logg"] > 4, 1)


def absolute_magnitudes(stars: pd.DataFrame) -> pd.DataFrame:
    """Give absolute magnitudes ``j``, ``h``, ``k`` from teff (K), logg and mass (solar)."""
    squared_radius = stars["mass"] * 10 ** (SUN_LOGG - stars["logg"])
    luminosity = squared_radius * (stars["teff"] / SUN_TEFF) ** 4
    k = SUN_BOLOMETRIC - 2.5 * np.log10(luminosity) - np.interp(stars["teff"], COLOUR_TEFF, CORRECTION_K)
    colours = {"j": COLOUR_JK, "h": COLOUR_HK}
    redder = {name: k + np.interp(stars["teff"], COLOUR_TEFF, values) for name, values in colours.items()}
    return pd.DataFrame(redder | {"k": k})
