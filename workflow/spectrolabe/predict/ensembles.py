"""Ensembles: many members predict in one pass; moments combine by the law of total variance, distributions mix."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

from spectrolabe.train.heads import Prediction
from spectrolabe.train.members import load_member

#: One size for every batch: another size changes the last bits of the result.
BATCH = 256


class Ensemble:
    """Kept members of one model.

    Parameters
    ----------
    paths : their `.keras` files.
    """

    def __init__(self, paths: Sequence[Path]):
        members = [load_member(path) for path in paths]
        self.n_pixels = members[0].input_shape[1]
        signature = tf.TensorSpec((BATCH, self.n_pixels), tf.float32)
        self._run = tf.function(lambda flux: [m(flux, training=False) for m in members], input_signature=[signature])
        # Traced and optimised now, so that the first batch is as quick as the others.
        self._run(np.zeros(signature.shape, np.float32))

    def __call__(self, flux: np.ndarray) -> np.ndarray:
        """Give raw outputs of every member, shape (n_members, n_spectra, n_outputs), for flux (n_spectra, n_pixels).

        Raises
        ------
        ValueError
            Where the number of pixels is not what the members were trained on.
        """
        if flux.shape[1] != self.n_pixels:
            found = f"the members read {self.n_pixels} pixels, the spectra have {flux.shape[1]}"
            raise ValueError(f"{found}: prepare them on one grid")
        outputs = []
        for start in range(0, len(flux), BATCH):
            batch = flux[start : start + BATCH]
            padded = np.zeros((BATCH, self.n_pixels), np.float32)
            padded[: len(batch)] = batch
            outputs.append(np.stack(self._run(padded))[:, : len(batch)])
        return np.concatenate(outputs, axis=1)


def combine(predictions: Sequence[Prediction]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Combine members: the mean of means, and the total variance in two parts (Lakshminarayanan et al. 2017).

    Returns
    -------
    ``mean``, ``aleatoric`` (mean of the members' variances, NaN for point heads) and ``epistemic`` (variance of their
    means), each of shape (n_spectra, n_labels).
    """
    means = np.stack([p.mean for p in predictions]).astype(float)
    variances = np.stack([p.variance for p in predictions]).astype(float)
    return means.mean(axis=0), variances.mean(axis=0), means.var(axis=0)


def mix(distributions: Sequence[Mapping[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Average members as distributions over bins, label by label: several peaks stay several.

    Parameters
    ----------
    distributions : of each member, label -> probabilities, shape (n_spectra, ..., bins).
    """
    labels = distributions[0]
    return {label: np.mean([member[label] for member in distributions], axis=0, dtype=float) for label in labels}
