"""Example spectra of a survey, spread in temperature and signal-to-noise: as the files hold them, and prepared."""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from astropy.io import fits

from spectrolabe.acquire.arms import read_arms
from spectrolabe.acquire.sharding import BETWEEN_ARMS
from spectrolabe.spectra.standardisation import standardise
from spectrolabe.spectra.table import Spectra, read_shard
from spectrolabe.spectra.wavelength import convert_medium

#: Where examples lie among all spectra: quantiles of Teff, and of S/N.
WANTED = ((0.05, 0.5), (0.28, 0.9), (0.5, 0.15), (0.72, 0.8), (0.95, 0.4))
#: Second radiation constant h c / k (angstrom K).
RADIATION = 1.438776877e8


def choose_examples(table: pd.DataFrame) -> np.ndarray:
    """Choose spectra spread in ``teff`` and ``snr``; positions of usable rows, each once, from cool to hot.

    Without temperatures, or ratios, their spread does not count.
    """
    usable = np.flatnonzero(table["status"].fillna("") == "")
    rows = table.iloc[usable]
    ranks = [
        rows[name].rank(pct=True).fillna(0.5).to_numpy() if name in rows else np.full(len(rows), 0.5)
        for name in ("teff", "snr")
    ]
    chosen = [usable[np.hypot(ranks[0] - teff, ranks[1] - snr).argmin()] for teff, snr in WANTED if len(usable)]
    return np.array(list(dict.fromkeys(chosen)), int)


def read_prepared(path: Path) -> Spectra:
    """Read the examples of a shard of prepared spectra (see `choose_examples`)."""
    names = [name for name in ("status", "teff", "snr") if name in pq.read_schema(path).names]
    chosen = choose_examples(pd.read_parquet(path, columns=names))
    return read_shard(path, rows=np.sort(chosen)).select(np.argsort(np.argsort(chosen)))


def read_examples(spectra: Spectra, root: Path, reader: str, join: Sequence[str], *, planck: bool) -> pd.DataFrame:
    """Give each spectrum as its file holds it and as it was prepared, and the Planck curve of its temperature.

    Parameters
    ----------
    spectra : prepared, with the manifest's columns ``path`` and ``row``.
    root, reader, join : see `spectrolabe.acquire.arms.read_arms`.
    planck : whether to give Planck curves of ``teff``, standardised: for spectra that are.

    Returns
    -------
    A row per curve: ``spectrum_id``, ``teff`` (K) and ``snr`` (NaN where not known), ``stage`` ("raw", "prepared" or
    "planck"), ``unit`` of raw flux as the file names it, ``wavelength`` (angstrom, that of raw ones in vacuum) and
    ``flux``, lists, NaN where nothing is known.
    """
    curves = []
    for place, row in enumerate(spectra.table.to_dict("records")):
        name = {"spectrum_id": row["spectrum_id"]} | {key: row.get(key, math.nan) for key in ("teff", "snr")}
        native = read_arms(row["path"], Path(root), reader, join)[0][row["row"]]
        known = (native.ivar > 0) & ~native.bad
        unit = read_unit(Path(root) / row["path"].split(BETWEEN_ARMS)[0])
        curves.append(_curve(name, "raw", native.wavelength, native.flux, known, unit))
        one = spectra.select([place])
        curves.append(_curve(name, "prepared", one.wavelength, one.flux[0], one.ivar[0] > 0))
        if planck and math.isfinite(name["teff"]):
            vacuum = convert_medium(one.wavelength, one.medium, "vacuum")
            ideal = standardise(replace(one, flux=planck_curve(vacuum, name["teff"])[None]), None)
            curves.append(_curve(name, "planck", one.wavelength, ideal.flux[0], ideal.ivar[0] > 0))
    columns = ["spectrum_id", "teff", "snr", "stage", "unit", "wavelength", "flux"]
    return pd.DataFrame(curves, columns=columns)


def _curve(name, stage, wavelength, flux, known, unit=""):
    flux = np.where(known, flux, np.nan).astype(float)
    return name | {"stage": stage, "unit": unit, "wavelength": wavelength.astype(float), "flux": flux}


def planck_curve(wavelength: np.ndarray, temperature: float) -> np.ndarray:
    """Give the light of a black body per unit of wavelength (angstrom, vacuum), over its mean; temperature in K."""
    light = wavelength**-5.0 / np.expm1(RADIATION / (wavelength * temperature))
    return light / light.mean()


def read_unit(path: Path) -> str:
    """Read the unit of flux that a FITS file names (BUNIT of its first headers); "" where it names none."""
    try:
        with fits.open(path) as hdus:
            units = [str(hdu.header.get("BUNIT", "")).strip() for hdu in hdus[:2]]
    except OSError:
        return ""
    return next(filter(None, units), "")
