"""How fast one core predicts labels of spectra of 8 669 pixels with an ensemble: prints a Markdown table.

The first three are networks as in A&A 672, A46 (figure 5): there 37 000 spectra took 20 s a member on eight cores.

python benchmarks/predict_labels.py
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow"))

from spectrolabe.train.threads import limit_threads

SPECTRA, TIMED, MEMBERS, PIXELS, LABELS, WANTED = 37_000, 1024, 8, 8669, 5, 2000
PAPER = SPECTRA / 20 / 8
PAIRS = {"filters": [4, 8, 16], "kernel": 8, "dense": [128, 64, 32], "dropout": 0.1}
NETWORKS = {
    "conv_pairs, strides 2, pools 2": {"conv_pairs": PAIRS | {"strides": [2, 2, 2], "pool": 2}},
    "the same on 60 components": {"conv_pairs": PAIRS | {"strides": [2, 2, 2], "pool": 2, "components": 60}},
    "conv_pairs, strides 1, pools 4": {"conv_pairs": PAIRS | {"pool": 4}},
    "perceptron, 100 components": {"perceptron": {"components": 100, "units": [256, 256]}},
}


def main() -> None:
    limit_threads(1)
    start = process_time()
    # Imported after the limit, which TensorFlow reads once, on import.
    import spectrolabe.predict.ensembles  # noqa: F401

    imported = process_time() - start
    flux = (1 + 0.02 * np.random.default_rng(1).standard_normal((TIMED, PIXELS))).astype(np.float32)
    print(f"{MEMBERS} members, {TIMED} spectra, processor time of one thread; importing Keras: {imported:.1f} s\n")
    print(f"| network | loading, s | {SPECTRA} spectra, s | spectra per second, member and core | by `predict` |")
    print("|---|---|---|---|---|")
    for name, network in NETWORKS.items():
        with TemporaryDirectory() as folder:
            print(f"| {name} | {' | '.join(measure(network, flux, Path(folder)))} |", flush=True)
    print(f"\nWanted: {WANTED} or more a second, member and core; the paper: {PAPER:.0f}.")


def measure(network: dict, flux: np.ndarray, folder: Path) -> list[str]:
    """Give time to load and to predict (s), and the rates (1/s) of the ensemble and of Keras's own `predict`."""
    from spectrolabe.predict.ensembles import BATCH, Ensemble
    from spectrolabe.train.heads import PointHead
    from spectrolabe.train.members import build_model, load_member, save_member
    from spectrolabe.train.scaling import LabelScaling

    zeros = np.zeros(LABELS, np.float32)
    scaling, paths = LabelScaling(zeros, zeros + 1, zeros), []
    for member in range(MEMBERS):
        paths.append(folder / f"{member}.keras")
        save_member(build_model(flux[:512], network, PointHead(), scaling, member), paths[-1])
    start = process_time()
    ensemble = Ensemble(paths)
    loaded = process_time()
    ensemble(flux)
    rate = len(flux) * MEMBERS / (process_time() - loaded)
    alone = load_member(paths[0])
    alone.predict(flux[:BATCH], batch_size=BATCH, verbose=0)
    again = process_time()
    alone.predict(flux, batch_size=BATCH, verbose=0)
    plain = len(flux) / (process_time() - again)
    return [f"{loaded - start:.1f}", f"{SPECTRA * MEMBERS / rate:.0f}", f"{rate:.0f}", f"{plain:.0f}"]


if __name__ == "__main__":
    main()
