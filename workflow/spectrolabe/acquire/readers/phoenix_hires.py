"""PHOENIX spectra of Husser et al. (2013, A&A 553, A6): ``lte*.PHOENIX-ACES-AGSS-COND-2011-HiRes.fits``."""

from pathlib import Path

import numpy as np

from spectrolabe.acquire.readers.errors import ReadError
from spectrolabe.acquire.readers.files import read_number
from spectrolabe.acquire.readers.fits_files import Extension, open_fits
from spectrolabe.acquire.readers.synthetic import build_synthetic
from spectrolabe.spectra.table import Spectrum

#: All spectra of the library share the wavelengths in this file.
WAVE_FILE = "WAVE_PHOENIX-ACES-AGSS-COND-2011.fits"
#: The library has it two folders above the spectra: .../HiResFITS/PHOENIX-ACES-AGSS-COND-2011/Z-0.0/lte*.fits.
FOLDERS_ABOVE = 3
#: Header key of each label. The microturbulence is that of lines in LTE; those of molecules (PHXXI_M) and of lines in
#: NLTE (PHXXI_N) are the same in this library.
KEYS = {"teff": "PHXTEFF", "logg": "PHXLOGG", "feh": "PHXM_H", "alpha_fe": "PHXALPHA", "vmic": "PHXXI_L"}


def read(path: Path) -> list[Spectrum]:
    """Give the spectrum of a file: flux (erg/s/cm^2/cm) in its primary image, wavelengths (vacuum) in the WAVE file.

    The WAVE file is looked for in the spectrum's folder, then in the three above it. [M/H] counts as ``feh``, [alpha/M]
    as ``alpha_fe``.
    """
    with open_fits(path) as extensions:
        header = extensions[0].header
        flux = _read_image(path, extensions[0])
    wavelength = _read_wavelength(path)
    if wavelength.size != flux.size:
        raise ReadError(path, f"expected {wavelength.size} pixels, as in {WAVE_FILE}, found {flux.size}")
    missing = [key for key in list(KEYS.values())[:3] if read_number(header, key) is None]
    if missing:
        raise ReadError(path, f"expected numbers {', '.join(KEYS.values())} in the header, found no {missing[0]}")
    labels = {name: read_number(header, key) for name, key in KEYS.items()}
    return [build_synthetic(path, wavelength, flux, labels, medium="vacuum")]


def _read_image(path: Path, extension: Extension) -> np.ndarray:
    image = extension.read_image()
    if image is None or image.ndim != 1:
        found = "none" if image is None else f"shape {image.shape}"
        raise ReadError(path, f"expected a one-dimensional image in the primary extension, found {found}")
    return image.astype(np.float64)


def _read_wavelength(path: Path) -> np.ndarray:
    folders = list(path.absolute().parents)[: FOLDERS_ABOVE + 1]
    found = next((folder / WAVE_FILE for folder in folders if (folder / WAVE_FILE).is_file()), None)
    if found is None:
        raise ReadError(path, f"expected {WAVE_FILE} beside it or up to {FOLDERS_ABOVE} folders above, found none")
    with open_fits(found) as extensions:
        return _read_image(found, extensions[0])
