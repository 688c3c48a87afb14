"""Stochastic weight averaging: one network of the weights at the ends of a training's cycles (Izmailov et al. 2018)."""

from collections.abc import Mapping, Sequence

import keras
import numpy as np

from spectrolabe.train.batches import Batches

#: Spectra of a batch, some less, that the statistics of batch-norm layers are recomputed in.
LARGE_BATCH = 1024


def ends_cycle(stage: Mapping, epoch: int) -> bool:
    """Say whether weights enter a stage's average after an epoch, counted from 1: at the ends of its last cycles."""
    if not stage.get("average"):
        return False
    cycles = stage["schedule"]["cosine_cycles"]["cycles"]
    ended, rest = divmod(epoch * cycles, stage["epochs"])
    return not rest and ended > cycles - stage["average"]


def add_to_mean(mean: Sequence[np.ndarray], count: int, weights: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Give the mean of ``count`` + 1 sets of weights from that of the first ones and the last (equation 5), float64."""
    if not count:
        return [np.asarray(weight, float) for weight in weights]
    return [(old * count + new) / (count + 1) for old, new in zip(mean, weights, strict=True)]


def equal_size(count: int) -> int:
    """Give the size of batches, `LARGE_BATCH` or somewhat less, that share a number of spectra evenly."""
    return -(-count // -(-count // LARGE_BATCH))


def recompute_statistics(model: keras.Model, batches: Batches) -> None:
    """Set the means and variances of batch-norm layers to those over training spectra; nothing is dropped meanwhile.

    Averaged weights have never met the statistics that were averaged with them. Each variance is the mean over the
    batches, which are large.

    Parameters
    ----------
    model : any network; without such layers it stays as it is.
    batches : all of the training spectra, each counting alike.
    """
    norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    drops = [layer for layer in model.layers if isinstance(layer, keras.layers.Dropout)]
    if not norms:
        return
    momenta, rates = [layer.momentum for layer in norms], [layer.rate for layer in drops]
    seen = 0
    try:
        for layer in drops:
            layer.rate = 0.0
        for number in range(len(batches)):
            flux, _ = batches[number]
            seen += len(flux)
            for layer in norms:
                layer.momentum = 1 - len(flux) / seen
            model(flux, training=True)
    finally:
        for layer, momentum in zip(norms, momenta, strict=True):
            layer.momentum = momentum
        for layer, rate in zip(drops, rates, strict=True):
            layer.rate = rate
