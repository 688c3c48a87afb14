"""Spectra of two (or more) beams in counts: a resolution that varies, fixed bright features, fringes and noise."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from spectrolabe.acquire.emulator import Emulator
from spectrolabe.acquire.grids import Grid
from spectrolabe.acquire.sdss_light import planck
from spectrolabe.acquire.simulated_spectra import BACKGROUND, find_window, see_arm, with_microturbulence
from spectrolabe.acquire.trouble import IN_COUNTS
from spectrolabe.spectra.randomness import RowGenerators, derive_seed
from spectrolabe.spectra.wavelength import build_grid

#: The widest step between resolving powers that spectra are broadened to; what lies between is mixed of two.
RESOLUTION_STEP = 1.25
#: A beam's ends receive this of its middle's light: the blaze is sinc^2(place), place from -1 to 1 times this.
BLAZE = 0.45
#: Smooth errors of a star's own: Legendre polynomials up to this degree, from lowest to highest point of an arm.
SMOOTH_DEGREE, SMOOTH_ERRORS = 4, (0.10, 0.20)
#: Fixed features span these numbers of pixels, first and last included.
FEATURE_WIDTHS = (3, 6)
#: Delay of the interferometer that leaves fringes (angstrom): 7 mm, one fringe every 0.4 angstrom at 5250 angstrom.
DELAY = 7e7


class BeamSpectrograph:
    """Gives counts of stars, with their errors, at the pixels of a survey's arms.

    Parameters
    ----------
    grid : the nodes, whose windows the arms lie within but for a margin, where there is continuum alone.
    arms : each has ``name``, ``start``, ``stop``, ``step`` (angstrom, air) and ``resolution``, at start and at stop,
        linear between; in ascending order.
    features : ``number`` of fixed features per arm and their ``strength``, lowest and highest, over the continuum.
    fringes : amplitude of the fringes (continuum = 1).
    seed : of the survey, which the places of its fixed features depend on.

    Raises
    ------
    ValueError
        Where the grid covers no part of an arm, or is coarser than its resolution.
    """

    def __init__(self, grid: Grid, arms: Sequence[Mapping], features: Mapping, fringes: float, seed: int):
        self._emulator, self._resolution = Emulator(grid), grid.resolution
        self._law = grid.settings.get("vmic")
        self.edges = {name: (float(grid.labels[name].min()), float(grid.labels[name].max())) for name in grid.labels}
        self.wavelength = build_grid(arms)
        sizes = [len(build_grid([arm])) for arm in arms]
        self.slices = [slice(end - size, end) for end, size in zip(np.cumsum(sizes), sizes, strict=True)]
        self._arms = list(arms)
        self._windows = [find_window(grid, arm | {"resolution": max(arm["resolution"])}) for arm in arms]
        self.features = place_features(self.slices, features["number"], seed)
        self._strength, self._fringes = features["strength"], fringes

    def observe(self, stars: pd.DataFrame, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Give counts and their errors (1 sigma), both of shape (n_spectra, n_pixels), float32.

        Where the continuum is that of an arm's middle, a pixel without lines has the star's S/N.

        Parameters
        ----------
        stars : one row per spectrum: ``star``, ``teff`` and the grid's other labels, ``vsini``, ``rv``, ``snr``,
            ``features`` (1 where the fixed features shine, else 0), ``trouble``, ``trouble_strength``.
        seed : of the survey.
        """
        rng = RowGenerators(derive_seed(seed, "spectra"), stars["star"])
        continuum = self.continuum(stars, rng)
        flux = self.expected(stars) * self._interfere(rng) + self._shine_fixed(stars, rng)
        light = np.maximum(flux * continuum, 0)
        ratio = stars["snr"].to_numpy()[:, None]
        noise = np.sqrt((light + BACKGROUND) / (1 + BACKGROUND)) / ratio
        seen = light + noise * rng.normal(light.shape[1])
        for row, (star, generator) in enumerate(zip(stars.itertuples(index=False), rng, strict=True)):
            if star.trouble in IN_COUNTS:
                options = (self.wavelength, self.slices, star.trouble_strength, star.rv, generator)
                seen[row] = IN_COUNTS[star.trouble](seen[row] / continuum[row], *options) * continuum[row]
        return (seen * ratio**2).astype(np.float32), (noise * ratio**2).astype(np.float32)

    def expected(self, stars: pd.DataFrame) -> np.ndarray:
        """Give the light of stars over their continuum, shape (n_spectra, n_pixels)."""
        whole = self._emulator(with_microturbulence(stars, self._emulator.labels, self._law))
        seen = [self._see(whole[:, window], wavelength, arm, stars)
                for (window, wavelength), arm in zip(self._windows, self._arms, strict=True)]  # fmt: skip
        return np.concatenate(seen, axis=1)

    def _see(self, flux, wavelength, arm, stars):
        """Mix a few broadened versions so that the square of a line's width is that of the resolution of its place."""
        first, last = arm["resolution"]
        count = int(np.ceil(abs(np.log(last / first)) / np.log(RESOLUTION_STEP))) + 1
        resolutions = np.geomspace(max(first, last), min(first, last), count)
        native = build_grid([arm])
        wanted = np.interp(native, [arm["start"], arm["stop"]], [first, last]) ** -2.0
        mixed = np.zeros((len(flux), len(native)))
        for place, resolution in enumerate(resolutions):
            share = np.interp(wanted, resolutions**-2.0, np.arange(count) == place)
            mixed += share * see_arm(flux, wavelength, arm | {"resolution": resolution}, self._resolution, stars)
        return mixed

    def continuum(self, stars: pd.DataFrame, rng: RowGenerators) -> np.ndarray:
        """Give counts of stars without lines, 1 in the middle of each arm, shape (n_spectra, n_pixels)."""
        parts, teff = [], stars["teff"].to_numpy()[:, None]
        for arm in self.slices:
            wavelength = self.wavelength[arm]
            place = np.linspace(-1, 1, len(wavelength))
            shapes = np.polynomial.legendre.legvander(place, SMOOTH_DEGREE)[:, 1:].T
            smooth = rng.normal(SMOOTH_DEGREE) @ shapes
            smooth *= (rng.uniform(*SMOOTH_ERRORS) / np.ptp(smooth, axis=1))[:, None]
            # Photons are counted, not energy.
            light = planck(wavelength, teff) * wavelength * np.sinc(BLAZE * place) ** 2 * (1 + smooth)
            parts.append(light / light[:, len(wavelength) // 2, None])
        return np.concatenate(parts, axis=1)

    def _interfere(self, rng):
        phases = np.concatenate([np.repeat(rng.uniform(0, 2 * np.pi)[:, None], arm.stop - arm.start, axis=1)
                                 for arm in self.slices], axis=1)  # fmt: skip
        return 1 + self._fringes * np.sin(2 * np.pi * DELAY / self.wavelength + phases)

    def _shine_fixed(self, stars, rng):
        low, high = self._strength
        drawn = low + (high - low) * np.array([generator.uniform(size=len(self.features)) for generator in rng])
        light = np.zeros((len(stars), len(self.wavelength)))
        for place, pixels in enumerate(self.features):
            width = pixels.stop - pixels.start
            profile = np.sin(np.pi * np.arange(1, width + 1) / (width + 1))
            light[:, pixels] = drawn[:, [place]] * profile
        return light * stars["features"].to_numpy()[:, None]


def place_features(arms: Sequence[slice], number: int, seed: int) -> list[slice]:
    """Give the pixels of fixed features: each arm is cut into as many equal parts, with one feature each.

    Parameters
    ----------
    arms : pixels of each arm.
    number : of features per arm.
    seed : of the survey.
    """
    rng, widest, placed = np.random.default_rng(derive_seed(seed, "features")), FEATURE_WIDTHS[1], []
    for arm in arms:
        edges = np.linspace(arm.start, arm.stop, number + 1).astype(int)
        for first, stop in zip(edges, edges[1:], strict=False):
            width = int(rng.integers(FEATURE_WIDTHS[0], widest + 1))
            start = int(rng.integers(first + widest, stop - 2 * widest))
            placed.append(slice(start, start + width))
    return placed
