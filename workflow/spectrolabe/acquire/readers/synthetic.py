"""What every reader of synthetic spectra needs: labels checked, wavelengths in vacuum, flux without noise."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from spectrolabe.acquire.readers.errors import ReadError
from spectrolabe.acquire.readers.files import build_spectrum
from spectrolabe.spectra.table import NOISE_FREE_IVAR, Spectrum
from spectrolabe.spectra.wavelength import air_to_vacuum

#: Labels that synthetic spectra may have, and those without which one is of no use.
LABELS = ("teff", "logg", "feh", "alpha_fe", "vmic")
NEEDED = LABELS[:3]


def build_synthetic(
    path: Path,
    wavelength: np.ndarray,
    flux: np.ndarray,
    labels: Mapping[str, float | None],
    *,
    medium: str,
    resolution: float | None = None,
) -> Spectrum:
    """Give a synthetic spectrum with its labels in ``meta``; labels that are None or no number are left out.

    Where text files give wavelengths with too few digits, neighbours are equal: the first of them is kept. Flux that is
    no number or not positive was not computed and is bad. There is no noise: the inverse variance is
    `spectrolabe.spectra.table.NOISE_FREE_IVAR` over the squared median flux, whatever unit the flux has.

    Parameters
    ----------
    wavelength : angstrom, in ``medium``: "air" or "vacuum".
    labels : teff (K), logg, feh, alpha_fe (dex), vmic (km/s); the first three are needed.
    resolution : resolving power of the spectrum, where the file says that it was broadened.

    Raises
    ------
    ReadError
        Where a needed label is missing, flux and wavelengths differ in number, or the spectrum cannot be used.
    """
    known = {name: float(value) for name, value in labels.items() if value is not None and np.isfinite(value)}
    missing = [name for name in NEEDED if name not in known]
    if missing:
        raise ReadError(path, f"expected the labels {', '.join(NEEDED)}, found no {', '.join(missing)}")
    if wavelength.size != flux.size:
        raise ReadError(path, f"expected as many flux values as wavelengths ({wavelength.size}), found {flux.size}")
    distinct = np.r_[True, np.diff(wavelength) != 0]
    wavelength, flux = wavelength[distinct].astype(np.float64), flux[distinct].astype(np.float64)
    bad = ~(np.isfinite(flux) & (flux > 0))
    level = np.median(flux[~bad]) if not bad.all() else 1.0
    vacuum = wavelength if medium == "vacuum" else air_to_vacuum(wavelength)
    ivar = np.full(flux.size, NOISE_FREE_IVAR / level**2)
    return build_spectrum(path, vacuum, flux, ivar, bad, known | {"resolution": resolution})
