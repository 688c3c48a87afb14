"""How fast one core labels spectra by The Cannon's quadratic model, beside annieslasso: prints a Markdown table.

annieslasso needs a NumPy that the rest does not get along with: it is installed in a temporary environment.

python benchmarks/label_by_cannon.py
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow"))

from tools.timing import REPEATS, time_side_by_side, write_ratio

from spectrolabe.train.threads import limit_threads

TOOLS = Path(__file__).parent / "tools"
GRID = Path(__file__).parents[1] / "resources" / "grids" / "fgk_mgb.fits"
LABELS, START, STEP, PIXELS, NOISE = ["teff", "logg", "feh"], 5140.0, 0.2, 800, 0.01
#: Training spectra, and by how many the others are repeated with new noise.
TRAINING, COPIES, ITERATIONS = 500, 2, 10
PACKAGES = ("annieslasso==0.2.96", "numpy<2", "setuptools")


def main() -> None:
    limit_threads(1)
    training, others = draw_spectra(np.random.default_rng(3))
    with TemporaryDirectory() as folder:
        theirs = run_annieslasso(Path(folder), training, others)
        ours = run_own(Path(folder), training, others)
    count = len(others[0])
    print(f"{TRAINING} spectra of {PIXELS} pixels and {len(LABELS)} labels to learn from, {count} to label, S/N")
    print(f"{1 / NOISE:.0f};", end=" ")
    print(f"processor time of one core; labelling: medians of {REPEATS} repeats\n")
    print("| by | training, s | labelling, ms per spectrum | errors of Teff (K), log g, [Fe/H] |\n|---|---|---|---|")
    for name, (trained, labelled, found) in {"this workflow: quadratic": ours, "annieslasso": theirs}.items():
        errors = 1.4826 * np.nanmedian(np.abs(found - others[1]), axis=0)
        words = f"{errors[0]:.0f}, {errors[1]:.3f}, {errors[2]:.3f}"
        print(f"| {name} | {trained:.1f} | {1e3 * labelled / count:.3f} | {words} |")
    print(f"| ratio | {write_ratio(theirs[0] / ours[0])} | {write_ratio(theirs[1] / ours[1])} | |")
    print("\nErrors are median absolute deviations from the truth, as 1 sigma; start-up is apart.")


def draw_spectra(rng: np.random.Generator):
    """Give (flux, labels) of the embedded grid to train on and to label: noisy, of different nodes."""
    from spectrolabe.acquire.grids import read_grid

    grid = read_grid(GRID)
    pixels = START + STEP * np.arange(PIXELS)
    flux = np.array([np.interp(pixels, grid.wavelength, each) for each in grid.flux])
    labels, order = grid.labels[LABELS].to_numpy(float), rng.permutation(len(flux))
    rows = order[:TRAINING], np.repeat(order[TRAINING:], COPIES)
    return [(flux[some] + rng.normal(scale=NOISE, size=(len(some), PIXELS)), labels[some]) for some in rows]


def run_annieslasso(folder: Path, training, others) -> tuple[float, float, np.ndarray]:
    """Give the time to train and to label (s), and the labels, shape (n_spectra, n_labels)."""
    python = make_environment(folder / "environment")
    arrays = {"flux": training[0], "labels": training[1], "others": others[0], "noise": NOISE, "repeats": REPEATS}
    np.savez(folder / "spectra.npz", **arrays)
    command = [python, TOOLS / "run_annieslasso.py", folder / "spectra.npz", folder / "labels.npy"]
    times = json.loads(run(command).splitlines()[-1])
    return times["training"], times["labelling"], np.load(folder / "labels.npy")


def make_environment(place: Path) -> Path:
    """Install annieslasso in an environment of its own, by uv where it is found; give its Python."""
    python = place / "bin" / "python"
    if uv := shutil.which("uv", path=Path(sys.executable).parent) or shutil.which("uv"):
        run([uv, "venv", "--quiet", "--python", sys.executable, place])
        run([uv, "pip", "install", "--quiet", "--python", python, *PACKAGES])
    else:
        run([sys.executable, "-m", "venv", place])
        run([python, "-m", "pip", "install", "--quiet", *PACKAGES])
    return python


def run(command: list) -> str:
    """Run a program and give what it prints; where it fails, say so by the last line of its errors."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise RuntimeError(f"{Path(command[0]).name} {command[1]} ended with {done.returncode}: {reason}")
    return done.stdout


def run_own(folder: Path, training, others) -> tuple[float, float, np.ndarray]:
    """Give what `run_annieslasso` gives, by the workflow's own quadratic network."""
    from spectrolabe.predict.ensembles import Ensemble
    from spectrolabe.spectra.table import Spectra
    from spectrolabe.train.members import save_member
    from spectrolabe.train.solved import solve_member

    def pack(flux, labels):
        table = pd.DataFrame(labels, columns=LABELS).assign(spectrum_id=[f"star-{row}" for row in range(len(flux))])
        flux = flux.astype(np.float32)
        return Spectra(np.arange(1.0, PIXELS + 1), "air", flux, np.ones_like(flux), table)

    settings = {"labels": LABELS, "network": {"quadratic": {"iterations": ITERATIONS}}, "head": {"point": {}}}
    packed, unknown = pack(*training), pack(*others)
    start = process_time()
    member, _ = solve_member(packed, packed, **settings, report=lambda line: None)
    trained = process_time() - start
    save_member(member, folder / "0.keras")
    ensemble = Ensemble([folder / "0.keras"])
    seconds = time_side_by_side({"own": lambda: ensemble(unknown.flux)})["own"]
    return trained, seconds, ensemble(unknown.flux)[0]


if __name__ == "__main__":
    main()
