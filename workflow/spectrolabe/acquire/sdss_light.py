"""Light from star to telescope: black bodies, reddening by dust, magnitudes in g, and the night sky."""

import numpy as np

from spectrolabe.acquire.simulated_spectra import PLANCK
from spectrolabe.acquire.stellar_tracks import SUN_LOGG
from spectrolabe.spectra.wavelength import LIGHT_SPEED

#: Total over selective extinction.
R_V = 3.1
#: Coefficients of y = 1/lambda - 1.82 (1/micrometre), from the constant on, of extinction in the optical: Cardelli,
#: Clayton & Mathis (1989, ApJ 345, 245), equations 3a and 3b.
DUST_A = (1, 0.17699, -0.50447, -0.02427, 0.72085, 0.01979, -0.77530, 0.32999)
DUST_B = (0, 1.41338, 2.28305, 1.07233, -5.38434, -0.62251, 5.30260, -2.09002)
#: The g band as a Gaussian: centre and sigma (angstrom).
G_BAND = (4770.0, 500.0)
#: Flux of AB magnitude 0 (erg/s/cm2/Hz), and our unit of flux (erg/s/cm2/angstrom).
AB_ZERO, UNIT = 10 ** (-0.4 * 48.6), 1e-17
#: 2 pi h c^2 (erg angstrom^4 / s / cm2): flux at the surface of a black body is this / lambda^5 / (exp - 1).
SURFACE = 3.741772e27
#: Radius of the Sun in kpc.
SUN_RADIUS = 2.25461e-11
#: Sky at these wavelengths (angstrom, vacuum), in 1e-17 erg/s/cm2/angstrom, between straight.
SKY_WAVELENGTHS = (3500, 4000, 4600, 5300, 5800, 6000, 6300, 6600, 7500, 9200, 10500)
SKY_LEVELS = (6.5, 7.1, 7.0, 6.9, 9.0, 9.5, 8.5, 6.3, 7.0, 7.6, 9.0)
#: Lines of the night sky and of lamps: wavelength (angstrom, vacuum; Osterbrock et al. 1996, PASP 108, 277) and height
#: as in one SDSS spectrum (1e-17 erg/s/cm2/angstrom).
SKY_LINES = (
    (4047.7, 12), (4359.6, 37), (5200.5, 8), (5462.3, 33), (5578.9, 550), (5689.8, 8), (5771.2, 8), (5792.3, 8),
    (5891.6, 95), (5897.6, 60), (6302.0, 62), (6365.5, 20), (6500.5, 6), (6534.8, 7), (6555.4, 7), (6579.0, 6),
    (6865.8, 20), (7278.3, 40), (7342.9, 60), (7752.8, 80), (7796.2, 90), (7915.9, 110), (8401.5, 150),
    (8432.5, 140), (8888.3, 250), (8922.0, 160), (9378.0, 150),
)  # fmt: skip


def planck(wavelength: np.ndarray, teff: np.ndarray) -> np.ndarray:
    """Give the flux at the surface of black bodies (erg/s/cm2/angstrom).

    Parameters
    ----------
    wavelength : angstrom, shape (n_pixels,).
    teff : K, shape (n_spectra, 1).
    """
    return SURFACE / wavelength**5 / np.expm1(PLANCK / wavelength / teff)


def dim(wavelength: np.ndarray, ebv: np.ndarray) -> np.ndarray:
    """Give the share of the light that dust of a reddening E(B-V) (mag) lets through; 3 030 to 9 090 angstrom."""
    y = 1e4 / wavelength - 1.82
    law = np.polynomial.polynomial.polyval(y, DUST_A) + np.polynomial.polynomial.polyval(y, DUST_B) / R_V
    return 10 ** (-0.4 * R_V * ebv * law)


def scale_to_magnitude(flux: np.ndarray, wavelength: np.ndarray, known: np.ndarray, g: np.ndarray) -> np.ndarray:
    """Give the factor that brings spectra, where known, to AB magnitudes g, in `UNIT`; shape (n_spectra, 1)."""
    band = known * np.exp(-(((wavelength - G_BAND[0]) / G_BAND[1]) ** 2) / 2)
    # Photons are counted: flux per frequency is c / lambda^2 of that per wavelength.
    flat = (band * LIGHT_SPEED * 1e13 / wavelength).sum(axis=1)
    received = AB_ZERO * 10 ** (-0.4 * g) * flat / (band * flux * wavelength).sum(axis=1)
    return (received / UNIT)[:, None]


def find_distance(teff: np.ndarray, logg: np.ndarray, mass: np.ndarray, ebv: np.ndarray, g: np.ndarray) -> np.ndarray:
    """Give how far (kpc) stars are whose black body of this Teff (K), log g and mass (solar) has magnitude g."""
    surface = planck(G_BAND[0], teff) * dim(np.array(G_BAND[0]), ebv)
    received = AB_ZERO * 10 ** (-0.4 * g) * LIGHT_SPEED * 1e13 / G_BAND[0] ** 2
    radius = np.sqrt(mass * 10 ** (SUN_LOGG - logg)) * SUN_RADIUS
    return radius * np.sqrt(surface / received)


def sky_light(wavelength: np.ndarray, width: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the sky's continuum and its lines of a width (sigma of ln wavelength), each of shape (n_pixels,)."""
    centres, heights = np.array(SKY_LINES, float).T[:, :, None]
    lines = (heights * np.exp(-((np.log(wavelength / centres) / width) ** 2) / 2)).sum(axis=0)
    return np.interp(wavelength, SKY_WAVELENGTHS, SKY_LEVELS), lines
