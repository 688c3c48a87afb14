"""How fast one core makes augmented training spectra of 4 400 pixels, and in how much memory: prints a Markdown table.

python benchmarks/augment_spectra.py
"""

import resource
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow"))

from spectrolabe.acquire.grids import read_grid
from spectrolabe.prepare.training_sets import Plan, draw_shard
from spectrolabe.recipe_steps import fill_steps
from spectrolabe.spectra import steps as step_lists
from spectrolabe.spectra.streaming import stream_shard

GRID = Path(__file__).parents[1] / "resources" / "grids" / "fgk_mgb.fits"
SPECTRA, TARGET, CORES, SECONDS = 2000, 10_000, 2, 180
RANGES = {"teff": [4000, 7000], "logg": [0.5, 5.0], "feh": [-2.5, 0.5], "alpha_fe": [-0.2, 0.6]}
WAVELENGTH = {"arms": [{"start": 5140, "stop": 5360, "step": 0.05}], "resolution": 47000, "medium": "air"}
CLIP = {"segment": 10, "low": 0.5, "high": 2.0, "strong_lines": "strong_lines", "widen": 150}
STEPS = [
    {"broaden": {}},
    {"rotate": {"max": 50}},
    {"shift": {"max": 150}},
    {"resample": {}},
    {"add_noise": {"max": 0.07}},
    {"normalise": {"asymmetric_clip": CLIP}},
]


def main() -> None:
    spent: Counter = Counter()
    for name, function in step_lists.STEPS.items():
        step_lists.STEPS[name] = timed(function, name, spent)
    recipe = {"wavelength": WAVELENGTH, "datasets": {}, "sets": {"synthetic": {"steps": STEPS}}}
    steps = fill_steps("benchmark", recipe)["sets"]["synthetic"]["steps"]
    plan = Plan("synthetic", ["teff", "vsini", "rv"], 1, steps, [], {"test": 0.1}, 1)
    begin, busy = perf_counter(), process_time()
    grid = read_grid(GRID)
    with TemporaryDirectory() as folder:
        stream_shard(Path(folder) / "0.parquet", draw_shard(grid, plan, 0, 1, stars=SPECTRA, ranges=RANGES), {})
    total = process_time() - busy
    print_table(spent, total)
    print(f"\n{SPECTRA / total:.0f} spectra per second and core, {1e-6 * peak_memory():.2f} GB at most.")
    print(f"{TARGET} spectra on {CORES} cores: {TARGET * total / SPECTRA / CORES:.0f} s (wanted: {SECONDS} s or less).")
    print(f"{perf_counter() - begin:.0f} s by the clock.")


def timed(function, name, spent):
    """Give a step that notes the processor time (s) that it takes."""

    def run(*arguments, **options):
        start = process_time()
        result = function(*arguments, **options)
        spent[name] += process_time() - start
        return result

    return run


def print_table(spent: Counter, total: float) -> None:
    print(f"{SPECTRA} spectra, one process, processor time\n")
    print("| step | ms per spectrum |\n|---|---|")
    for name, seconds in [*spent.items(), ("all else: grid, emulator, file", total - spent.total())]:
        print(f"| {name} | {1e3 * seconds / SPECTRA:.2f} |")
    print(f"| the whole | {1e3 * total / SPECTRA:.2f} |")


def peak_memory() -> int:
    """Give the most memory that this process has held (kB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main()
