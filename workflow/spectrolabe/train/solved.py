"""Networks whose weights are solved for, not descended to: linear regression, and The Cannon's quadratic model."""

import time
from collections.abc import Callable, Mapping

import keras
import numpy as np
import pandas as pd

from spectrolabe.spectra.stored import AnySpectra, read_sample
from spectrolabe.spectra.table import Spectra
from spectrolabe.train.heads import HEADS, LABELS_LAYER
from spectrolabe.train.linear import blocks, solve_linear
from spectrolabe.train.members import build
from spectrolabe.train.quadratic import solve_quadratic
from spectrolabe.train.training import train_member

SOLVED: dict[str, Callable] = {"linear": solve_linear, "quadratic": solve_quadratic}


def fit_member(
    training: AnySpectra, validation: AnySpectra, *, network: Mapping, head: Mapping, labels: list[str], **settings
) -> tuple[keras.Model, pd.DataFrame]:
    """Make one member: its weights are solved for where the network is one of `SOLVED`, else trained.

    See `solve_member` and `spectrolabe.train.training.train_member`, which ``settings`` are for. Weights are solved for
    on a sample of each part, as large as the stage's ``buffer``, where the part is larger.
    """
    common = {"labels": labels, "network": network, "head": head}
    if {*network} <= {*SOLVED}:
        buffer, seed = settings["stage"].get("buffer", np.inf), settings["seed"]
        samples = [read_sample(part, buffer, seed)[0] for part in (training, validation)]
        return solve_member(*samples, **common, report=settings.get("report", print))
    return train_member(training, validation, **common, **settings)


def solve_member(
    training: Spectra,
    validation: Spectra,
    *,
    labels: list[str],
    network: Mapping,
    head: Mapping,
    report: Callable[[str], None] = print,
) -> tuple[keras.Model, pd.DataFrame]:
    """Solve for the weights of one member on a training set.

    Parameters
    ----------
    training, validation : spectra with the labels as columns (NaN where unknown).
    network : one key, a name of `SOLVED`, with its options.
    head : a point head, whose loss judges the member.
    report : called with lines that say how it went.

    Returns
    -------
    The member, from flux to labels like any other, and a history of one row: ``epoch, loss, val_loss, learning_rate
    (NaN), seconds``, and what the network notes, such as ``penalty_<label>``.

    Raises
    ------
    ValueError
        Where a label is missing throughout, a set is empty, or spectra are too few.
    """
    started = time.perf_counter()
    if not len(training) or not len(validation):
        counts = f"{len(training)} to train on, {len(validation)} to validate on"
        raise ValueError(f"training needs spectra in both parts: {counts}")
    head_of = build(HEADS, head)
    parts = [(spectra.flux, head_of.targets(spectra.table, labels)) for spectra in (training, validation)]
    scaling = head_of.learn_scaling(parts[0][1], labels)
    loss = head_of.loss(scaling)
    ((name, options),) = network.items()
    inputs, scaled, noted = SOLVED[name](*parts, scaling, labels, loss, report, **options)
    # What this layer reads are the features that odd spectra are found by: here the labels themselves.
    scaled = keras.layers.Identity(name=LABELS_LAYER)(scaled)
    model = keras.Model(inputs, head_of.unscale(scaled, scaling))
    losses = [_mean_loss(model, *part, loss) for part in parts]
    seconds = time.perf_counter() - started
    report(f"solved  loss {losses[0]:.4f}  validation {losses[1]:.4f}  {seconds:.1f} s")
    row = {"epoch": 1, "loss": losses[0], "val_loss": losses[1], "learning_rate": np.nan, "seconds": seconds}
    return model, pd.DataFrame([row | noted])


def _mean_loss(model, flux, targets, loss):
    pairs = zip(blocks(flux), blocks(targets), strict=True)
    return sum(float(loss(known, model(some))) * len(some) for some, known in pairs) / len(flux)
