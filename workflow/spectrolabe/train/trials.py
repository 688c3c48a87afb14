"""Trials of a study: one network each, judged after several epochs of one training on spectra of its own."""

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np

from spectrolabe.spectra.cleaning import GAUSSIAN_MAD
from spectrolabe.spectra.components import Components
from spectrolabe.spectra.stored import AnySpectra, open_spectra, read_sample
from spectrolabe.spectra.table import replacing
from spectrolabe.train.checkpoints import fingerprint
from spectrolabe.train.heads import HEADS
from spectrolabe.train.members import build
from spectrolabe.train.projection import trained_part
from spectrolabe.train.rates import find_rate, with_rate
from spectrolabe.train.redrawing import leave_out_fold
from spectrolabe.train.scaling import read_targets
from spectrolabe.train.training import DivergedError, StopTraining, train_member

BATCH = 1024


@dataclass(frozen=True)
class TrialData:
    """Spectra that a trial is trained, validated and measured on; all hold coefficients where there are components."""

    training: AnySpectra
    validation: AnySpectra
    measure: AnySpectra
    components: Components | None = None

    @classmethod
    def open(cls, training: Path, validation: Path, measure: Path, components: Path | None) -> "TrialData":
        """Open the three parts and read, where they are compressed, the components."""
        parts = [open_spectra(path) for path in (training, validation, measure)]
        return cls(*parts, Components.load(components) if components else None)

    def leave_out(self, *, fold: int, folds: int, seed: int) -> "TrialData":
        """Give what one trial of a cross-validation takes: trained on all other folds, validated and measured on one.

        The training and validation stars together make up the folds, see `spectrolabe.train.redrawing.leave_out_fold`;
        what is compressed stays in the components that it has.
        """
        trained, judged = leave_out_fold(self.training, self.validation, fold=fold, folds=folds, seed=seed)
        return TrialData(trained, judged, judged, self.components)


def run_trial(
    data: TrialData,
    *,
    labels: Sequence[str],
    network: Mapping,
    head: Mapping,
    stage: Mapping,
    epochs: Sequence[int],
    seed: int,
    checkpoint: Path,
    together: bool = False,
    on_the_fly: Sequence[Mapping] = (),
    give_up: Callable[[int, float], bool] = lambda epoch, std: False,
    report: Callable[[str], None] = print,
) -> dict:
    """Train one network and note its errors on the way; an unfinished training goes on from its checkpoint.

    Parameters
    ----------
    labels : what the network predicts; one label, if not ``together``.
    together : note the means over the labels of their errors, each divided by the standard deviation of its training
        labels, so that they have no unit.
    network, head, stage, seed, on_the_fly, report : see `spectrolabe.train.training.train_member`; a stage with
        ``find_rate`` is trained with the rate that is found for this very network. Errors are measured on a sample of
        the size of the stage's ``buffer``, the same for all trials, where ``data.measure`` is in files and larger.
    epochs : when the errors are noted, by the weights as they are then, not those of the best epoch.
    checkpoint : file of the unfinished training; `forget_trial` removes it once the result is written.
    give_up : told each noted epoch and the standard deviation there; where it says so, the training ends.

    Returns
    -------
    ``state`` (finished, pruned, or failed where the loss turned NaN), ``reason``, ``learning_rate``, ``parameters``
    (trained ones), ``seconds`` and ``spectra_per_second`` of training, and ``epochs``: ``epoch``, ``std`` (plain
    standard deviation of the residuals), ``scatter`` (robust), ``bias`` (median) and ``mae`` in the label's unit, and
    ``val_loss``. With ``together`` they are means, the bias by its size, and ``labels`` has them label by label, in the
    labels' units. What is not known is None.
    """
    if "find_rate" in stage:
        choice = {"labels": list(labels), "network": network, "head": head, "stage": stage, "seed": seed}
        found = find_rate(data.training, components=data.components, on_the_fly=on_the_fly, **choice)
        stage = with_rate(stage, found.rate)
    measure, _ = read_sample(data.measure, stage.get("buffer", np.inf), seed=0)
    notes = _Notes(replace(data, measure=measure), labels, together, head, epochs, Path(checkpoint), give_up)
    state, reason, history = "finished", "", None
    try:
        model, history = train_member(
            data.training,
            data.validation,
            labels=list(labels),
            network=network,
            head=head,
            stage=stage,
            seed=seed,
            checkpoint=Path(checkpoint),
            on_the_fly=on_the_fly,
            components=data.components,
            after_epoch=notes.take,
            report=report,
        )
        notes.count(model)
        if len(history) < stage["epochs"]:
            state, reason = "pruned", f"worse than the median of other trials after {len(history)} epochs"
    except DivergedError as error:
        state, reason = "failed", str(error)
    ((_, options),) = stage["optimiser"].items()
    found = {"state": state, "reason": reason, "learning_rate": options["learning_rate"]}
    return found | {"parameters": notes.parameters} | _summarise(notes.read(), history, len(data.training))


def _summarise(rows, history, spectra):
    if history is None:
        return {"seconds": None, "spectra_per_second": None, "epochs": [row | {"val_loss": None} for row in rows]}
    losses = history.set_index("epoch")["val_loss"]
    seconds = float(history["seconds"].sum())
    noted = [row | {"val_loss": float(losses[row["epoch"]])} for row in rows if row["epoch"] in losses.index]
    return {"seconds": seconds, "spectra_per_second": spectra * len(history) / seconds, "epochs": noted}


def measure_residuals(residuals: np.ndarray) -> dict[str, float]:
    """Give ``std``, ``scatter`` (1.4826 times the median absolute deviation), ``bias`` (median) and ``mae``.

    A prediction that is not finite makes all of them NaN.
    """
    residuals = np.asarray(residuals, float)
    median = np.median(residuals)
    values = {
        "std": residuals.std(),
        "scatter": GAUSSIAN_MAD * np.median(np.abs(residuals - median)),
        "bias": median,
        "mae": np.abs(residuals).mean(),
    }
    return {name: float(value) for name, value in values.items()}


def average_errors(errors: Mapping[str, Mapping[str, float]], spreads: Sequence[float]) -> dict[str, float]:
    """Average the errors of several labels, each divided by its spread; of the biases the sizes.

    Parameters
    ----------
    errors : label -> its errors, as `measure_residuals` gives them.
    spreads : standard deviation of the training labels, label by label, in the labels' units.
    """
    pairs = [*zip(errors.values(), spreads, strict=True)]
    return {name: float(np.mean([abs(error[name]) / spread for error, spread in pairs])) for name in pairs[0][0]}


class _Notes:
    """The errors of an unfinished trial, kept beside its checkpoint, where a new training removes them."""

    def __init__(self, data, labels, together, head, epochs, checkpoint, give_up):
        self._data, self._labels, self._together = data, list(labels), together
        self._head, self._epochs, self._give_up = build(HEADS, head), epochs, give_up
        truths = read_targets(data.measure.table, self._labels)
        known = ~np.isnan(truths) & (data.measure.flux != 0).any(axis=1, keepdims=True)
        for label, column in zip(self._labels, known.T, strict=True):
            if not column.any():
                found = f"all {len(column)} lack it or have no flux"
                raise ValueError(f"no spectrum to measure errors of {label!r} on: {found}")
        rows = known.any(axis=1)
        rows = slice(None) if rows.all() else rows  # a view, where all are measured
        self._flux, self._truths, self._known = data.measure.flux[rows], truths[rows], known[rows]
        self._folder = checkpoint.with_suffix("") / fingerprint([self._flux, self._truths], {"head": head})
        self.parameters = None

    def take(self, epoch: int, model: keras.Model) -> None:
        """Note the errors after an epoch, where they are asked for; end the training where it is given up."""
        self.count(model)
        if epoch not in self._epochs:
            return
        outputs = trained_part(model, self._data.components).predict(self._flux, batch_size=BATCH, verbose=0)
        row = {"epoch": epoch} | self._measure(self._head.decode(outputs, self._labels).mean - self._truths)
        if not np.isfinite(row["std"]):
            raise DivergedError(f"the labels predicted after epoch {epoch} are not finite")
        self._folder.mkdir(parents=True, exist_ok=True)
        with replacing(self._folder / f"{epoch}.json") as temporary:
            temporary.write_text(json.dumps(row))
        if self._give_up(epoch, row["std"]):
            raise StopTraining

    def _measure(self, residuals):
        columns = zip(self._labels, residuals.T, self._known.T, strict=True)
        errors = {label: measure_residuals(column[known]) for label, column, known in columns}
        if not self._together:
            (single,) = errors.values()
            return single
        spreads = np.nanstd(read_targets(self._data.training.table, self._labels), axis=0, dtype=float)
        return average_errors(errors, spreads) | {"labels": errors}

    def count(self, model: keras.Model) -> None:
        self.parameters = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)

    def read(self) -> list[dict]:
        """Give what has been noted, in the order of the epochs."""
        paths = [self._folder / f"{epoch}.json" for epoch in self._epochs]
        return [json.loads(path.read_text()) for path in paths if path.exists()]


def forget_trial(checkpoint: Path) -> None:
    """Remove the state of a training whose result is written."""
    Path(checkpoint).unlink(missing_ok=True)
    shutil.rmtree(Path(checkpoint).with_suffix(""), ignore_errors=True)


def write_trial(record: Mapping, path: Path) -> None:
    """Write the result of a trial to a JSON file that is either whole or absent."""
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(record, indent=2, allow_nan=False))
