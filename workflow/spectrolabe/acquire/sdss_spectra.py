"""Spectra as the SDSS and BOSS spectrographs would record simulated stars: in absolute flux, over sky, with masks."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.interpolate import make_interp_spline

from spectrolabe.acquire.emulator import Emulator
from spectrolabe.acquire.grids import Grid
from spectrolabe.acquire.sdss_files import STEP
from spectrolabe.acquire.sdss_light import dim, planck, scale_to_magnitude, sky_light
from spectrolabe.acquire.sdss_trouble import plant_trouble
from spectrolabe.acquire.simulated_spectra import with_microturbulence
from spectrolabe.spectra.broadening import FWHM, filter_rows, velocity_step
from spectrolabe.spectra.randomness import RowGenerators, derive_seed
from spectrolabe.spectra.wavelength import LIGHT_SPEED, air_to_vacuum, doppler, split_arms, vacuum_to_air

#: Pixels of all files, in units of `STEP` in log10 of angstrom: 3 467 to 10 617 angstrom.
LATTICE = np.arange(35400, 40260)
#: Resolving power at these wavelengths (angstrom), straight between and level beyond, and its scatter among fibres.
RESOLVED, RESOLUTIONS, FIBRE_SCATTER = (4200.0, 6800.0), (1500.0, 2500.0), 0.04
#: Velocity (km/s) within the grid's ends that line broadening spoils; margin that velocities take.
EDGE, MARGIN = 160.0, 900.0
#: Photons per unit of flux at 5000 angstrom (it grows with the square of wavelength), variance of the read noise at
#: 5300 angstrom (it falls with the fourth power), BOSS over SDSS, scatter among plates: a fit to one file of each.
GAIN, READ_VARIANCE, BOSS_GAIN, PLATE_SCATTER = 22.0, 0.5, 1.25, 0.15
#: Largest smooth errors of fluxing: level, tilt, bend and wave (1 sigma).
FLUXING = np.array([0.02, 0.02, 0.015, 0.01])
#: Share of the sky lines' light that subtraction leaves (1 sigma); scatter of the sky's light and its lines'.
SKY_RESIDUAL, SKY_SCATTER, SKY_LINE_SCATTER = 0.01, 0.15, 0.3
#: Share of pixels from which one exposure lost a cosmic ray.
REJECTED = 0.02
#: Bits of SPPIXMASK.
BRIGHTSKY, NODATA, COMBINEREJ = (1 << bit for bit in (23, 24, 25))


class SdssSpectrograph:
    """Gives spectra of stars where the grid knows them, in 1e-17 erg/s/cm2/angstrom; elsewhere there are no data.

    Parameters
    ----------
    grid : the nodes, with one window.

    Raises
    ------
    ValueError
        Where the grid is coarser than the spectrographs.
    """

    def __init__(self, grid: Grid):
        if grid.resolution <= 1.3 * max(RESOLUTIONS):
            expected = f"a grid of a resolution above {1.3 * max(RESOLUTIONS):g}, to be broadened"
            raise ValueError(f"simulate.grid: expected {expected}, found {grid.resolution:g}")
        if len(split_arms(grid.wavelength)) > 1:
            raise ValueError(f"simulate.grid: expected one window, found {len(split_arms(grid.wavelength))}")
        self._emulator, self._law = Emulator(grid), grid.settings.get("vmic")
        self._grid, self._resolution = grid.wavelength, grid.resolution
        self.edges = {name: (float(grid.labels[name].min()), float(grid.labels[name].max())) for name in grid.labels}
        ends = grid.wavelength[[0, -1]] if grid.medium == "vacuum" else air_to_vacuum(grid.wavelength[[0, -1]])
        self._ends = ends * doppler(np.array([EDGE, -EDGE]))
        widest = np.log10(ends * doppler(np.array([-MARGIN, MARGIN]))) / STEP
        inside = (widest[0] <= LATTICE) & (widest[1] >= LATTICE)
        #: Part of `LATTICE` that any star is known in, and its wavelengths (angstrom, vacuum).
        self.window = slice(*(np.flatnonzero(inside)[[0, -1]] + [0, 1]))
        self.wavelength = 10 ** (STEP * LATTICE[self.window])
        pixels = 10 ** (STEP * LATTICE)
        self._width = 1 / (np.interp(pixels, RESOLVED, RESOLUTIONS) * FWHM)
        self._sky = sky_light(pixels, self._width)
        self._native = self.wavelength if grid.medium == "vacuum" else vacuum_to_air(self.wavelength)

    def observe(self, spectra: pd.DataFrame, seed: int) -> dict[str, np.ndarray]:
        """Give what files hold, per spectrum and pixel.

        Parameters
        ----------
        spectra : one row each: ``exposure`` (its name), ``boss``, ``teff`` and the grid's other labels, ``rv``, ``g``,
            ``ebv``, ``trouble`` and ``trouble_strength``.
        seed : of the survey.

        Returns
        -------
        Columns of `spectrolabe.acquire.sdss_files.COADD`: flux, ivar, and_mask, or_mask, model on `wavelength`; wdisp
        and sky on `LATTICE`.
        """
        rng = RowGenerators(derive_seed(seed, "spectra"), spectra["exposure"])
        quality = 1 + FIBRE_SCATTER * rng.normal(1)
        flux, known = self._shine(spectra, quality), self._know(spectra["rv"].to_numpy())
        teff, ebv = (spectra[name].to_numpy()[:, None] for name in ("teff", "ebv"))
        flux *= planck(self.wavelength, teff) * dim(self.wavelength, ebv)
        flux *= scale_to_magnitude(flux, self.wavelength, known, spectra["g"].to_numpy())
        flux *= 1 + (FLUXING * rng.normal(len(FLUXING))) @ self._fluxing_shapes()
        # The sky's lines have the mean fibre's width.
        scatter = np.exp(np.array([SKY_SCATTER, SKY_LINE_SCATTER]) * rng.normal(2))
        sky = [scatter[:, [place]] * light for place, light in enumerate(self._sky)]
        record = self._expose(flux, known, sky, spectra, rng)
        wdisp = self._width / (np.log(10) * STEP * quality)
        return record | {"wdisp": wdisp.astype(np.float32), "sky": sum(sky).astype(np.float32)}

    def _shine(self, stars, quality):
        """Broaden to the lowest and to the highest resolution, mix both by wavelength, and shift."""
        step = velocity_step(self._grid)
        margin = int(MARGIN / step)
        flux = self._emulator(with_microturbulence(stars, self._emulator.labels, self._law))
        flux = np.pad(flux, ((0, 0), (margin, margin)), constant_values=1)
        observed = self._grid[0] * np.exp(step / LIGHT_SPEED * np.arange(-margin, len(self._grid) + margin))
        shift = np.log(doppler(stars["rv"].to_numpy()))[:, None] * LIGHT_SPEED
        blue, red = (
            filter_rows(flux, step, _profile((r * quality) ** -2 - self._resolution**-2, shift)) for r in RESOLUTIONS
        )
        # Mixed so that the width's square is that of the resolution between.
        between = np.interp(observed, RESOLVED, RESOLUTIONS) ** -2.0
        first, last = (r**-2.0 for r in RESOLUTIONS)
        share = (between - last) / (first - last)
        mixed = blue * share.astype(np.float32) + red * (1 - share).astype(np.float32)
        return make_interp_spline(observed, mixed, k=3, axis=1)(self._native)

    def _know(self, rv):
        rest = self.wavelength / doppler(rv)[:, None]
        return (rest > self._ends[0]) & (rest < self._ends[1])

    def _fluxing_shapes(self):
        place = (LATTICE[self.window] - LATTICE.mean()) / (np.ptp(LATTICE) / 2)
        return np.polynomial.legendre.legvander(place, len(FLUXING) - 1).T

    def _expose(self, light, known, sky, spectra, rng):
        continuum, lines = (part[:, self.window] for part in sky)
        gain = GAIN * np.exp(PLATE_SCATTER * rng.normal(1)) * np.where(spectra["boss"], BOSS_GAIN, 1)[:, None]
        photons = np.maximum(light, 0) + continuum + lines
        variance = photons / (gain * (self.wavelength / 5000) ** 2) + READ_VARIANCE * (self.wavelength / 5300) ** -4
        noise = np.sqrt(variance)
        flux = light + noise * rng.normal(light.shape[1]) + SKY_RESIDUAL * rng.normal(1) * lines
        ivar = 1 / variance
        mask = np.where((continuum + lines > light + 10 * noise) & (lines > 0.25 * continuum), BRIGHTSKY, 0)
        flux, ivar, mask = plant_trouble(flux, ivar, mask, lines, self.wavelength, known, spectra, rng)
        either = mask | np.where(rng.random_pixels(len(self.wavelength), np.full(len(light), REJECTED)), COMBINEREJ, 0)
        masks = {"and_mask": np.where(known, mask, NODATA), "or_mask": np.where(known, either, NODATA)}
        numbers = {"flux": flux, "ivar": ivar, "model": light}
        return masks | {name: np.where(known, values, 0).astype(np.float32) for name, values in numbers.items()}


def _profile(width, shift):
    """The Fourier transform of a Gaussian (``width``: difference of 1 / R^2) at a velocity (km/s)."""
    variance = width * (LIGHT_SPEED / FWHM) ** 2
    return lambda k, dv: np.exp(-2 * np.pi**2 * k**2 * variance / dv**2 - 2j * np.pi * k * shift / dv)


def find_snr(record: Mapping[str, np.ndarray]) -> np.ndarray:
    """Give the median signal-to-noise ratio per pixel of spectra, over pixels with information; shape (n_spectra,)."""
    ratio = np.where(record["ivar"] > 0, record["flux"] * np.sqrt(record["ivar"]), np.nan)
    return np.nanmedian(ratio, axis=1)
