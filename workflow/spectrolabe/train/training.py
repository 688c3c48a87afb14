"""Training of one member: epoch by epoch, resumable after a kill to the same result."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from spectrolabe.spectra.components import Components
from spectrolabe.spectra.table import Spectra
from spectrolabe.train.batches import Batches
from spectrolabe.train.checkpoints import Progress, fingerprint, load_progress, save_progress, snapshot_path
from spectrolabe.train.heads import HEADS
from spectrolabe.train.networks import NETWORKS
from spectrolabe.train.optimisers import OPTIMISERS
from spectrolabe.train.projection import PROJECTED, project, project_on, rebuild, trained_part
from spectrolabe.train.redrawing import redraw_parts
from spectrolabe.train.scaling import LabelScaling, flux_moments, read_targets
from spectrolabe.train.schedules import SCHEDULES

VALIDATION_BATCH = 1024


class StopTraining(Exception):
    """Raised by what is called after an epoch, to end a training in good order."""


class DivergedError(ValueError):
    """Says that the loss of a training has turned NaN or infinite."""


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
    on_the_fly: Sequence[Mapping] = (),
    start_from: Path | None = None,
    components: Components | None = None,
    after_epoch: Callable[[int, keras.Model], None] | None = None,
    report: Callable[[str], None] = print,
) -> tuple[keras.Model, pd.DataFrame]:
    """Train one member on a training set and keep its best epoch on the validation set.

    Parameters
    ----------
    training, validation : spectra with the labels as columns (NaN where unknown); what preparation has taken off a
        label, ``<label>_removed``, is no part of what the network learns.
    network, head : one key each, a name of `NETWORKS` and `HEADS`, with its options.
    stage : ``epochs``, ``batch``, ``optimiser``, ``schedule`` and, where wanted, ``early_stop``, ``redraw`` (see
        `redraw_parts`) and ``snapshots``: epochs after which the network is kept beside the checkpoint.
    seed : of weights, dropout, redrawn stars and the order of batches, which is a function of (seed, epoch).
    checkpoint : file that holds the state of an unfinished training; resumed from where it belongs to the same spectra,
        settings and ``start_from``. It is left for the caller to remove, once the member is written.
    on_the_fly : complete steps that training spectra go through anew in every epoch (see `Batches`).
    start_from : a member of an earlier stage to go on from.
    components : what the training and validation spectra were compressed by, where their flux holds coefficients; the
        member takes flux all the same.
    after_epoch : called after each epoch with its number, from 1, and the network as it is then, from flux to labels.
        An epoch may come twice, where the process ended before its checkpoint was written. With `StopTraining` it ends
        the training.

    Returns
    -------
    The member, and one row per epoch: ``epoch, loss, val_loss, learning_rate, seconds``.

    Raises
    ------
    ValueError
        Where a label is missing throughout, a set is empty, the loss turns NaN, or ``start_from`` projects on other
        components.
    """
    if not len(training) or not len(validation):
        counts = f"{len(training)} to train on, {len(validation)} to validate on"
        raise ValueError(f"training needs spectra in both parts: {counts}")
    if stage.get("redraw"):
        training, validation = redraw_parts(training, validation, seed)
    targets = read_targets(training.table, labels)
    scaling, head_of = LabelScaling.fit(targets, labels), build(HEADS, head)
    parts = {"network": network, "head": head_of, "scaling": scaling, "seed": seed, "components": components}
    member, model = begin_member(training.flux, **parts, optimiser=stage["optimiser"], start_from=start_from)
    held_out = (validation.flux, read_targets(validation.table, labels))
    settings = {"network": network, "head": head, "stage": stage, "seed": seed, "on_the_fly": list(on_the_fly)}
    # Names, since what happens to a spectrum on the fly depends on its own.
    names = "\n".join(training.table["spectrum_id"]).encode()
    start = Path(start_from).read_bytes() if start_from else b""
    basis = [components.mean, components.axes, np.float64(components.scale)] if components else []
    key = fingerprint([training.flux, targets, names, *held_out, start, *basis], settings)
    progress = load_progress(checkpoint, key, model) or Progress(float(model.optimizer.learning_rate))
    patience = stage.get("early_stop", {}).get("patience", np.inf)
    stopped = False
    while len(progress.history) < stage["epochs"] and progress.waited() < patience and not stopped:
        epoch = len(progress.history)
        batches = Batches(training, targets, stage["batch"], seed=seed, epoch=epoch, steps=on_the_fly)
        run_epoch(model, batches, held_out, stage, progress)
        if epoch + 1 in stage.get("snapshots", []):
            save_member(_uncompiled(member), snapshot_path(checkpoint, epoch + 1))
        stopped = _stopped_by(after_epoch, epoch + 1, member)
        save_progress(checkpoint, key, model, progress)
        report(epoch_line(progress.history[-1], stage["epochs"]))
    model.set_weights(progress.best_weights)
    return _uncompiled(member), pd.DataFrame(progress.history)


def _stopped_by(after_epoch: Callable | None, epoch: int, member: keras.Model) -> bool:
    try:
        if after_epoch:
            after_epoch(epoch, member)
    except StopTraining:
        return True
    return False


def _uncompiled(model: keras.Model) -> keras.Model:
    # Without the loss, so that the saved file needs nothing but Keras.
    return keras.Model(model.input, model.output)


def build_model(
    flux: np.ndarray, network: Mapping, head, scaling: LabelScaling, seed: int, *, components: Components | None = None
) -> keras.Model:
    """Build a network from flux to physical units: scalings and principal components are layers of it.

    Parameters
    ----------
    flux : training spectra, shape (n_spectra, n_pixels), which scalings and components are learnt from.
    network : one key, a name of `NETWORKS`, with its options.
    head, scaling : what the network ends in (see `HEADS`), and the scaling of its labels.
    seed : of the weights and dropout.
    components : where given, ``flux`` is not looked at: the network projects flux on them, see `trained_part`.
    """
    ((name, options),) = network.items()
    options = dict(options)
    common, count = options.pop("flux_scaling", "per_pixel") == "common", options.pop("components", None)
    mean, variance = (components.mean, np.ones_like(components.mean)) if components else flux_moments(flux)
    if common:
        variance = np.full_like(variance, variance.mean())
    inputs = keras.Input((len(mean),), name="flux")
    scaled = keras.layers.Normalization(mean=mean, variance=variance, name="flux_scaling")(inputs)
    # A missing pixel (0) becomes the mean one, whatever its scale.
    scaled *= keras.ops.cast(keras.ops.not_equal(inputs, 0.0), "float32")
    if components:
        scaled = keras.layers.Rescaling(1 / components.scale)(project_on(scaled, components.axes.T))
    elif count and name in PROJECTED:
        scaled = project(scaled, flux, mean, variance, count, seed, common=common)
    elif count:
        scaled = rebuild(scaled, flux, mean, variance, count, seed)
    features = NETWORKS[name](scaled, seed, **options)
    return keras.Model(inputs, head.layer(features, scaling, seed))


def begin_member(
    flux: np.ndarray,
    *,
    network: Mapping,
    head,
    scaling: LabelScaling,
    optimiser: Mapping,
    seed: int,
    components: Components | None,
    start_from: Path | None,
) -> tuple[keras.Model, keras.Model]:
    """Open or build a network; give it, and what is trained of it with its loss and an optimiser at its start.

    ``flux, network, head, scaling, seed, components``: see `build_model`; ``start_from``: a member to go on from in
    place of a new one.
    """
    member = (
        load_member(start_from)
        if start_from
        else build_model(flux, network, head, scaling, seed, components=components)
    )
    model = trained_part(member, components)
    model.compile(optimizer=build(OPTIMISERS, optimiser), loss=head.loss(scaling))
    model.optimizer.build(model.trainable_variables)
    return member, model


def run_epoch(model, batches: Batches, validation, stage: Mapping, progress: Progress) -> None:
    """Train one epoch, validate, and add a row to the progress."""
    started, epoch = time.perf_counter(), len(progress.history)
    model.optimizer.learning_rate = progress.rate
    fitted = model.fit(batches, epochs=1, shuffle=False, verbose=0)
    loss = fitted.history["loss"][0]
    val_loss = model.evaluate(*validation, batch_size=VALIDATION_BATCH, verbose=0)
    if not np.isfinite([loss, val_loss]).all():
        found = f"the loss turned {loss} and the validation loss {val_loss} in epoch {epoch + 1}"
        raise DivergedError(f"{found}: a smaller learning rate than {progress.rate:g} is needed")
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
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.stem}.writing.keras")
    model.save(temporary)
    os.replace(temporary, path)
