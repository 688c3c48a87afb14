"""How many 10 000-pixel spectra one core prepares a second, beside specutils and PyAstronomy: prints a Markdown table.

python benchmarks/prepare_spectra.py
"""

import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import numpy as np
import pandas as pd
from astropy import units
from PyAstronomy import pyasl
from specutils import Spectrum
from specutils.fitting import fit_generic_continuum
from specutils.manipulation import FluxConservingResampler, SplineInterpolatedResampler

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow"))

from spectrolabe.spectra.randomness import RowGenerators
from spectrolabe.spectra.steps import apply_steps
from spectrolabe.spectra.table import NOISE_FREE_IVAR, Spectra

ROWS, PIXELS, REPEATS = 64, 10_000, 5
ARMS = [{"start": 5140, "stop": 5340, "step": 0.02, "resolution": 20000}]
STEPS = {
    "rotate": {"max": 20},
    "shift": {"max": 3},
    "broaden": {"arms": ARMS},
    "resample": {"arms": ARMS, "medium": "air"},
    "add_noise": {"snr": [30, 150]},
    "normalise": {"asymmetric_clip": {"segment": 10, "low": 0.5, "high": 2.0}},
}
CUBIC = {"arms": ARMS, "medium": "air", "method": "cubic"}


def main() -> None:
    spectra = make_spectra()
    chain = seconds_per_spectrum(spectra, [{name: options} for name, options in STEPS.items()])
    rows = [("the whole chain", chain, None, None)]
    for name, options, peer, function in peers(spectra):
        rows.append((name, seconds_per_spectrum(spectra, [options]), peer, repeat(function, 3)))
    rows += [(name, seconds_per_spectrum(spectra, [{name: STEPS[name]}]), None, None) for name in unrivalled(rows)]
    print(f"{PIXELS} pixels, one core, medians of {REPEATS} repeats of {ROWS} spectra (peers: of 3 of one spectrum)\n")
    print("| step | ms per spectrum | spectra per second | peer | ms per spectrum | ratio |\n|---|---|---|---|---|---|")
    for row in rows:
        print(table_line(*row))


def make_spectra() -> Spectra:
    """Give synthetic spectra of 300 lines on a grid of 1.2 km/s."""
    rng = np.random.default_rng(5183)
    wavelength = 5135 * np.exp(4.1e-6 * np.arange(PIXELS))
    depths = rng.uniform(0, 0.8, (ROWS, 300))
    profiles = np.exp(-(((wavelength - rng.uniform(5135, 5345, (300, 1))) / 0.08) ** 2))
    flux = np.exp(-depths @ profiles).astype(np.float32)
    table = pd.DataFrame({"spectrum_id": [f"star-{row}" for row in range(ROWS)], "status": "", "resolution": 80000.0})
    return Spectra(wavelength, "air", flux, np.full_like(flux, NOISE_FREE_IVAR), table)


def peers(spectra: Spectra) -> list[tuple[str, dict, str, Callable]]:
    """Give what the named libraries do for the same step on one spectrum."""
    wavelength, flux = spectra.wavelength, spectra.flux[0].astype(float)
    grid = ARMS[0]["start"] + ARMS[0]["step"] * np.arange(PIXELS)
    # rotBroad needs a linear grid.
    linear = np.linspace(wavelength[0], wavelength[-1], PIXELS)
    spectrum = Spectrum(flux=flux * units.one, spectral_axis=wavelength * units.AA)
    conserve, spline = FluxConservingResampler(), SplineInterpolatedResampler()
    return [
        (
            "rotate",
            {"rotate": STEPS["rotate"]},
            "PyAstronomy rotBroad",
            lambda: pyasl.rotBroad(linear, flux, 0.6, 10.0),
        ),
        (
            "resample: conserve",
            {"resample": STEPS["resample"]},
            "specutils FluxConservingResampler",
            lambda: conserve(spectrum, grid * units.AA),
        ),
        (
            "resample: cubic",
            {"resample": CUBIC},
            "specutils SplineInterpolatedResampler",
            lambda: spline(spectrum, grid * units.AA),
        ),
        (
            "normalise",
            {"normalise": STEPS["normalise"]},
            "specutils fit_generic_continuum",
            lambda: spectrum / fit_generic_continuum(spectrum)(spectrum.spectral_axis),
        ),
    ]


def unrivalled(rows: list[tuple]) -> list[str]:
    """Give the steps that no peer was timed for."""
    return [name for name in STEPS if not any(row[0].startswith(name) for row in rows)]


def seconds_per_spectrum(spectra: Spectra, steps: list[dict]) -> float:
    """Time steps on all spectra, after one run that fills the caches."""
    names = spectra.table["spectrum_id"].tolist()

    def run():
        apply_steps(spectra, steps, RowGenerators(1, names))

    run()
    return repeat(run, REPEATS) / len(spectra)


def repeat(function: Callable, count: int) -> float:
    """Give the median processor time (s), which other programs on the machine hardly touch."""
    times = []
    for _ in range(count):
        start = process_time()
        function()
        times.append(process_time() - start)
    return median(times)


def table_line(name: str, seconds: float, peer: str | None, peer_seconds: float | None) -> str:
    own = f"| {name} | {1e3 * seconds:.2f} | {1 / seconds:.0f} |"
    return (
        f"{own} | | |" if peer is None else f"{own} {peer} | {1e3 * peer_seconds:.1f} | {peer_seconds / seconds:.0f} |"
    )


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    begin = perf_counter()
    main()
    print(f"\n{perf_counter() - begin:.0f} s in all")
