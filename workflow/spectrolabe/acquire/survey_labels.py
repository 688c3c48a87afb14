"""What a simulated survey publishes: labels with their errors drawn, flags, astrometry, magnitudes, and the truth."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from spectrolabe.acquire.stellar_tracks import absolute_magnitudes
from spectrolabe.spectra.randomness import RowGenerators, derive_seed

#: Labels whose true value is kept beside the published one.
TRUE_LABELS = ("teff", "logg", "feh", "mg_fe", "al_fe", "a_fe", "a_mg", "a_al", "vsini", "rv")
#: Errors differ between spectra by this factor (natural logarithm); a few are poor, by a factor between these.
ERROR_SPREAD, POOR_SHARE, POOR_FACTORS = 0.15, 0.08, (1.5, 5.0)
#: The metallicity of the model and the abundance of iron share their error but for this (dex).
METALLICITY_SCATTER = 0.07
VELOCITY_ERROR, ROTATION_ERROR, MAGNITUDE_ERROR, SEISMIC_ERROR = 0.4, 0.1, 0.025, 0.03
#: Benchmark stars are bright and well observed.
BENCHMARK_SNR, BENCHMARK_ERRORS = (60.0, 200.0), 0.4
#: Of troubled spectra the survey notices a share; some sound ones it flags as well.
NOTICED, FALSELY_FLAGGED = 0.3, 0.02
PECULIAR = ("emission", "double_lined")
#: Giants, and the share of them that oscillations are measured of.
SEISMIC_LOGG, SEISMIC_SHARE = (1.5, 3.3), 0.2


def publish_labels(
    stars: pd.DataFrame, seed: int, snr: Mapping, errors: Mapping[str, float], solar: Path
) -> pd.DataFrame:
    """Give a survey's table of labels and the truth beside it.

    Parameters
    ----------
    stars : one row per spectrum: ``spectrum_id``, ``source_id`` and what is true of its star.
    seed : of the survey.
    snr : ``median`` and ``range`` of the signal-to-noise ratio per pixel.
    errors : mean errors (1 sigma) of teff (K), logg, a_fe, a_mg and a_al (dex).
    solar : CSV of the Sun's abundances with the columns ``element`` and ``abundance``.

    Returns
    -------
    One row per spectrum, columns in our names (errors drawn from ``<label>_err`` and added), ``<label>_true``,
    ``population``, ``trouble``, ``trouble_strength``, ``flux_ratio`` and ``eccentricity_true``.
    """
    rng = RowGenerators(derive_seed(seed, "published"), stars["spectrum_id"])
    benchmark = (stars["benchmark"] != "").to_numpy()
    truth = stars.assign(**_absolute_abundances(stars, solar))
    table = stars[["spectrum_id", "source_id", "ra", "dec", "benchmark", "cluster", "cluster_feh"]].copy()
    table["snr"] = _draw_snr(rng, snr, benchmark)
    table = table.assign(**_draw_labels(rng, truth, errors, benchmark))
    table = table.assign(**_draw_velocities(rng, truth), **_draw_flags(rng, truth), **_draw_astrometry(rng, truth))
    table = table.assign(**_draw_seismic(rng, truth, benchmark))
    table = table.assign(**{f"{label}_true": truth[label] for label in TRUE_LABELS})
    kept = ["population", "trouble", "trouble_strength", "flux_ratio"]
    numbers = {"eccentricity_true": stars["eccentricity"], "age_true": stars["age"]}
    return table.assign(**{name: stars[name] for name in kept}, **numbers)


def _absolute_abundances(stars, solar):
    sun = pd.read_csv(solar, keep_default_na=False).set_index("element")["abundance"]
    abundances = {"a_fe": stars["feh"] + sun["Fe"]}
    return abundances | {f"a_{x}": stars[f"{x}_fe"] + stars["feh"] + sun[x.capitalize()] for x in ("mg", "al")}


def _draw_snr(rng, snr, benchmark):
    """Draw the logarithm as a power of a uniform number, which fits the median and ends at the range."""
    low, high = snr["range"]
    power = np.log2(np.log(high / low) / np.log(snr["median"] / low))
    part, bright = rng.uniform(0, 1), rng.uniform(*BENCHMARK_SNR)
    return np.where(benchmark, bright, low * (high / low) ** part**power).round(1)


def _draw_labels(rng, truth, errors, benchmark):
    poor = np.where(rng.uniform(0, 1) < POOR_SHARE, rng.uniform(*POOR_FACTORS), 1.0)
    quality = np.where(benchmark, BENCHMARK_ERRORS, poor)
    mean = 1 + POOR_SHARE * (np.mean(POOR_FACTORS) - 1)
    drawn = {}
    for label, error in errors.items():
        spread, deviation = rng.normal(2).T
        sigma = error / mean * quality * np.exp(ERROR_SPREAD * spread - ERROR_SPREAD**2 / 2)
        digits = 1 if label == "teff" else 4
        drawn[label], drawn[f"{label}_err"] = (truth[label] + sigma * deviation).round(digits), sigma.round(digits)
    relative = drawn["a_fe"] - truth["a_fe"] + truth["feh"]
    scatter = METALLICITY_SCATTER * np.maximum(quality, 1.0) * rng.normal(1)[:, 0]
    return drawn | {"metallicity": (relative + scatter).round(4)}


def _draw_velocities(rng, truth):
    error, sign = rng.normal(2).T
    wrong = np.where(truth["trouble"] == "wrong_rv", truth["trouble_strength"] * np.sign(sign), 0.0)
    vsini = truth["vsini"] * np.exp(ROTATION_ERROR * rng.normal(1)[:, 0])
    rv = (truth["rv"] + VELOCITY_ERROR * error + wrong).round(3)
    return {"rv": rv, "rv_err": VELOCITY_ERROR, "vsini": vsini.round(2)}


def _draw_flags(rng, truth):
    """TECH where the analysis failed, PECULI where the star is odd; labels beyond the models' range always have one."""
    draw, trouble = rng.uniform(0, 1), truth["trouble"].to_numpy()
    odd, outside = np.isin(trouble, PECULIAR), trouble == "outside_range"
    noticed = (trouble != "") & ~odd & ~outside & (draw < NOTICED)
    tech = np.select([outside, noticed | (draw > 1 - FALSELY_FLAGGED / 2)], ["edge of models", "no convergence"], "")
    doubtful = (draw > 1 - FALSELY_FLAGGED) & (draw <= 1 - FALSELY_FLAGGED / 2)
    peculi = np.where(odd & (draw < NOTICED), trouble, np.where(doubtful, "peculiar", ""))
    return {"tech": tech, "peculi": np.char.replace(peculi.astype(str), "_", " ")}


def _draw_astrometry(rng, truth):
    spreads = rng.normal(4)
    apparent = absolute_magnitudes(truth).add(5 * np.log10(truth["distance"] * 100), axis=0)
    error = 0.02 * 10 ** (0.15 * np.clip(apparent["j"] - 11, 0, None))
    columns = {"parallax": (1 / truth["distance"] + error * spreads[:, 0]).round(4), "parallax_err": error.round(4)}
    columns |= {"pmra": truth["pmra"], "pmdec": truth["pmdec"]}
    for place, name in enumerate(("j", "h", "k"), 1):
        columns[name] = (apparent[name] + MAGNITUDE_ERROR * spreads[:, place]).round(3)
        columns[f"{name}_err"] = MAGNITUDE_ERROR
    return columns


def _draw_seismic(rng, truth, benchmark):
    measured = truth["logg"].between(*SEISMIC_LOGG) & (truth["cluster"] == "") & ~benchmark
    measured &= rng.uniform(0, 1) < SEISMIC_SHARE
    logg = (truth["logg"] + SEISMIC_ERROR * rng.normal(1)[:, 0]).round(4)
    return {
        "logg_seismic": logg.where(measured),
        "logg_seismic_err": measured.map({True: SEISMIC_ERROR, False: np.nan}),
    }
