"""What goes wrong with some simulated SDSS spectra: planted with a known kind and strength, to be found again."""

import numpy as np
import pandas as pd

from spectrolabe.acquire.trouble import add_spikes, blank_pixels, distort_continuum
from spectrolabe.spectra.randomness import RowGenerators

#: Kind -> lowest and highest strength: height of the highest spike over the star's median flux, share of the sky
#: lines' light that is left, share of the pixels without data, largest error of the flux on one side of where both
#: cameras meet, error of the catalogue's velocity (km/s).
STRENGTHS = {
    "cosmic_rays": (1.5, 10.0),
    "sky_residuals": (0.05, 0.30),
    "dead_pixels": (0.005, 0.05),
    "continuum": (0.05, 0.20),
    "wrong_rv": (50.0, 200.0),
}
#: Where the blue camera ends and the red one begins (angstrom).
DICHROIC = 6000.0
#: Bit of SPPIXMASK: no exposure has data.
FULLREJECT = 1 << 18


def plant_trouble(
    flux: np.ndarray,
    ivar: np.ndarray,
    mask: np.ndarray,
    lines: np.ndarray,
    wavelength: np.ndarray,
    known: np.ndarray,
    spectra: pd.DataFrame,
    rng: RowGenerators,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give flux, inverse variance and mask with each spectrum's trouble, where there is one that pixels show.

    Parameters
    ----------
    flux, ivar, mask : shape (n_spectra, n_pixels).
    lines : light of the sky's lines, in the unit of flux.
    wavelength : angstrom, shape (n_pixels,).
    known : where there are data, a run of pixels in each spectrum.
    spectra : ``trouble`` and ``trouble_strength``.
    """
    flux, ivar, mask = flux.copy(), ivar.copy(), mask.copy()
    drawn = zip(spectra["trouble"], spectra["trouble_strength"], rng, strict=True)
    for row, (kind, strength, generator) in enumerate(drawn):
        if kind not in STRENGTHS or kind == "wrong_rv":
            continue
        inside = np.flatnonzero(known[row])
        flat, parts = np.ones(len(inside)), _cameras(wavelength[inside])
        options = (wavelength[inside], parts, strength, 0.0, generator)
        if kind == "cosmic_rays":
            flux[row, inside] += np.median(flux[row, inside]) * (add_spikes(flat, *options) - 1)
        elif kind == "sky_residuals":
            flux[row] += strength * generator.choice([-1, 1]) * lines[row]
        elif kind == "continuum":
            flux[row, inside] *= distort_continuum(flat, *options)
        else:
            dead = inside[blank_pixels(flat, *options) == 0]
            flux[row, dead], ivar[row, dead], mask[row, dead] = 0, 0, mask[row, dead] | FULLREJECT
    return flux, ivar, mask


def _cameras(wavelength):
    border = int(np.searchsorted(wavelength, DICHROIC))
    parts = (slice(0, border), slice(border, len(wavelength)))
    return [part for part in parts if part.stop > part.start]
