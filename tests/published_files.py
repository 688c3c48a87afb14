"""Files as the authors of published grids and surveys write them, in miniature."""

from pathlib import Path

import numpy as np
from astropy.io import fits

#: Labels of the miniatures, which no two formats write alike.
LABELS = {"teff": 5000.0, "logg": 4.5, "feh": -0.5, "alpha_fe": 0.2, "vmic": 1.5}


def write_phoenix(path: Path, flux: np.ndarray, labels: dict = LABELS, **cards) -> Path:
    """The header that phoenix.astro.physik.uni-goettingen.de documents; the second extension holds abundances."""
    primary = fits.PrimaryHDU(np.asarray(flux, np.float32))
    header = {
        "BUNIT": "erg/s/cm^2/cm", "WAVE": "WAVE_PHOENIX-ACES-AGSS-COND-2011.fits", "PHXTEFF": labels["teff"],
        "PHXLOGG": labels["logg"], "PHXM_H": labels["feh"], "PHXALPHA": labels["alpha_fe"], "PHXDUST": False,
        "PHXEOS": "ACES", "PHXBUILD": "02/Aug/2010", "PHXVER": "16.01.00B", "PHXXI_L": labels["vmic"],
        "PHXXI_M": labels["vmic"], "PHXXI_N": labels["vmic"], "PHXMASS": 2.5808e33, "PHXREFF": 2.3335e11,
        "PHXLUM": 5.0287e34, "PHXMXLEN": 1.48701064748,
    }  # fmt: skip
    for key, value in (header | cards).items():
        if value is not None:
            primary.header[key] = value
    abundances = [fits.Column("H", "E", array=[12.0]), fits.Column("He", "E", array=[10.93])]
    path.parent.mkdir(parents=True, exist_ok=True)
    fits.HDUList([primary, fits.BinTableHDU.from_columns(abundances)]).writeto(path, overwrite=True)
    return path


def write_wave(path: Path, wavelength: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    fits.PrimaryHDU(np.asarray(wavelength, np.float64)).writeto(path, overwrite=True)
    return path


def write_intrigoss(path: Path, wavelength, flux, labels: dict = LABELS, names=("wavelength", "surface_flux"), **cards):
    primary = fits.PrimaryHDU()
    keys = {"teff": "TEFF", "logg": "LOG_G", "feh": "FEH", "alpha_fe": "ALPHA", "vmic": "VT"}
    for key, value in ({keys[name]: value for name, value in labels.items()} | cards).items():
        if value is not None:
            primary.header[key] = value
    columns = [fits.Column(name, "D", array=array) for name, array in zip(names, (wavelength, flux), strict=True)]
    fits.HDUList([primary, fits.BinTableHDU.from_columns(columns)]).writeto(path, overwrite=True)
    return path


def write_ambre(path: Path, wavelength, flux, continuum=1e6) -> Path:
    """Turbospectrum's columns: wavelength, flux over continuum, flux."""
    rows = [f"{w:12.4f} {f / continuum:9.5f} {f:13.5E}\n" for w, f in zip(wavelength, flux, strict=True)]
    path.write_text("".join(rows))
    return path


def write_mpia(path: Path, wavelength, flux, labels: dict = LABELS, parameters=None, abundances=True) -> Path:
    """Parameters in the second line, changed abundances in the ninth."""
    values = [labels[name] for name in ("teff", "logg", "feh", "vmic")] + [0.0, 0.0]
    line = " ".join(f"{value:.2f}" for value in (parameters or values))
    alpha = f"{labels['alpha_fe']:.2f}"
    changed = f"# 8 12 14 20 22 : {' '.join([alpha] * 5)}" if abundances else "# none"
    comments = ["# Teff logg [Fe/H] Vmic Vmac Vsini", f"# {line}", *["#"] * 6, changed, "# wavelength flux"]
    rows = [f"{w:10.3f} {f:12.6f}" for w, f in zip(wavelength, flux, strict=True)]
    path.write_text("\n".join([*comments, *rows]) + "\n")
    return path


FERRE = """ &SYNTH
 SYNTHFILE_INTERNAL = 'f_nsc1.dat'
 ID = 'nsc1, x = 1'
 N_OF_DIM = 3
 N_P = 2 2 3
 NPIX = 12
 LABEL(1) = 'METALS'
 LABEL(2) = 'LOGG'
 LABEL(3) = 'TEFF'
 LLIMITS = -1.0 4.0 4000.0
 STEPS = 0.5 1.0 500.0
 COMMENTS1 = 'ATLAS9 models, ASSET'
 WAVE = 3.7 1.0E-5
 LOGW = 1
 RESOLUTION = 100000.0
 ORIGINAL_SAMPLING = 0.3
 /
"""


def write_ferre(path: Path, header: str = FERRE, spectra=None) -> Path:
    """By default 12 spectra of 12 pixels: pixel p of spectrum s (from 1) is 1000 s + p."""
    if spectra is None:
        spectra = [1000.0 * number + np.arange(12) for number in range(1, 13)]
    lines = [" ".join(f"{value:12.5E}" for value in flux) + "\n" for flux in spectra]
    path.write_text(header + "".join(lines))
    return path


def write_gaia_eso(path: Path, wavelength, columns: dict, unit="nm", ucd="em.wl;obs.atmos", **cards) -> Path:
    """ESO's science data products standard: an empty primary, then one row of arrays."""
    primary = fits.PrimaryHDU()
    header = {
        "ORIGIN": "ESO", "TELESCOP": "ESO-VLT-U2", "INSTRUME": "UVES", "OBJECT": "12345678-1234567", "RA": 189.49,
        "DEC": -12.58, "SPECSYS": "BARYCENT", "PRODCATG": "SCIENCE.SPECTRUM", "WAVELMIN": 476.8, "WAVELMAX": 580.2,
        "SNR": 50.0, "SPEC_RES": 47000.0, "GES_TYPE": "GE_MW",
    }  # fmt: skip
    for key, value in (header | cards).items():
        if value is not None:
            primary.header[key] = value
    size = len(wavelength)
    arrays = {"WAVE": np.asarray(wavelength, float)} | {name: np.asarray(data) for name, data in columns.items()}
    letters = {"WAVE": "D", "QUAL": "J"}
    fields = [
        fits.Column(name, f"{len(data)}{letters.get(name, 'E')}", unit=unit if name == "WAVE" else None, array=[data])
        for name, data in arrays.items()
    ]
    table = fits.BinTableHDU.from_columns(fields, name="SPECTRUM")
    table.header["VOCLASS"], table.header["NELEM"] = "SPECTRUM v1.0", size
    if ucd:
        table.header["TUCD1"] = ucd
    fits.HDUList([primary, table]).writeto(path, overwrite=True)
    return path
