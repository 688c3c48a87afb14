"""Scaling of labels and flux, learnt on the training set alone."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class LabelScaling:
    """Offset and scale per label, shape (n_labels,), that bring the training labels to zero mean and unit spread."""

    offset: np.ndarray
    scale: np.ndarray

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
        return cls(np.nanmean(labels, axis=0).astype(np.float32), np.nanstd(labels, axis=0).astype(np.float32))

    def encode(self, labels):
        """Scale physical labels (arrays or tensors)."""
        return (labels - self.offset) / self.scale


#: Spread below which a pixel counts as continuum: dividing by less would turn its noise into signal.
LEAST_SPREAD = 0.02


def flux_moments(flux: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give mean and variance of each pixel, shape (n_pixels,), over the training spectra that have it (not 0)."""
    known = flux != 0
    count = np.maximum(known.sum(axis=0), 1)
    mean = flux.sum(axis=0, dtype=float) / count
    variance = np.where(known, (flux - mean) ** 2, 0).sum(axis=0) / count
    return mean.astype(np.float32), np.maximum(variance, LEAST_SPREAD**2).astype(np.float32)
