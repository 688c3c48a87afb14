"""Learning rates by a range test: the rate rises until the loss diverges, and is halved until training holds."""

import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from keras import ops

from spectrolabe.spectra.components import Components
from spectrolabe.spectra.stored import AnySpectra, read_sample
from spectrolabe.spectra.wavelength import split_arms
from spectrolabe.train.batches import Batches
from spectrolabe.train.heads import HEADS
from spectrolabe.train.members import begin_member, build
from spectrolabe.train.scaling import LabelScaling

#: Share of the smoothed loss that each batch hands on to the next: some five batches long.
MEMORY = 0.8
#: Batches after which the smoothed loss counts, and from which the scatter of single ones is told.
FIRST = 20
#: Times that scatter by which a smoothed loss must rise at least: six of its own standard deviations.
RISE = 2.0
#: What is taken of a rate that diverges (Bengio 2012, arXiv:1206.5533, section 3.1.1).
SHARE = 0.5
#: Rates that are held at most, each half of the one before.
MOST_HELD = 8
#: Share of what was gained at rising rates that holding a rate must gain.
LEARNT = 0.25
#: Training spectra that tell what a rate has led to.
SAMPLE = 2048


@dataclass(frozen=True)
class RateTest:
    """What a range test has found.

    ``rate`` to train with; ``diverged_at``, twice that, None where nothing diverged; ``table``, one row per batch of
    rising rates: ``rate, loss, smoothed``; ``held``, (rate, loss after it) of each rate that was held; ``warning``,
    empty where the rate can be trusted.
    """

    rate: float
    diverged_at: float | None
    table: pd.DataFrame
    held: list[tuple[float, float]]
    warning: str = ""

    def save(self, result: Path, table: Path) -> None:
        """Write the result as JSON, which `read_rate` reads, and the losses as CSV; infinite ones as null in JSON."""
        self.table.to_csv(table, index=False)
        held = [(rate, loss if np.isfinite(loss) else None) for rate, loss in self.held]
        found = {"rate": self.rate, "diverged_at": self.diverged_at, "held": held, "warning": self.warning}
        result.write_text(json.dumps(found, indent=2))


def find_rate(
    training: AnySpectra,
    *,
    labels: list[str],
    network: Mapping,
    head: Mapping,
    stage: Mapping,
    seed: int,
    components: Components | None = None,
    on_the_fly: Sequence[Mapping] = (),
    start_from: Path | None = None,
) -> RateTest:
    """Find the rate that a stage trains with: half of one that diverges.

    The rate rises by a constant factor per batch until the loss diverges (Smith 2017, arXiv:1506.01186). A network
    takes many batches to fall apart, and the rate has risen on by then: so half of the rate from which on the loss rose
    is held for as many batches, from the same weights, and halved again until the network has learnt something by it.
    What is left is half of a rate that diverges, as Bengio (2012) and Open Astronomy 31, 38, section 4.1.4, have it.

    Parameters
    ----------
    stage : ``batch``, ``optimiser``, ``find_rate`` with ``lowest``, ``highest`` (no unit) and ``steps`` (batches) and,
        where it has them, ``layer_rates``, which the rate that is found is multiplied by in training too.
    training, labels, network, head, seed, components, on_the_fly, start_from : as those of
        `spectrolabe.train.training.train_member`. Of spectra in their files, a sample of the size of the stage's
        ``buffer`` is gone through where they are larger.

    Raises
    ------
    ValueError
        Where a label is missing throughout.
    """
    head_of = build(HEADS, head)
    targets = head_of.targets(training.table, labels)
    scaling = head_of.learn_scaling(targets[:, : len(labels)], labels)
    training, rows = read_sample(training, stage.get("buffer", np.inf), seed)
    targets = targets[rows]
    parts = {"network": network, "head": head_of, "scaling": scaling, "seed": seed, "components": components}
    parts |= {"arms": split_arms(training.wavelength), "layer_rates": stage.get("layer_rates")}
    _, model = begin_member(training.flux, **parts, optimiser=stage["optimiser"], start_from=start_from)
    level, options = constant_loss(head_of, scaling, targets), stage["find_rate"]
    rates = np.geomspace(options["lowest"], options["highest"], options["steps"])
    start = [np.array(variable) for variable in _variables(model)]

    def train(rates, has_ended):
        for variable, value in zip(_variables(model), start, strict=True):
            variable.assign(value)
        batches = _draw_batches(training, targets, stage["batch"], seed, on_the_fly)
        return _train(model, rates, batches, has_ended)

    def hold(rate):
        losses = train(np.full(len(rates), rate), lambda losses: not np.isfinite(losses[-1]))
        rows = np.unique(np.linspace(0, len(targets) - 1, SAMPLE).astype(int))
        loss = model.evaluate(training.flux[rows], targets[rows], batch_size=SAMPLE, verbose=0)
        return loss if np.isfinite(losses[-1]) else np.inf

    losses = train(rates, lambda losses: diverges(losses, level))
    return judge_losses(rates, losses, level, hold)


def _variables(model) -> list:
    return [*model.variables, *model.optimizer.variables]


def _train(model, rates, batches, has_ended) -> list[float]:
    losses: list[float] = []
    for rate, batch in zip(rates, batches, strict=False):
        model.optimizer.learning_rate = rate
        model.reset_metrics()  # else Keras gives the mean over all batches so far
        losses.append(float(model.train_on_batch(*batch)))
        if has_ended(losses):
            break
    return losses


def _draw_batches(training, targets, size, seed, steps) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for epoch in itertools.count():
        batches = Batches(training, targets, size, seed=seed, epoch=epoch, steps=steps)
        yield from (batches[number] for number in range(len(batches)))


def constant_loss(head, scaling: LabelScaling, targets: np.ndarray) -> float:
    """Give the loss of saying the same of every spectrum: what a network has learnt is below it."""
    outputs, loss = head.constant_outputs(scaling, targets), head.loss(scaling)
    # Some at a time: a loss that compares spectra with each other grows by the square of their number.
    parts = [targets[start : start + SAMPLE] for start in range(0, len(targets), SAMPLE)]
    losses = [float(loss(ops.convert_to_tensor(part), ops.repeat(outputs, len(part), axis=0))) for part in parts]
    return float(np.average(losses, weights=[len(part) for part in parts]))


def smooth_losses(losses: Sequence[float]) -> np.ndarray:
    """Give the exponential running mean of losses, without the pull of its start."""
    smoothed, mean = [], 0.0
    for number, loss in enumerate(losses, start=1):
        mean = MEMORY * mean + (1 - MEMORY) * loss
        smoothed.append(mean / (1 - MEMORY**number))
    return np.array(smoothed)


def diverges(losses: Sequence[float], level: float) -> bool:
    """Say whether the losses of rising rates have come to where they diverge.

    The last smoothed loss is not finite; or half of what it had gained on ``level``, the loss of saying the same of
    every spectrum, is lost again. A multiple of the lowest loss, as others take it, has no meaning for a loss that can
    be negative, and misses a network that large rates have killed: such a one says the same of every spectrum, which
    is no large loss. The rise must stand out of the scatter of single batches too.
    """
    smoothed = smooth_losses(losses)
    if not np.isfinite(smoothed[-1]):
        return True
    if len(losses) <= FIRST:
        return False
    best = _find_lowest(smoothed)
    before = np.asarray(losses[best + 1 - FIRST : best + 1])
    scatter = np.std(np.diff(before)) / np.sqrt(2)  # of differences, which a slope leaves alone
    return bool(smoothed[-1] > smoothed[best] + max(0.5 * (level - smoothed[best]), RISE * scatter))


def _find_lowest(smoothed):
    # Not among the first ones, which are means of few batches.
    settled = np.where(np.isfinite(smoothed[FIRST - 1 :]), smoothed[FIRST - 1 :], np.inf)
    return FIRST - 1 + int(np.argmin(settled)) if settled.size else 0


def judge_losses(rates: np.ndarray, losses: Sequence[float], level: float, hold: Callable[[float], float]) -> RateTest:
    """Give the result of a test whose rising rates ended with the last of the losses.

    Parameters
    ----------
    rates : all rates that were to be tried, rising.
    losses : of the batches up to where they diverged, or to the end.
    level : the loss of saying the same of every spectrum.
    hold : gives the loss of a network that has been trained at a constant rate. It has learnt something by it where
        this is below ``level`` by a quarter of what the lowest loss at rising rates is below it; a dead one is not.
    """
    smoothed = smooth_losses(losses)
    table = pd.DataFrame({"rate": rates[: len(losses)], "loss": losses, "smoothed": smoothed})
    best = _find_lowest(smoothed)
    enough = level - LEARNT * max(level - smoothed[best], 0.0)
    held: list[tuple[float, float]] = []
    while len(held) < MOST_HELD and not (held and held[-1][1] < enough):
        rate = SHARE * (held[-1][0] if held else float(rates[best]))
        held.append((rate, float(hold(rate))))
    rate, loss = min(held, key=lambda pair: pair[1])
    if not loss < enough:
        warning = f"no rate from {held[-1][0]:.2g} to {held[0][0]:.2g} taught the network anything"
        return RateTest(rate, None, table, held, warning)
    if len(held) == 1 and not diverges(losses, level):
        warning = f"the loss did not diverge up to a learning rate of {rates[-1]:g}; it was lowest at {2 * rate:.2g}"
        return RateTest(rate, None, table, held, warning)
    return RateTest(rate, rate / SHARE, table, held)


def read_rate(result: Path) -> float:
    """Read the rate that a test has found."""
    return json.loads(result.read_text())["rate"]


def with_rate(stage: Mapping, rate: float) -> dict:
    """Give a stage with the rate that a test has found in place of its optimiser's own."""
    ((name, options),) = stage["optimiser"].items()
    settled = {key: value for key, value in stage.items() if key != "find_rate"}
    return settled | {"optimiser": {name: {**options, "learning_rate": rate}}}
