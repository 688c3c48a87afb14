"""AMBRE spectra of de Laverny et al. (2012, A&A 544, A126): text columns, the labels in the file's name."""

import re
from pathlib import Path

import numpy as np

from spectrolabe.acquire.readers.errors import ReadError
from spectrolabe.acquire.readers.synthetic import build_synthetic
from spectrolabe.acquire.readers.text_files import read_columns
from spectrolabe.spectra.table import Spectrum

#: The name that AMBRE gives its files (p4500_g+1.5_m0.0_t02_z-0.50_a+0.20.AMBRE), after the MARCS model, and the name
#: under which the POLLUX database gives them out (M_p4500g1.5z-0.50t2.0_a0.20c0.00n0.00o0.20r0.00s0.00_VIS.spec).
NAMES = (
    re.compile(
        r"[ps](?P<teff>\d{4,5})_g(?P<logg>[+-]\d\.\d+)_m\d+\.\d+_t(?P<vmic>\d\d)(?:_[a-z]{2})?"
        r"_z(?P<feh>[+-]\d\.\d+)_a(?P<alpha_fe>[+-]\d\.\d+)"
    ),
    re.compile(
        r"M_[ps](?P<teff>\d{4,5})g(?P<logg>[+-]?\d\.\d+)z(?P<feh>[+-]?\d\.\d+)t(?P<vmic>\d+\.\d+)"
        r"_a(?P<alpha_fe>[+-]?\d\.\d+)c"
    ),
)


def read(path: Path) -> list[Spectrum]:
    """Give the spectrum of a file: wavelength (angstrom, air) in the first column, the surface flux in a later one.

    Of the later columns, which hold the surface flux and the flux over continuum in either order, the one with the
    larger values is the surface flux. teff, logg, feh ([M/H]), alpha_fe and vmic come from the file's name.
    """
    labels = _read_name(path)
    _, columns = read_columns(path, 2)
    flux = columns[:, 1 + int(np.argmax(np.median(columns[:, 1:], axis=0)))]
    return [build_synthetic(path, columns[:, 0], flux, labels, medium="air")]


def _read_name(path: Path) -> dict[str, float]:
    for pattern in NAMES:
        match = pattern.match(path.name)
        if match:
            return {name: float(value) for name, value in match.groupdict().items()}
    example = "p4500_g+1.5_m0.0_t02_z-0.50_a+0.20.AMBRE"
    raise ReadError(path, f"expected labels in the file's name, as in {example}, found none")
