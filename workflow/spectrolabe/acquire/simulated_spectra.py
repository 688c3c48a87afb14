"""Spectra as a spectrograph would observe simulated stars: rotation, resolution, velocity, trouble and noise."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.interpolate import make_interp_spline

from spectrolabe.acquire.emulator import Emulator
from spectrolabe.acquire.grids import Grid
from spectrolabe.acquire.synthesis import microturbulence
from spectrolabe.acquire.trouble import IN_COUNTS, IN_LIGHT
from spectrolabe.spectra.broadening import FWHM, filter_rows, rotation_transform, velocity_step
from spectrolabe.spectra.randomness import RowGenerators, derive_seed
from spectrolabe.spectra.wavelength import LIGHT_SPEED, build_grid, doppler, split_arms

#: Continuum added at both ends of the grid's windows, wider than any star's velocity (km/s).
MARGIN = 600.0
LIMB_DARKENING = 0.6
#: Scatter of the continuum's level, tilt and bend in each arm: no survey normalises perfectly.
CONTINUUM_SCATTER = 0.004
#: Share of the noise's variance that does not come from the star's own light.
BACKGROUND = 0.1
#: h c / k (angstrom K).
PLANCK = 1.438777e8


class Spectrograph:
    """Gives spectra of stars at the native sampling of a survey's arms, without and with what spoils them.

    Parameters
    ----------
    grid : the nodes, whose windows the arms lie within but for a margin, where there is continuum alone.
    arms : each has ``name``, ``start``, ``stop``, ``step`` (angstrom, air) and ``resolution``, in ascending order.

    Raises
    ------
    ValueError
        Where the grid covers no part of an arm, or is coarser than its resolution.
    """

    def __init__(self, grid: Grid, arms: Sequence[Mapping]):
        self._emulator, self._resolution = Emulator(grid), grid.resolution
        self._law = grid.settings.get("vmic")
        self.edges = {name: (float(grid.labels[name].min()), float(grid.labels[name].max())) for name in grid.labels}
        self.wavelength = build_grid(arms)
        sizes = [len(build_grid([arm])) for arm in arms]
        self.slices = [slice(end - size, end) for end, size in zip(np.cumsum(sizes), sizes, strict=True)]
        self._arms = list(arms)
        self._windows = [find_window(grid, arm) for arm in arms]

    def observe(self, stars: pd.DataFrame, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Give flux (continuum = 1), errors, both of shape (n_spectra, n_pixels), and S/N per arm (n_spectra, n_arms).

        Parameters
        ----------
        stars : one row per spectrum: ``spectrum_id``, ``teff`` and the grid's other labels, ``vsini``, ``rv``,
            ``snr``, ``trouble``, ``trouble_strength``, ``flux_ratio``.
        seed : of the survey.
        """
        rng = RowGenerators(derive_seed(seed, "spectra"), stars["spectrum_id"])
        rows = list(zip(stars.itertuples(index=False), rng, strict=True))
        flux = self.expected(stars, rng)
        flux = self._spoil(flux, rows, IN_LIGHT) * self._continuum_errors(rng)
        ratio = self._arm_snr(stars)
        noise = np.sqrt(np.maximum(flux, 0) + BACKGROUND) / np.sqrt(1 + BACKGROUND)
        for place, arm in enumerate(self.slices):
            noise[:, arm] /= ratio[:, [place]]
        flux = self._spoil(flux + noise * rng.normal(flux.shape[1]), rows, IN_COUNTS)
        return flux.astype(np.float32), noise.astype(np.float32), ratio

    def expected(self, stars: pd.DataFrame, rng: RowGenerators) -> np.ndarray:
        """Give the light of stars over their continuum, companions included, shape (n_spectra, n_pixels)."""
        side = np.where(rng.uniform(0, 1) < 0.5, -1, 1)
        flux = self._shine(stars)
        double = (stars["trouble"] == "double_lined").to_numpy()
        if double.any():
            ratio = stars["flux_ratio"].to_numpy()[double, None]
            second = self._shine(self._companions(stars[double], side[double]))
            flux[double] = (flux[double] + ratio * second) / (1 + ratio)
        return flux

    def _companions(self, stars, side):
        """A companion of the same age and elements: on the main sequence light falls with a high power of Teff."""
        ratio = stars["flux_ratio"]
        teff = np.clip(stars["teff"] * ratio**0.12, *self.edges["teff"])
        logg = np.clip(stars["logg"] + 0.1 * (1 - ratio), *self.edges["logg"])
        return stars.assign(teff=teff, logg=logg, rv=stars["rv"] + side * stars["trouble_strength"])

    def _shine(self, stars):
        whole = self._emulator(with_microturbulence(stars, self._emulator.labels, self._law))
        arms = [see_arm(whole[:, window], *window_range, arm, self._resolution, stars)
                for (window, *window_range), arm in zip(self._windows, self._arms, strict=True)]  # fmt: skip
        return np.concatenate(arms, axis=1)

    def _spoil(self, flux, rows, effects):
        for row, (star, generator) in enumerate(rows):
            if star.trouble in effects:
                effect = effects[star.trouble]
                flux[row] = effect(flux[row], self.wavelength, self.slices, star.trouble_strength, star.rv, generator)
        return flux

    def _continuum_errors(self, rng):
        errors = []
        for arm in self.slices:
            place = np.linspace(-1, 1, arm.stop - arm.start)
            shape = np.array([np.ones_like(place), place, 1.5 * place**2 - 0.5])
            errors.append(1 + CONTINUUM_SCATTER * rng.normal(3) @ shape)
        return np.concatenate(errors, axis=1)

    def _arm_snr(self, stars):
        """The star's S/N is the geometric mean of its arms', which follow the photons of a black body."""
        centres = np.array([self.wavelength[arm].mean() for arm in self.slices])
        photons = centres**-4 / np.expm1(PLANCK / centres / stars["teff"].to_numpy()[:, None])
        ratio = np.sqrt(photons)
        return stars["snr"].to_numpy()[:, None] * ratio / np.exp(np.log(ratio).mean(axis=1, keepdims=True))


def see_arm(
    flux: np.ndarray, wavelength: np.ndarray, arm: Mapping, resolution: float, stars: pd.DataFrame
) -> np.ndarray:
    """Rotate, broaden and shift in one product, then take spectra at an arm's pixels, shape (n_spectra, n_pixels).

    Parameters
    ----------
    flux : over the continuum, shape (n_spectra, n_wavelengths); beyond its ends there is continuum alone.
    wavelength : angstrom, uniform in log wavelength, shape (n_wavelengths,).
    arm : ``start``, ``stop``, ``step`` (angstrom) and ``resolution``, the resolving power to reach.
    resolution : resolving power of the flux.
    stars : ``vsini`` and ``rv`` (km/s) of each spectrum.
    """
    step = velocity_step(wavelength)
    margin = int(MARGIN / step)
    flux = np.pad(flux, ((0, 0), (margin, margin)), constant_values=1)
    pixels = np.arange(-margin, len(wavelength) + margin)
    observed = wavelength[0] * np.exp(step / LIGHT_SPEED * pixels)
    variance = (arm["resolution"] ** -2 - resolution**-2) * (LIGHT_SPEED / FWHM) ** 2
    width, shift = (
        stars["vsini"].to_numpy()[:, None],
        np.log(doppler(stars["rv"].to_numpy()))[:, None] * LIGHT_SPEED,
    )

    def transform(k, dv):
        profile = rotation_transform(k, width / dv, LIMB_DARKENING) * np.exp(-2 * np.pi**2 * k**2 * variance / dv**2)
        return profile * np.exp(-2j * np.pi * k * shift / dv)

    seen = filter_rows(flux, step, transform)
    native = build_grid([arm])
    inside = (native > observed[0]) & (native < observed[-1])
    sampled = np.ones((len(flux), len(native)))
    sampled[:, inside] = make_interp_spline(observed, seen, k=3, axis=1)(native[inside])
    return sampled


def with_microturbulence(stars: pd.DataFrame, labels: Sequence[str], law: Mapping | None) -> pd.DataFrame:
    """Give stars with the mean microturbulence of a law, ``vmic`` (km/s), where it is among an emulator's labels."""
    if "vmic" not in labels:
        return stars
    return stars.assign(vmic=np.clip(microturbulence(stars, law), *law["range"]))


def find_window(grid: Grid, arm: Mapping) -> tuple[slice, np.ndarray]:
    """Give the slice and the wavelengths of the grid's window that an arm lies in.

    Raises
    ------
    ValueError
        Where the grid covers no part of the arm, or is coarser than its resolution.
    """
    if arm["resolution"] > grid.resolution:
        raise ValueError(
            f"arm {arm['name']}: expected a resolution of at most {grid.resolution:g}, the grid's, "
            f"found {arm['resolution']:g}"
        )
    for window in split_arms(grid.wavelength):
        wavelength = grid.wavelength[window]
        if wavelength[0] < arm["stop"] and arm["start"] < wavelength[-1]:
            return window, wavelength
    found = ", ".join(
        f"{grid.wavelength[w][0]:.0f} to {grid.wavelength[w][-1]:.0f}" for w in split_arms(grid.wavelength)
    )
    raise ValueError(f"arm {arm['name']}: expected wavelengths that the grid covers ({found}), found none")
