"""How fast two cores predict labels by an ensemble, beside Keras's `predict` member by member: prints a table.

The first three are networks as in A&A 672, A46 (figure 5): there 37 000 spectra took 20 s a member on eight cores.

python benchmarks/predict_labels.py
"""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from statistics import geometric_mean, median
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow"))

from tools.timing import REPEATS, compare_with_goal, time_side_by_side, write_ratio

CORES, SPECTRA, MEMBERS, LABELS, GOAL = 2, 1024, 8, 5, 2.5
#: Spectra per second, member and core: wanted, and of the paper.
WANTED, PAPER = 2000, 37_000 / 20 / 8
PAIRS = {"filters": [4, 8, 16], "kernel": 8, "dense": [128, 64, 32], "dropout": 0.1}
CONV = {"conv": {"filters": [4, 16], "kernel": 8, "pool": 4, "dense": [256, 128]}}
#: Network -> its pixels and itself.
NETWORKS = {
    "conv_pairs, strides 2, pools 2": (8669, {"conv_pairs": PAIRS | {"strides": [2, 2, 2], "pool": 2}}),
    "the same on 60 components": (8669, {"conv_pairs": PAIRS | {"strides": [2, 2, 2], "pool": 2, "components": 60}}),
    "perceptron, 100 components": (8669, {"perceptron": {"components": 100, "units": [256, 256]}}),
    "conv": (8000, CONV),
    "conv on fewer pixels": (2000, CONV),
    "perceptron": (2000, {"perceptron": {"units": [256, 128]}}),
}


def main() -> None:
    print(
        f"{MEMBERS} members, {SPECTRA} spectra; spectra times members per second by the clock on {CORES} cores, medians"
    )
    print(
        f"of {REPEATS} repeats after one that compiles; start-up apart. The workflow: {CORES} shards side by side, in"
    )
    print(
        "processes of one thread that take all members in one pass. `predict`: a member after another in one process,"
    )
    print("with the threads that TensorFlow takes by itself and batches of 32, which it takes by itself, or of 256.\n")
    print(f"| network | pixels | start-up, s | workflow | `predict` | ratio | batches of 256 | ratio |\n{'|---' * 8}|")
    rates, ratios = [], []
    for name, (pixels, _) in NETWORKS.items():
        with TemporaryDirectory() as folder:
            call("save", name, folder)
            shards = [start("ensemble", name, folder) for _ in range(CORES)]
            found = [finish(process) for process in shards]
            plain = call("predict", name, folder)
        done = MEMBERS * SPECTRA
        own, small, large = sum(done / each["ensemble"] for each in found), done / plain["32"], done / plain["256"]
        rates.append(own / CORES)
        ratios.append(own / small)
        numbers = (
            f"{median(each['start-up'] for each in found):.1f} | {own:.0f} | {small:.0f} | {write_ratio(own / small)}"
        )
        print(f"| {name} | {pixels} | {numbers} | {large:.0f} | {write_ratio(own / large)} |", flush=True)
    print(f"\nThe ensemble to `predict`, geometric mean: {compare_with_goal(geometric_mean(ratios), GOAL)}. The first")
    print(
        f"network, per core: {rates[0]:.0f} spectra times members a second (wanted: {WANTED}; the paper: {PAPER:.0f})."
    )


def start(task: str, name: str, folder: str) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, __file__, task, name, folder], stdout=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen) -> dict[str, float]:
    """Give the seconds that a process prints."""
    output = process.communicate()[0]
    if process.returncode:
        raise RuntimeError(f"{' '.join(process.args[1:])} ended with {process.returncode}")
    return json.loads(output)


def call(task: str, name: str, folder: str) -> dict[str, float]:
    return finish(start(task, name, folder))


def invent(name: str) -> np.ndarray:
    """Give normalised flux with noise, shape (SPECTRA, n_pixels)."""
    return (1 + 0.02 * np.random.default_rng(1).standard_normal((SPECTRA, NETWORKS[name][0]))).astype(np.float32)


def save(name: str, folder: Path) -> dict[str, float]:
    """Write members with the weights that they start from."""
    from spectrolabe.train.heads import PointHead
    from spectrolabe.train.members import build_model, save_member
    from spectrolabe.train.scaling import LabelScaling

    zeros, flux = np.zeros(LABELS, np.float32), invent(name)[:512]
    for member in range(MEMBERS):
        model = build_model(flux, NETWORKS[name][1], PointHead(), LabelScaling(zeros, zeros + 1, zeros), member)
        save_member(model, folder / f"{member}.keras")
    return {}


def run_ensemble(name: str, folder: Path) -> dict[str, float]:
    """Give the time to start and to predict by all members in one pass (s)."""
    from spectrolabe.train.threads import limit_threads

    begin = perf_counter()
    limit_threads(1)
    # Imported after the limit, which TensorFlow reads once, on import.
    from spectrolabe.predict.ensembles import Ensemble

    ensemble, flux = Ensemble(sorted(folder.glob("*.keras"))), invent(name)
    started = perf_counter() - begin
    return {"start-up": started} | time_side_by_side({"ensemble": lambda: ensemble(flux)}, clock=perf_counter)


def run_predict(name: str, folder: Path) -> dict[str, float]:
    """Give the time to predict by one member after another (s), by size of the batches."""
    from spectrolabe.train.members import load_member

    members, flux = [load_member(path) for path in sorted(folder.glob("*.keras"))], invent(name)

    def predict(size):
        return [member.predict(flux, batch_size=size, verbose=0) for member in members]

    return time_side_by_side({"32": lambda: predict(32), "256": lambda: predict(256)}, clock=perf_counter)


if __name__ == "__main__":
    if len(sys.argv) == 1:
        main()
    else:
        os.environ |= {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "2"}
        # TensorFlow warns of several networks with a `predict` each, which is what is timed here.
        logging.getLogger("tensorflow").setLevel(logging.ERROR)
        task = {"save": save, "ensemble": run_ensemble, "predict": run_predict}[sys.argv[1]]
        print(json.dumps(task(sys.argv[2], Path(sys.argv[3]))))
