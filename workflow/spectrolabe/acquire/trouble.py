"""What goes wrong with some simulated spectra: planted with a known kind and strength, to be found again."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from spectrolabe.spectra.broadening import FWHM
from spectrolabe.spectra.randomness import RowGenerators
from spectrolabe.spectra.wavelength import LIGHT_SPEED, doppler

#: Kind -> lowest and highest strength: height of the highest spike (continuum = 1), share of the pixels, height of
#: emission (continuum = 1), separation of two stars (km/s), largest error of the continuum, error of the velocity
#: (km/s). Labels outside the range have no strength.
STRENGTHS = {
    "cosmic_rays": (1.5, 10.0),
    "zero_pixels": (0.002, 0.03),
    "emission": (0.05, 0.50),
    "double_lined": (30.0, 150.0),
    "continuum": (0.05, 0.20),
    "wrong_rv": (10.0, 50.0),
    "outside_range": (np.nan, np.nan),
}
#: Fainter over brighter star of a double-lined binary.
FLUX_RATIOS = (0.3, 1.0)
#: Lines that show emission together (angstrom, air): the calcium triplet of active stars, or strong Fe I and Mg I.
EMISSION_LINES = {
    "Ca II": (8498.02, 8542.09, 8662.14),
    "Fe I and Mg I": (
        5371.49,
        5397.13,
        5405.77,
        5429.70,
        5434.52,
        5446.92,
        5455.61,
        5528.41,
        8688.62,
        8806.76,
        8824.22,
    ),
}
EMISSION_WIDTHS = (30.0, 150.0)  # FWHM, km/s
MOST_SPIKES = 8
#: Share of its neighbour's charge that a spike leaves in the pixel beside it.
SPIKE_WING = 0.4
MOST_GAPS = 3
#: Width of a bump in the continuum, as a share of its arm.
BUMP_WIDTHS = (0.08, 0.25)


def draw_trouble(
    rng: RowGenerators, shares: Mapping[str, float], strengths: Mapping[str, tuple[float, float]] = STRENGTHS
) -> pd.DataFrame:
    """Draw what goes wrong with stars, at most one thing each.

    Parameters
    ----------
    shares : kind -> share of the stars.
    strengths : kind -> lowest and highest strength.

    Returns
    -------
    ``trouble`` (a kind or ""), ``trouble_strength`` (see `STRENGTHS`, uniform; NaN where there is none) and
    ``flux_ratio`` (of double-lined binaries, else NaN).
    """
    kinds = np.array([*strengths, ""])
    bounds = np.cumsum([shares.get(kind, 0.0) for kind in strengths])
    trouble = kinds[np.searchsorted(bounds, rng.uniform(0, 1), side="right")]
    low, high = np.array([strengths.get(kind, (np.nan, np.nan)) for kind in trouble]).reshape(-1, 2).T
    strength = low + (high - low) * rng.uniform(0, 1)
    ratio = np.where(trouble == "double_lined", rng.uniform(*FLUX_RATIOS), np.nan)
    return pd.DataFrame({"trouble": trouble, "trouble_strength": strength, "flux_ratio": ratio})


def add_emission(
    flux: np.ndarray,
    wavelength: np.ndarray,
    arms: Sequence[slice],
    strength: float,
    rv: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """Add emission of a height (continuum = 1) and of one width to lines of one kind, shifted by ``rv`` (km/s)."""
    observed = {kind: np.array(lines) * doppler(rv) for kind, lines in EMISSION_LINES.items()}
    covered = {kind: lines[_are_covered(lines, wavelength, arms)] for kind, lines in observed.items()}
    kinds = [kind for kind, lines in covered.items() if len(lines)]
    if not kinds:
        raise ValueError(f"expected an arm that covers lines of {' or '.join(EMISSION_LINES)}, found none")
    lines = covered[kinds[rng.integers(len(kinds))]]
    sigma = rng.uniform(*EMISSION_WIDTHS) / FWHM / LIGHT_SPEED
    return flux + strength * np.exp(-(((wavelength[:, None] / lines - 1) / sigma) ** 2) / 2).max(axis=1)


def _are_covered(lines, wavelength, arms):
    ends = [(wavelength[arm][0], wavelength[arm][-1]) for arm in arms]
    return np.array([any(low < line < high for low, high in ends) for line in lines])


def distort_continuum(
    flux: np.ndarray,
    wavelength: np.ndarray,
    arms: Sequence[slice],
    strength: float,
    rv: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """Tilt one arm, up to ``strength`` at both ends, or give it a bump or dent of that height."""
    arm = arms[rng.integers(len(arms))]
    place = np.linspace(-1, 1, arm.stop - arm.start)
    sign, tilted = rng.choice([-1, 1]), rng.uniform() < 0.5
    centre, width = rng.uniform(-0.6, 0.6), 2 * rng.uniform(*BUMP_WIDTHS)
    shape = place if tilted else np.exp(-(((place - centre) / width) ** 2) / 2)
    distorted = flux.copy()
    distorted[arm] *= 1 + sign * strength * shape
    return distorted


def add_spikes(
    flux: np.ndarray,
    wavelength: np.ndarray,
    arms: Sequence[slice],
    strength: float,
    rv: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """Add spikes of cosmic rays: the highest of height ``strength``, others of at least the lowest there is."""
    count = rng.integers(1, MOST_SPIKES + 1)
    pixels = rng.integers(0, len(flux) - 1, count)
    heights = rng.uniform(STRENGTHS["cosmic_rays"][0], strength, count)
    heights[0] = strength
    spiked = flux.copy()
    np.add.at(spiked, pixels, heights)
    np.add.at(spiked, pixels + 1, SPIKE_WING * heights)
    return spiked


def blank_pixels(
    flux: np.ndarray,
    wavelength: np.ndarray,
    arms: Sequence[slice],
    strength: float,
    rv: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """Set a share of the pixels to zero, in up to three runs without anything measured."""
    sizes = rng.multinomial(round(strength * len(flux)), np.full(MOST_GAPS, 1 / MOST_GAPS))
    blanked = flux.copy()
    for size in sizes:
        start = rng.integers(0, len(flux) - size)
        blanked[start : start + size] = 0
    return blanked


#: Kind -> what it does to the light before it is counted, and to the counts, which have their noise already.
IN_LIGHT = {"emission": add_emission, "continuum": distort_continuum}
IN_COUNTS = {"cosmic_rays": add_spikes, "zero_pixels": blank_pixels}
