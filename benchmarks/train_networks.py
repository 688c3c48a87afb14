"""How many spectra a second a network over 50 principal components is trained on: prints a Markdown table.

The network of Gebran et al. (2022, table 2), of 764 357 parameters. There 2 000 epochs of 70 000 spectra took 17 h on
six cores (section 4).

python benchmarks/train_networks.py
"""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow"))

from spectrolabe.train.threads import limit_threads

SPECTRA, VALIDATION, COMPONENTS, BATCH, EPOCHS = 8192, 1024, 50, 64, 5
PAPER = 70_000 * 2_000 / (17 * 3600)
NETWORK = {"pca_conv": {"filters": [8, 4, 4], "kernel": 4, "dense": [1024, 512, 64, 10], "dropout": 0.3}}
STAGE = {"epochs": EPOCHS, "batch": BATCH, "optimiser": {"adam": {}}, "schedule": {"constant": {}}}


def main() -> None:
    print(
        f"{SPECTRA} spectra of {COMPONENTS} components, batches of {BATCH}, one thread a process, {EPOCHS - 1} epochs\n"
    )
    print("| trained by | spectra per second by the clock | per second of a processor |\n|---|---|---|")
    own = measure("train_member, with its batches and checkpoints", "member", 1)
    measure("the same, in two processes side by side", "member", 2)
    plain = measure("plain Keras: fit on one array", "fit", 1)
    print(f"\ntrain_member takes {plain / own:.2f} times the processor time of fit; the paper: {PAPER:.0f} a second.")


def measure(name: str, way: str, processes: int) -> float:
    """Print the rates (1/s) of processes side by side, and give that per second of a processor."""
    command = [sys.executable, __file__, way]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(processes)]
    rates = np.array([process.communicate()[0].split() for process in running], float)
    clock, processor = rates[:, 0].sum(), rates[:, 1].mean()
    print(f"| {name} | {clock:.0f} | {processor:.0f} |", flush=True)
    return processor


def invent(count: int, seed: int):
    """Give spectra as coefficients of components, and a label that goes with the first of them."""
    from spectrolabe.spectra.table import Spectra

    flux = np.random.default_rng(seed).standard_normal((count, COMPONENTS)).astype(np.float32)
    table = pd.DataFrame({"spectrum_id": [f"star-{row}" for row in range(count)], "teff": 9000 + 1000 * flux[:, 0]})
    return Spectra(np.arange(1.0, COMPONENTS + 1), "air", flux, np.ones_like(flux), table)


def train_own(training, validation, note) -> None:
    """Train as members are trained, and call ``note`` after each epoch."""
    from spectrolabe.spectra.components import Components
    from spectrolabe.train.training import train_member

    components = Components(np.zeros(COMPONENTS, np.float32), np.eye(COMPONENTS, dtype=np.float32), 1.0)
    settings = {"labels": ["teff"], "network": NETWORK, "head": {"point": {}}, "stage": STAGE, "seed": 1}
    with TemporaryDirectory() as folder:
        checkpoint = Path(folder) / "checkpoint.npz"
        train_member(training, validation, **settings, components=components, checkpoint=checkpoint, report=note)


def train_plain(training, validation, note) -> None:
    """Fit the same network to arrays by Keras alone, and call ``note`` after each epoch."""
    import keras

    from spectrolabe.train.networks import pca_conv

    inputs = keras.Input((COMPONENTS,))
    model = keras.Model(inputs, keras.layers.Dense(1)(pca_conv(inputs, 1, **NETWORK["pca_conv"])))
    model.compile("adam", "mse")
    (flux, label), held_out = ((part.flux, part.table["teff"].to_numpy() / 1000 - 9) for part in (training, validation))
    options = {"validation_data": held_out, "validation_batch_size": VALIDATION, "verbose": 0}
    clock = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: note(epoch))
    model.fit(flux, label, BATCH, EPOCHS, callbacks=[clock], **options)


def print_rates(train) -> None:
    """Print spectra per second by the clock and of processor time, validation included, without the first epoch."""
    times = []
    train(invent(SPECTRA, 1), invent(VALIDATION, 2), lambda _: times.append([perf_counter(), process_time()]))
    seconds = np.subtract(times[-1], times[0])
    print(*((EPOCHS - 1) * SPECTRA / seconds))


if __name__ == "__main__":
    if len(sys.argv) == 1:
        main()
    else:
        limit_threads(1)
        print_rates({"member": train_own, "fit": train_plain}[sys.argv[1]])
