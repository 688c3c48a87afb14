"""How fast one core prepares spectra of 10 000 pixels, beside specutils and PyAstronomy: prints a Markdown table.

python benchmarks/prepare_spectra.py
"""

import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from astropy import units
from PyAstronomy import pyasl
from specutils import Spectrum
from specutils.fitting import fit_generic_continuum
from specutils.manipulation import FluxConservingResampler, SplineInterpolatedResampler, gaussian_smooth

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow"))

from tools.timing import REPEATS, compare_with_goal, time_side_by_side, write_ratio

from spectrolabe.spectra.randomness import RowGenerators
from spectrolabe.spectra.steps import apply_steps
from spectrolabe.spectra.table import NOISE_FREE_IVAR, Spectra

ROWS, PIXELS = 64, 10_000
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
GRID = ARMS[0]["start"] + ARMS[0]["step"] * np.arange(PIXELS)
#: Pixels of `GRID` that a resolution of 80 000 is broadened to 20 000 by, 1 sigma.
BLUR = np.sqrt(1 / 20000**2 - 1 / 80000**2) * 5240 / 2.355 / ARMS[0]["step"]
CHAIN, CHAIN_GOAL, RESAMPLE, RESAMPLE_GOAL = "the whole chain", 20, "resample: conserve", 100


def main() -> None:
    spectra = make_spectra()
    names, first = spectra.table["spectrum_id"].tolist(), make_peer(spectra)
    print(f"{PIXELS} pixels, processor time of one core, medians of {REPEATS} repeats", end="")
    print(f" of {ROWS} spectra (the other libraries: of one spectrum)\n")
    print("| step | ms per spectrum | spectra per second | by | ms per spectrum | ratio |\n|---|---|---|---|---|---|")
    ratios = {}
    for step, (steps, peer, work) in ways(first).items():
        own = lambda steps=steps: apply_steps(spectra, steps, RowGenerators(1, names))  # noqa: E731
        seconds = time_side_by_side({"own": own, "peer": work})
        mine, other = seconds["own"] / ROWS, seconds["peer"]
        ratios[step] = other / mine
        print(f"| {step} | {1e3 * mine:.2f} | {1 / mine:.0f} | {peer}", end="")
        print(f" | {1e3 * other:.1f} | {write_ratio(ratios[step])} |", flush=True)
    print(f"\nThe whole chain: {compare_with_goal(ratios[CHAIN], CHAIN_GOAL)};", end="")
    print(f" resampling: {compare_with_goal(ratios[RESAMPLE], RESAMPLE_GOAL)}.")


def make_spectra() -> Spectra:
    """Give synthetic spectra of 300 lines on a grid of 1.2 km/s."""
    rng = np.random.default_rng(5183)
    wavelength = 5135 * np.exp(4.1e-6 * np.arange(PIXELS))
    depths = rng.uniform(0, 0.8, (ROWS, 300))
    profiles = np.exp(-(((wavelength - rng.uniform(5135, 5345, (300, 1))) / 0.08) ** 2))
    flux = np.exp(-depths @ profiles).astype(np.float32)
    table = pd.DataFrame({"spectrum_id": [f"star-{row}" for row in range(ROWS)], "status": "", "resolution": 80000.0})
    return Spectra(wavelength, "air", flux, np.full_like(flux, NOISE_FREE_IVAR), table)


def make_peer(spectra: Spectra) -> Spectrum:
    """Give the first spectrum as specutils has it."""
    return Spectrum(flux=spectra.flux[0].astype(float) * units.one, spectral_axis=spectra.wavelength * units.AA)


def ways(spectrum: Spectrum) -> dict[str, tuple[list[dict], str, Callable]]:
    """Give step -> our steps, the name of what does the same to one spectrum elsewhere, and that.

    The other libraries' whole chain is what their users would write: each library's function where it has one.
    """
    rng, conserve, spline = np.random.default_rng(1), FluxConservingResampler(), SplineInterpolatedResampler()
    # rotBroad needs a linear grid.
    wavelength, flux = spectrum.spectral_axis.value, spectrum.flux.value
    linear = np.linspace(wavelength[0], wavelength[-1], PIXELS)

    def add_noise(flux):
        return flux + rng.normal(scale=0.01, size=flux.shape) * units.one

    def run_chain():
        turned = pyasl.rotBroad(linear, np.interp(linear, wavelength, flux), 0.6, 10.0)
        moved = Spectrum(flux=turned * units.one, spectral_axis=linear * (1 + 1e-5) * units.AA)
        gridded = conserve(gaussian_smooth(moved, BLUR), GRID * units.AA)
        # The spectrum ends within the grid's last pixels, which are NaN then.
        noisy = Spectrum(flux=add_noise(np.nan_to_num(gridded.flux, nan=1.0)), spectral_axis=gridded.spectral_axis)
        return noisy / fit_generic_continuum(noisy)(noisy.spectral_axis)

    def normalise():
        return spectrum / fit_generic_continuum(spectrum)(spectrum.spectral_axis)

    one = {name: [{name: options}] for name, options in STEPS.items()}
    return {
        CHAIN: ([{name: options} for name, options in STEPS.items()], "PyAstronomy, specutils, NumPy", run_chain),
        "rotate": (one["rotate"], "PyAstronomy rotBroad", lambda: pyasl.rotBroad(linear, flux, 0.6, 10.0)),
        "broaden": (one["broaden"], "specutils gaussian_smooth", lambda: gaussian_smooth(spectrum, BLUR)),
        RESAMPLE: (
            one["resample"],
            "specutils FluxConservingResampler",
            lambda: conserve(spectrum, GRID * units.AA),
        ),
        "resample: cubic": (
            [{"resample": CUBIC}],
            "specutils SplineInterpolatedResampler",
            lambda: spline(spectrum, GRID * units.AA),
        ),
        "add_noise": (one["add_noise"], "NumPy", lambda: add_noise(spectrum.flux)),
        "normalise": (one["normalise"], "specutils fit_generic_continuum", normalise),
    }


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
