"""Tiny spectra and a tiny grid, worked out by hand; TensorFlow on one thread, which pins the order of its sums."""

import itertools

import numpy as np
import pandas as pd
import pytest

from spectrolabe.acquire.grids import Grid
from spectrolabe.spectra.table import Spectra
from spectrolabe.train.threads import limit_threads

# Here, before any test imports TensorFlow, which reads it once.
limit_threads(1)

RANGES = {"teff": (4000, 7000), "logg": (1, 5), "feh": (-2, 0)}
VMIC = {"constant": 1.2, "teff": [0.3, 0.1], "logg": -0.2, "scatter": 0.1, "range": [0.8, 2.0]}


@pytest.fixture
def make_set():
    """Give a function (count, seed) -> Spectra of 20 pixels, in which one pixel deepens with teff, one with logg."""

    def make(count, seed):
        labels = np.random.default_rng(seed).uniform([4000, 1], [7000, 5], (count, 2))
        flux = np.ones((count, 20), np.float32)
        flux[:, 5] -= (labels[:, 0] - 4000) / 6000
        flux[:, 12] -= (labels[:, 1] - 1) / 8
        table = pd.DataFrame(labels, columns=["teff", "logg"])
        table.insert(0, "spectrum_id", [f"star-{number}" for number in range(count)])
        table.insert(1, "source_id", table["spectrum_id"])
        table["status"] = ""
        return Spectra(np.arange(5000.0, 5020.0), "air", flux, np.full_like(flux, 1e4), table)

    return make


@pytest.fixture
def toy_grid():
    """60 nodes, the corners of the ranges among them, of 50 pixels whose line depths are smooth in every label."""
    corners = list(itertools.product(*RANGES.values()))
    low, high = np.array(list(RANGES.values()), float).T
    rng = np.random.default_rng(3)
    labels = pd.DataFrame(np.vstack([corners, rng.uniform(low, high, (52, 3))]), columns=list(RANGES))
    labels["vmic"] = rng.uniform(0.8, 2.0, len(labels))
    wavelength = 5000 * np.exp(1e-4 * np.arange(50))
    return Grid(labels, toy_flux(labels), wavelength, "air", 5000.0, dict.fromkeys(PROVENANCE, "toy"), {"vmic": VMIC})


PROVENANCE = ("CODE", "ATMOS", "LINES", "SOLAR", "SEED")


def toy_flux(labels: pd.DataFrame) -> np.ndarray:
    """Two lines: one fades with temperature and grows with metallicity, one grows with gravity and vmic."""
    first = 0.5 * np.exp(2 * (5040 / labels["teff"] - 1) + 0.3 * labels["feh"])
    second = 0.1 + 0.05 * labels["logg"] + 0.02 * labels["vmic"] ** 2
    pixels = np.arange(50)
    profiles = [np.exp(-(((pixels - centre) / 3) ** 2)) for centre in (15, 35)]
    return (1 - np.outer(first, profiles[0]) - np.outer(second, profiles[1])).astype(np.float32)
