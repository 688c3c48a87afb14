"""Synthetic spectra on demand: labels drawn from a Sobol sequence, spectra computed by PySME from model atmospheres.

The radiative transfer is plane-parallel and in LTE; elements other than those named follow [Fe/H] on the solar scale of
Grevesse, Asplund & Sauval (2007). Single abundances differ from the (solar-scaled) atmosphere's: its structure does not
feel them.
"""

import logging
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.stats import norm, qmc

from spectrolabe.acquire.atmospheres import Atmosphere, AtmosphereGrid
from spectrolabe.acquire.lines import vald_short_columns
from spectrolabe.spectra.broadening import broaden_to_resolution
from spectrolabe.spectra.wavelength import LIGHT_SPEED

SOLAR_SCALE = "grevesse2007"
ALPHA_ELEMENTS = ("O", "Ne", "Mg", "Si", "S", "Ar", "Ca", "Ti")
#: Batches of draws without a single one that the models cover, after which the ranges must be wrong.
MOST_FAILURES = 40
#: Synthesis steps per stored pixel, at least, and the longest of them (km/s), so that lines are resolved before they
#: are broadened: those of iron in a cool star are some 3 km/s wide.
OVERSAMPLING, LONGEST_STEP = 3, 1.0
#: Below this resolving power (lambda / FWHM) lines are interpolated to this accuracy between the wavelengths that the
#: transfer is solved at, in place of PySME's 0.003: a quarter of the time less, 1e-4 of change (rms).
LOW_RESOLUTION, LOW_ACCURACY = 10_000, 0.01


def draw_labels(
    ranges: Mapping[str, Sequence[float]],
    vmic: Mapping,
    count: int,
    seed: int,
    covers: Callable[[np.ndarray], np.ndarray],
) -> pd.DataFrame:
    """Draw labels from a Sobol sequence within ranges and within the coverage of the models.

    Parameters
    ----------
    ranges : label -> (lowest, highest); ``teff`` (K), ``logg``, ``feh``, ``alpha_fe``, or ``<element>_fe`` (dex).
    vmic : the microturbulence's law (see `microturbulence`), its ``scatter`` and its ``range`` (km/s).
    count : number of spectra.
    seed : of the sequence's scrambling.
    covers : says for points (teff, logg, feh), shape (n, 3), which are covered, shape (n,).

    Returns
    -------
    ``count`` rows, one column per label, and ``vmic``.

    Raises
    ------
    ValueError
        Where nothing within the ranges is covered.
    """
    names = sorted(ranges)
    low, high = (np.array([ranges[name][side] for name in names], float) for side in (0, 1))
    sampler = qmc.Sobol(len(names) + 1, scramble=True, rng=np.random.default_rng(seed))
    batches: list[pd.DataFrame] = []
    while sum(map(len, batches)) < count:
        unit = sampler.random(256)
        labels = pd.DataFrame(low + unit[:, :-1] * (high - low), columns=names)
        scatter = vmic["scatter"] * norm.ppf(np.clip(unit[:, -1], 1e-6, 1 - 1e-6))
        labels["vmic"] = np.clip(microturbulence(labels, vmic) + scatter, *vmic["range"])
        batches.append(labels[covers(labels[["teff", "logg", "feh"]].to_numpy())])
        if len(batches) == MOST_FAILURES and not any(map(len, batches)):
            found = ", ".join(f"{name} {low:g} to {high:g}" for name, (low, high) in ranges.items())
            raise ValueError(f"expected label ranges that overlap with the models, found none between {found}")
    return pd.concat(batches, ignore_index=True).iloc[:count]


def microturbulence(labels: pd.DataFrame, law: Mapping) -> pd.Series:
    """Give the mean microturbulence (km/s): ``constant + teff[0] t + teff[1] t^2 + logg (log g - 4)``.

    t = (Teff - 5500 K) / 1000 K.
    """
    t = (labels["teff"] - 5500.0) / 1000.0
    return law["constant"] + law["teff"][0] * t + law["teff"][1] * t**2 + law["logg"] * (labels["logg"] - 4.0)


class Synthesizer:
    """Computes normalised spectra on a logarithmic wavelength grid.

    Parameters
    ----------
    lines : atomic lines, as `spectrolabe.acquire.lines.read_lines` gives them.
    atmospheres : the models to interpolate.
    wavelength : grid to return, uniform in log wavelength (angstrom, air).
    resolution : Gaussian resolving power that the spectra are broadened to.
    """

    def __init__(self, lines: pd.DataFrame, atmospheres: AtmosphereGrid, wavelength: np.ndarray, resolution: float):
        # Imported here: PySME lives in the environment of the rule that synthesises, the rest of the library does
        # without it.
        from pysme.linelist.linelist import LineList
        from pysme.sme import SME_Structure

        logging.getLogger("pysme").setLevel(logging.ERROR)
        self.atmospheres, self.wavelength, self.resolution = atmospheres, wavelength, resolution
        # The margin keeps the convolution's edges outside the stored window.
        margin, stored = 30, np.log(wavelength[1] / wavelength[0])
        oversampling = max(OVERSAMPLING, int(np.ceil(stored * LIGHT_SPEED / LONGEST_STEP - 1e-6)))
        pixels = np.arange(-margin * oversampling, (len(wavelength) + margin - 1) * oversampling + 1)
        self._fine, self._margin = wavelength[0] * np.exp(stored / oversampling * pixels), margin
        self._oversampling = oversampling
        self._sme = SME_Structure()
        self._sme.linelist = LineList(vald_short_columns(lines), lineformat="short", medium="air")
        self._sme.wave = self._fine
        self._sme.vmac = self._sme.vsini = 0
        self._sme.cscale_flag = self._sme.vrad_flag = "none"
        self._sme.normalize_by_continuum = True
        if resolution < LOW_RESOLUTION:
            self._sme.accwi = LOW_ACCURACY

    def spectrum(self, labels: Mapping[str, float]) -> np.ndarray:
        """Compute one spectrum.

        Parameters
        ----------
        labels : ``teff``, ``logg``, ``feh``, ``vmic`` and any of ``alpha_fe`` and ``<element>_fe`` (``mg_fe``).

        Returns
        -------
        Flux over continuum on the wavelength grid, shape (n_pixels,).
        """
        from pysme.abund import Abund
        from pysme.synthesize import synthesize_spectrum

        sme = self._sme
        sme.teff, sme.logg, sme.monh, sme.vmic = (labels[name] for name in ("teff", "logg", "feh", "vmic"))
        sme.abund = Abund(labels["feh"], SOLAR_SCALE)
        for element, excess in element_excesses(labels).items():
            sme.abund.xm[element] = excess
        sme.atmo = _pysme_atmosphere(
            self.atmospheres.interpolate(labels["teff"], labels["logg"], labels["feh"]), labels, sme.abund
        )
        sme = synthesize_spectrum(sme)
        fine = np.asarray(sme.synth[0])[None, :]
        broadened = broaden_to_resolution(fine, self._fine, self.resolution)[0, :: self._oversampling]
        return broadened[self._margin : self._margin + len(self.wavelength)]

    def line_depths(self, labels: Mapping[str, float]) -> np.ndarray:
        """Give the depth (continuum = 1) that each line would have at its centre, were it alone; shape (n_lines,).

        ``labels`` as of `spectrum`.
        """
        from pysme.synthesize import Synthesizer as PysmeSynthesizer

        self.spectrum(labels)
        # The compiled part of PySME, one for the process, still holds the lines and opacities of that spectrum.
        return np.asarray(PysmeSynthesizer().get_dll().CentralDepth(self._sme.mu, self._sme.accrt))


def element_excesses(labels: Mapping[str, float]) -> dict[str, float]:
    """Give [X/Fe] per element symbol: ``alpha_fe`` for all alpha elements, then what single labels say."""
    excesses = {element: labels["alpha_fe"] for element in ALPHA_ELEMENTS} if "alpha_fe" in labels else {}
    for name in labels:
        if name.endswith("_fe") and name != "alpha_fe":
            excesses[name.removesuffix("_fe").capitalize()] = labels[name]
    return excesses


def _pysme_atmosphere(model: Atmosphere, labels: Mapping[str, float], abund):
    from pysme.atmosphere.atmosphere import Atmosphere as PysmeAtmosphere

    atmo = PysmeAtmosphere()
    atmo.teff, atmo.logg, atmo.vturb, atmo.abund = labels["teff"], labels["logg"], labels["vmic"], abund
    atmo.method, atmo.geom, atmo.depth, atmo.interp, atmo.wlstd = "embedded", "PP", "RHOX", "RHOX", 5000.0
    # Continuous opacities on, scattering and lines' own as SME ships them.
    atmo.opflag = [1] * 13 + [0, 1, 0, 0, 0, 0, 0]
    atmo.temp, atmo.xne, atmo.xna = model.temperature, model.electrons, model.atoms
    atmo.rho, atmo.rhox, atmo.tau = model.density, model.rhox, model.rhox
    return atmo
