"""Training of one member: epoch by epoch, resumable after a kill to the same result."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from spectrolabe.spectra.components import Components
from spectrolabe.spectra.table import Spectra
from spectrolabe.train.batches import Batches
from spectrolabe.train.checkpoints import Progress, fingerprint, load_progress, save_progress, snapshot_path
from spectrolabe.train.heads import HEADS
from spectrolabe.train.members import begin_member, build, save_member
from spectrolabe.train.redrawing import redraw_parts
from spectrolabe.train.scaling import read_targets
from spectrolabe.train.schedules import StepRates, epoch_rates, next_rate

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
    The member, and one row per epoch: ``epoch, loss, val_loss, learning_rate`` (of its last step) and ``seconds``.

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
    head_of = build(HEADS, head)
    scaling = head_of.learn_scaling(targets, labels)
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


def run_epoch(model, batches: Batches, validation, stage: Mapping, progress: Progress) -> None:
    """Train one epoch, validate, and add a row to the progress."""
    started, epoch = time.perf_counter(), len(progress.history)
    schedule, epochs = stage["schedule"], stage["epochs"]
    rates = epoch_rates(schedule, progress.rate, epoch, epochs, len(batches))
    fitted = model.fit(batches, epochs=1, shuffle=False, verbose=0, callbacks=[StepRates(rates)])
    loss = fitted.history["loss"][0]
    val_loss = model.evaluate(*validation, batch_size=VALIDATION_BATCH, verbose=0)
    if not np.isfinite([loss, val_loss]).all():
        found = f"the loss turned {loss} and the validation loss {val_loss} in epoch {epoch + 1}"
        raise DivergedError(f"{found}: a smaller learning rate than {progress.rate:g} is needed")
    if val_loss < min(progress.losses, default=np.inf):
        progress.best_weights = model.get_weights()
    seconds = time.perf_counter() - started
    row = {"epoch": epoch + 1, "loss": loss, "val_loss": val_loss, "learning_rate": rates[-1], "seconds": seconds}
    progress.history.append(row)
    progress.rate = next_rate(schedule, progress.rate, progress.losses, epochs)


def epoch_line(row: Mapping, epochs: int) -> str:
    """Say in one line how an epoch went."""
    return (
        f"epoch {row['epoch']}/{epochs}  loss {row['loss']:.4f}  validation {row['val_loss']:.4f}"
        f"  rate {row['learning_rate']:.1e}  {row['seconds']:.1f} s"
    )
