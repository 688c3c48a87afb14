"""Scaling of labels and flux, learnt on the training set alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd


def removed_parts(table: pd.DataFrame, labels: Sequence[str]) -> np.ndarray:
    """Give what preparation has taken off each label (``<label>_removed``, 0 where unknown), shape (n_rows, n_labels).

    A network sees what is left, so that these parts come off before training, and are added to what it predicts.
    """
    columns = [f"{label}_removed" for label in labels]
    return table.reindex(columns=columns).fillna(0.0).to_numpy(float)


def read_targets(table: pd.DataFrame, labels: Sequence[str]) -> np.ndarray:
    """Give the labels that a network learns, less what preparation has removed: float32, shape (n_rows, n_labels)."""
    return (table[list(labels)].to_numpy(float) - removed_parts(table, labels)).astype(np.float32)


@dataclass(frozen=True)
class LabelScaling:
    """Offset and scale per label, shape (n_labels,), that bring the training labels to zero mean and unit spread.

    ``lowest`` is the lowest training label, in physical units.
    """

    offset: np.ndarray
    scale: np.ndarray
    lowest: np.ndarray

    @classmethod
    def fit(cls, labels: np.ndarray, names: list[str]) -> "LabelScaling":
        """Learn the scaling of training labels, shape (n_spectra, n_labels), NaN where unknown.

        Raises
        ------
        ValueError
            Where a label is missing throughout or constant.
        """
        for column, name in zip(labels.T, names, strict=True):
            known = column[~np.isnan(column)]
            if known.size == 0:
                raise ValueError(f"label {name!r} is missing in every training spectrum: expected at least two values")
            if np.ptp(known) == 0:
                raise ValueError(f"label {name!r} is {known[0]:g} in every training spectrum: expected it to vary")
        moments = (function(labels, axis=0).astype(np.float32) for function in (np.nanmean, np.nanstd, np.nanmin))
        return cls(*moments)

    def encode(self, labels):
        """Scale physical labels (arrays or tensors)."""
        return (labels - self.offset) / self.scale

    def encode_from_one(self, labels):
        """Scale physical labels to unit spread, the lowest of the training to 1."""
        return (labels - self.lowest) / self.scale + 1


#: Spread below which a pixel counts as continuum: dividing by less would turn its noise into signal.
LEAST_SPREAD = 0.02
#: Pixels whose moments are computed at a time.
PIXELS = 64


def flux_moments(flux: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give mean and variance of each pixel, shape (n_pixels,), over the training spectra that have it (not 0)."""
    # Some pixels at a time: in double precision, all would take several times the memory of the flux.
    pixels = range(0, flux.shape[1], PIXELS)
    mean, variance = zip(*(_moments(flux[:, start : start + PIXELS]) for start in pixels), strict=True)
    return np.concatenate(mean), np.concatenate(variance)


def _moments(flux):
    known = flux != 0
    count = np.maximum(known.sum(axis=0), 1)
    mean = flux.sum(axis=0, dtype=float) / count
    variance = np.where(known, (flux - mean) ** 2, 0).sum(axis=0) / count
    return mean.astype(np.float32), np.maximum(variance, LEAST_SPREAD**2).astype(np.float32)
