"""How fast two cores train members, beside a plain Keras script of the same network: prints a Markdown table.

The third network is that of Gebran et al. (2022, table 2), of 764 357 parameters. There 2 000 epochs of 70 000 spectra
took 17 h on six cores (section 4).

python benchmarks/train_networks.py
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import mean, median
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow"))

from tools.timing import REPEATS, compare_with_goal, write_ratio

CORES, MEMBERS, BATCH, VALIDATION, LABELS, GOAL = 2, (2, 4), 64, 512, ["teff", "logg", "feh"], 1.3
PAPER = 70_000 * 2_000 / (17 * 3600)
#: Name -> pixels (or components, where the spectra are compressed), spectra, network, head.
NETWORKS = {
    "perceptron, as in the demo": (1600, 8192, {"perceptron": {"units": [256, 128]}}, {"gaussian": {}}),
    "conv": (2000, 2048, {"conv": {"filters": [4, 16], "kernel": 8, "pool": 4, "dense": [256, 128]}}, {"point": {}}),
    "pca_conv, 50 components": (
        50,
        8192,
        {"pca_conv": {"filters": [8, 4, 4], "kernel": 4, "dense": [1024, 512, 64, 10], "dropout": 0.3}},
        {"point": {}},
    ),
}
# The first epoch compiles, and counts for nothing.
STAGE = {"epochs": 1 + REPEATS, "batch": BATCH, "optimiser": {"adam": {}}, "schedule": {"constant": {}}}


def main() -> None:
    print(f"Batches of {BATCH}; spectra times members per second by the clock, medians of {REPEATS} epochs, each with")
    print(f"{VALIDATION} spectra to validate on; start-up and first epoch apart. Members as the workflow trains them:")
    print(
        f"processes of one thread, {CORES} side by side on {CORES} cores, with checkpoints. Plain Keras: `fit` on one"
    )
    print("array, a member after another in one process, with the threads that TensorFlow takes by itself.\n")
    print("| network | spectra | members | workflow | plain Keras | ratio |\n|---|---|---|---|---|---|")
    ratios = []
    for name, (_, spectra, *_) in NETWORKS.items():
        # What more members take is more turns, two by two, or one by one.
        turns = [train_side_by_side(name, first) for first in range(0, max(MEMBERS), CORES)]
        plain = train_one_by_one(name, max(MEMBERS))
        for members in MEMBERS:
            own, other = (spectra * mean(rates) for rates in (turns[: members // CORES], plain[:members]))
            ratios.append(own / other)
            print(
                f"| {name} | {spectra} | {members} | {own:.0f} | {other:.0f} | {write_ratio(ratios[-1])} |", flush=True
            )
    print(f"\nThe least ratio: {compare_with_goal(min(ratios), GOAL)}. The paper of the last: {PAPER:.0f} a second.")


def train_side_by_side(name: str, first: int) -> float:
    """Train as many members as there are cores, a process each; give epochs per second of all."""
    running = [start("own", name, first + number) for number in range(CORES)]
    return sum(1 / median(finish(process)[0]) for process in running)


def train_one_by_one(name: str, members: int) -> list[float]:
    """Train members in one process; give epochs per second of each."""
    return [1 / median(seconds) for seconds in finish(start("plain", name, members))]


def start(way: str, name: str, number: int) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, __file__, way, name, str(number)], stdout=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen) -> list[list[float]]:
    """Give the seconds of each member's epochs, without the first."""
    output = process.communicate()[0]
    if process.returncode:
        raise RuntimeError(f"{' '.join(process.args[1:])} ended with {process.returncode}")
    return json.loads(output)


def invent(count: int, pixels: int, seed: int):
    """Give spectra, and labels that go with their first pixels."""
    from spectrolabe.spectra.table import Spectra

    flux = np.random.default_rng(seed).normal(1, 0.1, (count, pixels)).astype(np.float32)
    table = pd.DataFrame({label: 10 * flux[:, place] for place, label in enumerate(LABELS)})
    table["spectrum_id"] = [f"star-{row}" for row in range(count)]
    return Spectra(np.arange(1.0, pixels + 1), "air", flux, np.ones_like(flux), table)


def parts(name: str):
    """Give training and validation spectra, and what a network is built by."""
    from spectrolabe.spectra.components import Components

    pixels, spectra, network, head = NETWORKS[name]
    compressed = Components(np.zeros(pixels, np.float32), np.eye(pixels, dtype=np.float32), 1.0)
    settings = {"network": network, "head": head, "components": compressed if "pca_conv" in network else None}
    return invent(spectra, pixels, 1), invent(VALIDATION, pixels, 2), settings


def train_own(name: str, seed: int) -> list[list[float]]:
    """Train a member as the workflow does; give the seconds of its epochs."""
    from spectrolabe.train.threads import limit_threads

    limit_threads(1)
    # Imported after the limit, which TensorFlow reads once, on import.
    from spectrolabe.train.training import train_member

    training, validation, settings = parts(name)
    times = []
    with TemporaryDirectory() as folder:
        settings |= {"labels": LABELS, "stage": STAGE, "seed": seed, "checkpoint": Path(folder) / "checkpoint.npz"}
        train_member(training, validation, **settings, report=lambda line: times.append(perf_counter()))
    return [np.diff(times).tolist()]


def train_plain(name: str, members: int) -> list[list[float]]:
    """Fit the same networks to one array by Keras alone; give the seconds of each one's epochs."""
    os.environ |= {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "2"}
    import keras

    from spectrolabe.train.heads import HEADS
    from spectrolabe.train.members import begin_member, build

    training, validation, settings = parts(name)
    head = build(HEADS, settings.pop("head"))
    targets, held_out = (head.targets(each.table, LABELS) for each in (training, validation))
    settings |= {"head": head, "scaling": head.learn_scaling(targets, LABELS), "optimiser": {"adam": {}}}
    seconds = []
    for seed in range(members):
        times = []
        _, model = begin_member(training.flux, **settings, seed=seed, start_from=None, arms=[])
        clock = keras.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs, times=times: times.append(perf_counter())
        )
        options = {"validation_data": (validation.flux, held_out), "callbacks": [clock], "verbose": 0}
        model.fit(training.flux, targets, batch_size=BATCH, epochs=1 + REPEATS, **options)
        seconds.append(np.diff(times).tolist())
    return seconds


if __name__ == "__main__":
    if len(sys.argv) == 1:
        main()
    else:
        print(json.dumps({"own": train_own, "plain": train_plain}[sys.argv[1]](sys.argv[2], int(sys.argv[3]))))
