"""Training of one member: epoch by epoch, resumable after a kill to the same result."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from spectrolabe.spectra.components import Components
from spectrolabe.spectra.stored import AnySpectra, flux_blocks, read_fitting, read_sample
from spectrolabe.spectra.table import Spectra
from spectrolabe.spectra.wavelength import split_arms
from spectrolabe.train.averaging import add_to_mean, ends_cycle, equal_size, recompute_statistics
from spectrolabe.train.batches import Batches, Blocks, draw_ahead
from spectrolabe.train.buffers import ShuffleBuffer
from spectrolabe.train.checkpoints import Progress, fingerprint, load_progress, save_progress, snapshot_path
from spectrolabe.train.heads import HEADS
from spectrolabe.train.members import begin_member, build, save_member
from spectrolabe.train.redrawing import redraw_parts
from spectrolabe.train.schedules import StepRates, epoch_rates, next_rate

VALIDATION_BATCH = 1024


class StopTraining(Exception):
    """Raised by what is called after an epoch, to end a training in good order."""


class DivergedError(ValueError):
    """Says that the loss of a training has turned NaN or infinite."""


@dataclass(frozen=True)
class HeldOut:
    """Spectra to validate on, in memory or in their files, and their labels, shape (n_spectra, n_labels)."""

    spectra: AnySpectra
    targets: np.ndarray

    def find_loss(self, model: keras.Model) -> float:
        """Give the mean loss of a network."""
        # Block by block in memory too: Keras would copy the whole array, twice.
        return model.evaluate(draw_ahead(Blocks(self.spectra, self.targets, VALIDATION_BATCH)), verbose=0)


def train_member(
    training: AnySpectra,
    validation: AnySpectra,
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
    """Train one member on a training set; keep its best epoch on the validation set, or the mean of its weights.

    Parameters
    ----------
    training, validation : spectra with the labels as columns (NaN where unknown); what preparation has taken off a
        label, ``<label>_removed``, is no part of what the network learns. Of those in their files, a part that fits the
        stage's ``buffer`` is read; a larger training part goes through a `ShuffleBuffer`, and the flux scaling and
        components are learnt from a sample of that size; a larger validation part is read anew for every epoch.
    network, head : one key each, a name of `NETWORKS` and `HEADS`, with its options.
    stage : ``epochs``, ``batch``, ``optimiser``, ``schedule`` and, where wanted, ``buffer`` (MB of flux; all without),
        ``early_stop``, ``redraw`` (see `redraw_parts`), ``layer_rates`` (see
        `spectrolabe.train.optimisers.layer_shares`), ``average`` (see `spectrolabe.train.averaging`) and ``snapshots``:
        epochs after which the network is kept beside the checkpoint, 0 being before the first.
    seed : of weights, dropout, redrawn stars and the order of batches, which is a function of (seed, epoch), and of the
        buffer where there is one.
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
    The member, and one row per epoch: ``epoch, loss, val_loss, learning_rate`` (of its last step) and ``seconds``;
    where weights are averaged, ``val_loss_averaged`` of the member in the last row, NaN in others.

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
    training, validation = (read_fitting(part, stage.get("buffer", np.inf)) for part in (training, validation))
    head_of = build(HEADS, head)
    targets = head_of.targets(training.table, labels)
    scaling = head_of.learn_scaling(targets[:, : len(labels)], labels)
    parts = {"network": network, "head": head_of, "scaling": scaling, "seed": seed, "components": components}
    parts |= {"arms": split_arms(training.wavelength), "layer_rates": stage.get("layer_rates")}
    sample = read_sample(training, stage.get("buffer", np.inf), seed)[0].flux
    member, model = begin_member(sample, **parts, optimiser=stage["optimiser"], start_from=start_from)
    del sample  # before the buffer, which is as large
    held_out = HeldOut(validation, head_of.targets(validation.table, labels))
    settings = {"network": network, "head": head, "stage": stage, "seed": seed, "on_the_fly": list(on_the_fly)}
    key = _name_training(training, targets, held_out, start_from, components, settings)
    training = training if isinstance(training, Spectra) else ShuffleBuffer(training, stage["buffer"])
    progress = load_progress(checkpoint, key, model) or Progress(float(model.optimizer.learning_rate))
    patience = stage.get("early_stop", {}).get("patience", np.inf)
    stopped = False
    if 0 in stage.get("snapshots", []) and not progress.history:
        save_member(_uncompiled(member), snapshot_path(checkpoint, 0))
    while len(progress.history) < stage["epochs"] and progress.waited() < patience and not stopped:
        epoch = len(progress.history)
        batches = Batches(training, targets, stage["batch"], seed=seed, epoch=epoch, steps=on_the_fly)
        run_epoch(model, batches, held_out, stage, progress)
        if epoch + 1 in stage.get("snapshots", []):
            save_member(_uncompiled(member), snapshot_path(checkpoint, epoch + 1))
        stopped = _stopped_by(after_epoch, epoch + 1, member)
        save_progress(checkpoint, key, model, progress)
        report(epoch_line(progress.history[-1], stage["epochs"]))
    if progress.cycles:
        size = equal_size(len(training))
        batches = Batches(training, targets, size, seed=seed, epoch=stage["epochs"], steps=on_the_fly)
        average_weights(model, batches, held_out, progress)
        report(f"mean of {progress.cycles} cycles  validation {progress.history[-1]['val_loss_averaged']:.4f}")
    else:
        model.set_weights(progress.best_weights)
    return _uncompiled(member), pd.DataFrame(progress.history)


def _name_training(training, targets, held_out, start_from, components, settings) -> str:
    # Names, since what happens to a spectrum on the fly depends on its own.
    names = "\n".join(training.table["spectrum_id"]).encode()
    start = Path(start_from).read_bytes() if start_from else b""
    basis = [components.mean, components.axes, np.float64(components.scale)] if components else []
    of_parts = (flux_blocks(training), [targets, names], flux_blocks(held_out.spectra), [held_out.targets])
    return fingerprint(chain(*of_parts, [start, *basis]), settings)


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


def run_epoch(model, batches: Batches, validation: HeldOut, stage: Mapping, progress: Progress) -> None:
    """Train one epoch, validate, and add a row to the progress."""
    started, epoch = time.perf_counter(), len(progress.history)
    schedule, epochs = stage["schedule"], stage["epochs"]
    rates = epoch_rates(schedule, progress.rate, epoch, epochs, len(batches))
    fitted = model.fit(batches.for_training(), epochs=1, shuffle=False, verbose=0, callbacks=[StepRates(rates)])
    loss = fitted.history["loss"][0]
    val_loss = validation.find_loss(model)
    if not np.isfinite([loss, val_loss]).all():
        found = f"the loss turned {loss} and the validation loss {val_loss} in epoch {epoch + 1}"
        raise DivergedError(f"{found}: a smaller learning rate than {progress.rate:g} is needed")
    if val_loss < min(progress.losses, default=np.inf):
        progress.best_weights = model.get_weights()
    seconds = time.perf_counter() - started
    row = {"epoch": epoch + 1, "loss": loss, "val_loss": val_loss, "learning_rate": rates[-1], "seconds": seconds}
    progress.history.append(row)
    if ends_cycle(stage, epoch + 1):
        progress.mean_weights = add_to_mean(progress.mean_weights, progress.cycles, model.get_weights())
        progress.cycles += 1
    progress.rate = next_rate(schedule, progress.rate, progress.losses, epochs)


def average_weights(model: keras.Model, batches: Batches, validation: HeldOut, progress: Progress) -> None:
    """Give a network the mean of its weights at the ends of cycles, validate it, and note that in the last row."""
    started, row = time.perf_counter(), progress.history[-1]
    model.set_weights([mean.astype(np.float32) for mean in progress.mean_weights])
    recompute_statistics(model, batches)
    loss = validation.find_loss(model)
    if not np.isfinite(loss):
        raise DivergedError(f"the validation loss of the mean of {progress.cycles} cycles turned {loss}")
    row |= {"val_loss_averaged": loss, "seconds": row["seconds"] + time.perf_counter() - started}


def epoch_line(row: Mapping, epochs: int) -> str:
    """Say in one line how an epoch went."""
    return (
        f"epoch {row['epoch']}/{epochs}  loss {row['loss']:.4f}  validation {row['val_loss']:.4f}"
        f"  rate {row['learning_rate']:.1e}  {row['seconds']:.1f} s"
    )
