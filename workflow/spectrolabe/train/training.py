"""Training of one member: epoch by epoch, resumable after a kill to the same result."""

import hashlib
import json
import os
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from spectrolabe.spectra.table import Spectra
from spectrolabe.train.heads import HEADS
from spectrolabe.train.networks import NETWORKS
from spectrolabe.train.scaling import LabelScaling, flux_moments
from spectrolabe.train.schedules import SCHEDULES

OPTIMISERS = {"adam": keras.optimizers.Adam}
VALIDATION_BATCH = 1024


@dataclass
class Progress:
    """How far a training has come: its history, and the weights of its best epoch."""

    rate: float
    history: list[dict] = field(default_factory=list)
    best_weights: list[np.ndarray] = field(default_factory=list)

    @property
    def losses(self) -> list[float]:
        """Validation losses so far."""
        return [row["val_loss"] for row in self.history]

    def waited(self) -> int:
        """Give the number of epochs since the best one."""
        return len(self.losses) - 1 - int(np.argmin(self.losses)) if self.losses else 0


def train_member(
    training: Spectra,
    validation: Spectra,
    *,
    labels: list[str],
    network: Mapping,
    head: Mapping,
    stage: Mapping,
    seed: int,
    checkpoint: Path,
    start_from: Path | None = None,
    report: Callable[[str], None] = print,
) -> tuple[keras.Model, pd.DataFrame]:
    """Train one member on a training set and keep its best epoch on the validation set.

    Parameters
    ----------
    training, validation : spectra with the labels as columns (NaN where unknown).
    network, head : one key each, a name of `NETWORKS` and `HEADS`, with its options.
    stage : ``epochs``, ``batch``, ``optimiser``, ``schedule`` and, where wanted, ``early_stop``.
    seed : of weights, dropout and the order of batches, which is a function of (seed, epoch).
    checkpoint : file that holds the state of an unfinished training; resumed from where it belongs to the same spectra,
        settings and ``start_from``. It is left for the caller to remove, once the member is written.
    start_from : a member of an earlier stage to go on from.

    Returns
    -------
    The member, and one row per epoch: ``epoch, loss, val_loss, learning_rate, seconds``.

    Raises
    ------
    ValueError
        Where a label is missing throughout, a set is empty, or the loss turns NaN.
    """
    if not len(training) or not len(validation):
        counts = f"{len(training)} to train on, {len(validation)} to validate on"
        raise ValueError(f"training needs spectra in both parts: {counts}")
    targets = training.table[labels].to_numpy(np.float32)
    scaling = LabelScaling.fit(targets, labels)
    head_of = build(HEADS, head)
    model = load_member(start_from) if start_from else build_model(training.flux, network, head_of, scaling, seed)
    optimiser = build(OPTIMISERS, stage["optimiser"])
    model.compile(optimizer=optimiser, loss=head_of.loss(scaling))
    optimiser.build(model.trainable_variables)
    held_out = (validation.flux, validation.table[labels].to_numpy(np.float32))
    settings = {"network": network, "head": head, "stage": stage, "seed": seed}
    start = Path(start_from).read_bytes() if start_from else b""
    key = _fingerprint([training.flux, targets, *held_out, start], settings)
    progress = load_progress(checkpoint, key, model) or Progress(float(optimiser.learning_rate))
    patience = stage.get("early_stop", {}).get("patience", np.inf)
    while len(progress.history) < stage["epochs"] and progress.waited() < patience:
        run_epoch(model, (training.flux, targets), held_out, stage, seed, progress)
        save_progress(checkpoint, key, model, progress)
        report(epoch_line(progress.history[-1], stage["epochs"]))
    model.set_weights(progress.best_weights)
    # Without the compiled loss, so that the saved file needs nothing but Keras.
    return keras.Model(model.input, model.output), pd.DataFrame(progress.history)


def build_model(flux: np.ndarray, network: Mapping, head, scaling: LabelScaling, seed: int) -> keras.Model:
    """Build a network whose input is flux and whose output is in physical units: both scalings are layers of it."""
    mean, variance = flux_moments(flux)
    inputs = keras.Input((flux.shape[1],), name="flux")
    scaled = keras.layers.Normalization(mean=mean, variance=variance, name="flux_scaling")(inputs)
    # A missing pixel (0) becomes the mean one, whatever its scale.
    scaled *= keras.ops.cast(keras.ops.not_equal(inputs, 0.0), "float32")
    ((name, options),) = network.items()
    features = NETWORKS[name](scaled, seed, **options)
    return keras.Model(inputs, head.layer(features, scaling, seed))


def run_epoch(model, training, validation, stage: Mapping, seed: int, progress: Progress) -> None:
    """Train one epoch, validate, and add a row to the progress."""
    started, epoch = time.perf_counter(), len(progress.history)
    order = np.random.default_rng([seed, epoch]).permutation(len(training[0]))
    model.optimizer.learning_rate = progress.rate
    flux, targets = (array[order] for array in training)
    fitted = model.fit(flux, targets, batch_size=stage["batch"], epochs=1, shuffle=False, verbose=0)
    loss = fitted.history["loss"][0]
    val_loss = model.evaluate(*validation, batch_size=VALIDATION_BATCH, verbose=0)
    if not np.isfinite([loss, val_loss]).all():
        found = f"the loss turned {loss} and the validation loss {val_loss} in epoch {epoch + 1}"
        raise ValueError(f"{found}: a smaller learning rate than {progress.rate:g} is needed")
    if val_loss < min(progress.losses, default=np.inf):
        progress.best_weights = model.get_weights()
    seconds = time.perf_counter() - started
    row = {"epoch": epoch + 1, "loss": loss, "val_loss": val_loss, "learning_rate": progress.rate, "seconds": seconds}
    progress.history.append(row)
    ((name, options),) = stage["schedule"].items()
    progress.rate = SCHEDULES[name](progress.rate, progress.losses, stage["epochs"], **options)


def epoch_line(row: Mapping, epochs: int) -> str:
    """Say in one line how an epoch went."""
    return (
        f"epoch {row['epoch']}/{epochs}  loss {row['loss']:.4f}  validation {row['val_loss']:.4f}"
        f"  rate {row['learning_rate']:.1e}  {row['seconds']:.1f} s"
    )


def _fingerprint(data: Sequence[np.ndarray | bytes], settings: Mapping) -> str:
    """Name what a training depends on, so that an unfinished one is never resumed on other data or settings."""
    digest = hashlib.blake2b(json.dumps(settings, sort_keys=True).encode(), digest_size=16)
    for part in data:
        digest.update(part if isinstance(part, bytes) else np.ascontiguousarray(part))
    return digest.hexdigest()


def save_progress(path: Path, key: str, model: keras.Model, progress: Progress) -> None:
    """Write everything that an exact resume needs: weights, optimiser, seed generators, best weights and history."""
    arrays = {f"state_{i}": np.asarray(v) for i, v in enumerate(_state(model))}
    arrays |= {f"best_{i}": weight for i, weight in enumerate(progress.best_weights)}
    kept = asdict(progress)
    kept.pop("best_weights")
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path.with_suffix(".tmp"), "wb") as stream:
        np.savez(stream, key=key, progress=json.dumps(kept), **arrays)
    os.replace(path.with_suffix(".tmp"), path)


def load_progress(path: Path, key: str, model: keras.Model) -> Progress | None:
    """Restore an unfinished training into ``model``; None where there is none of the same data and settings."""
    saved = _read_checkpoint(path)
    if str(saved.get("key")) != key:
        return None
    for index, variable in enumerate(_state(model)):
        variable.assign(saved[f"state_{index}"])
    best = [saved[f"best_{index}"] for index in range(len(model.weights))]
    return Progress(**json.loads(str(saved["progress"])), best_weights=best)


def _read_checkpoint(path: Path) -> dict[str, np.ndarray]:
    # A damaged one counts as none: starting again costs time, and gives the same member.
    try:
        with open(path, "rb") as stream, np.load(stream) as saved:
            return dict(saved)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        return {}


def _state(model: keras.Model) -> list:
    return [*model.variables, *model.optimizer.variables]


def build(table: Mapping, choice: Mapping):
    """Build what a one-key mapping names, with its options."""
    ((name, options),) = choice.items()
    return table[name](**options)


def load_member(path: Path) -> keras.Model:
    """Open a trained member in safe mode.

    Raises
    ------
    ValueError
        Where the file is not a whole `.keras` model; the message names it.
    """
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # zipfile, h5py and Keras each raise kinds of their own on a damaged file
        found = f"{Path(path).stat().st_size} bytes that do not open" if Path(path).exists() else "no file"
        raise ValueError(f"{path}: expected a .keras model, found {found}: delete it to train it again") from error


def write_history(history: pd.DataFrame, model: keras.Model, path: Path) -> None:
    """Write a member's history, with the number of the network's parameters in the file's metadata."""
    table = pa.Table.from_pandas(history, preserve_index=False)
    parameters = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    pq.write_table(table.replace_schema_metadata({"parameters": str(parameters)}), path)


def save_member(model: keras.Model, path: Path) -> None:
    """Write a member under a temporary name in its folder, then move it into place."""
    temporary = path.with_name(f".{path.stem}.writing.keras")
    model.save(temporary)
    os.replace(temporary, path)
