"""How true the continuum is that a recipe finds: its bias by noise and temperature, and single fits to look at."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from spectrolabe.spectra.cleaning import bridge
from spectrolabe.spectra.continuum import CONTINUA
from spectrolabe.spectra.randomness import RowGenerators, derive_seed
from spectrolabe.spectra.table import Spectra

#: Standard deviations of the noise that the bias is measured at, in units of the continuum.
SIGMAS = tuple(number / 200 for number in range(15))
#: Widths of temperature bins (K): the first that leaves no more bins than that.
WIDTHS, MOST_BINS = (250, 500, 1000, 2000, 5000), 16
#: Noise of the synthetic spectra that single fits are shown of.
SHOWN_SIGMAS = (0.01, 0.03, 0.05, 0.07)
#: A spectrograph's shape: ripples of the echelle orders (share of the flux; at most so many, none shorter, angstrom)
#: on a slope from one end to the other.
RIPPLE, MOST_RIPPLES, SHORTEST_RIPPLE, SLOPE = 0.1, 6, 50.0, 0.4


def measure_bias(stars: Spectra, method: Mapping[str, Mapping], seed: int) -> pd.DataFrame:
    """Give how far the found continuum lies above the true one, by noise and effective temperature (figure A1).

    Parameters
    ----------
    stars : synthetic spectra without noise whose continuum is 1, with ``teff`` (K).
    method : the option of a step ``normalise``: a name of `CONTINUA` with its options.
    seed : of the noise; a spectrum has the same noise, scaled, at every level.

    Returns
    -------
    One row per bin: ``teff_low``, ``teff_high`` (K), ``sigma`` (of the noise, continuum = 1), ``n`` (stars), ``bias``
    (per cent: of each star the mean over its pixels, of the stars the median).
    """
    edges = temperature_edges(stars.table["teff"])
    bins = np.searchsorted(edges, stars.table["teff"], side="right") - 1
    noise = RowGenerators(derive_seed(seed, "continuum"), stars.table["spectrum_id"].tolist())
    unit = noise.normal(stars.flux.shape[1])
    rows = []
    for sigma in SIGMAS:
        continuum = find_continuum(replace(stars, flux=stars.flux + sigma * unit), method)
        offsets = 100 * (np.nanmean(continuum, axis=1) - 1)
        for number in np.unique(bins):
            inside = offsets[bins == number]
            cell = {"teff_low": edges[number], "teff_high": edges[number + 1], "sigma": sigma}
            rows.append(cell | {"n": len(inside), "bias": float(np.median(inside))})
    return pd.DataFrame(rows)


def temperature_edges(teff: Sequence[float]) -> np.ndarray:
    """Give round edges (K) of bins that hold all temperatures, `MOST_BINS` at most where `WIDTHS` allow."""
    low, high = float(np.min(teff)), float(np.max(teff))
    for width in WIDTHS:
        edges = np.arange(width * np.floor(low / width), high + width, width)
        edges = np.append(edges, edges[-1] + width) if edges[-1] <= high else edges
        if len(edges) - 1 <= MOST_BINS:
            break
    return edges


def find_continuum(spectra: Spectra, method: Mapping[str, Mapping]) -> np.ndarray:
    """Give the continuum that a step ``normalise`` with this option divides by, shape (n_spectra, n_pixels)."""
    ((name, options),) = method.items()
    return CONTINUA[name](spectra, RowGenerators(0, spectra.table["spectrum_id"].tolist()), **options)


def fit_synthetic(stars: Spectra, method: Mapping[str, Mapping], seed: int) -> pd.DataFrame:
    """Give synthetic spectra as a spectrograph would record them, with the true and the found continuum (figure A2).

    One star per noise of `SHOWN_SIGMAS`, from cool to hot, is multiplied by `instrument_shape`.

    Returns
    -------
    One row per star: ``title``, and as lists ``flux``, ``true``, ``found``.
    """
    chosen = stars.select(spread_rows(stars.table["teff"].to_numpy(float), len(SHOWN_SIGMAS)))
    unit = RowGenerators(derive_seed(seed, "fits"), chosen.table["spectrum_id"].tolist()).normal(stars.flux.shape[1])
    true = instrument_shape(chosen.wavelength)
    sigma = np.array(SHOWN_SIGMAS)[: len(chosen), None]
    flux = (chosen.flux + sigma * unit) * true
    found = find_continuum(replace(chosen, flux=flux), method)
    titles = [
        f"{row.teff:.0f} K, log g {row.logg:.1f}, [Fe/H] {row.feh:+.1f}, noise {100 * noise:.0f} %".replace("-", "−")
        for row, noise in zip(chosen.table.itertuples(), SHOWN_SIGMAS, strict=False)
    ]
    return _fits(titles, flux, found, np.broadcast_to(true, flux.shape))


def fit_observed(raw: Spectra, method: Mapping[str, Mapping]) -> pd.DataFrame:
    """Give observed spectra over their median with the continuum found in them (figure A2).

    Returns
    -------
    One row per spectrum: ``title``, and as lists ``flux`` and ``found``, both NaN where nothing was measured.
    """
    if not len(raw):
        return pd.DataFrame()
    chosen = raw.select(spread_rows(np.arange(len(raw)), len(SHOWN_SIGMAS)))
    missing = chosen.ivar <= 0
    level = np.median(bridge(chosen.flux, missing), axis=1, keepdims=True)
    found = np.where(missing, np.nan, find_continuum(chosen, method) / level)
    return _fits(chosen.table["spectrum_id"], np.where(missing, np.nan, chosen.flux / level), found)


def _fits(titles, flux, found, true=None):
    table = pd.DataFrame({"title": list(titles), "flux": list(flux), "found": list(found)})
    return table if true is None else table.assign(true=list(true))


def spread_rows(values: np.ndarray, count: int) -> np.ndarray:
    """Give the rows of ``count`` values spread evenly from the lowest to the highest, all where they are fewer."""
    order = np.argsort(values, kind="stable")
    places = (np.arange(min(count, len(order))) + 0.5) * len(order) / min(count, max(len(order), 1))
    return order[places.astype(int)]


def instrument_shape(wavelength: np.ndarray) -> np.ndarray:
    """Give a smooth response like a spectrograph's: the ripples of its orders on a slope, 1 on average or so."""
    way = (wavelength - wavelength[0]) / (wavelength[-1] - wavelength[0])
    ripples = min(MOST_RIPPLES, (wavelength[-1] - wavelength[0]) / SHORTEST_RIPPLE)
    return (1 + SLOPE * (way - 0.5)) * (1 + RIPPLE * np.sin(2 * np.pi * ripples * way))
