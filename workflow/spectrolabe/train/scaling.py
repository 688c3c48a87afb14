"""Scaling of labels and flux, learnt on the training set alone."""

from collections.abc import Callable, Sequence
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


def _standard(labels):
    return np.nanmean(labels, axis=0), np.nanstd(labels, axis=0)


def _robust(labels):
    low, middle, high = np.nanpercentile(labels.astype(float), [25, 50, 75], axis=0)
    return middle, high - low


#: What is taken off labels, and what they are then divided by: the mean and the standard deviation, or the median and
#: the interquartile range, which outliers do not move.
SCALINGS: dict[str, Callable] = {"standard": _standard, "robust": _robust}


@dataclass(frozen=True)
class LabelScaling:
    """Offset and scale per label, shape (n_labels,), that bring the training labels around zero with unit spread.

    ``lowest`` is the lowest training label, in physical units; ``variance`` that of the training labels as scaled, 1 by
    the standard scaling; ``names`` those of the labels.
    """

    offset: np.ndarray
    scale: np.ndarray
    lowest: np.ndarray
    variance: np.ndarray | float = 1.0
    names: tuple[str, ...] = ()

    @classmethod
    def fit(cls, labels: np.ndarray, names: Sequence[str], kind: str = "standard") -> "LabelScaling":
        """Learn the scaling of training labels, shape (n_spectra, n_labels), NaN where unknown.

        Parameters
        ----------
        kind : one of `SCALINGS`.

        Raises
        ------
        ValueError
            Where a label is missing throughout or constant, or half of its values or more are one (robust).
        """
        for column, name in zip(labels.T, names, strict=True):
            known = column[~np.isnan(column)]
            if known.size == 0:
                raise ValueError(f"label {name!r} is missing in every training spectrum: expected at least two values")
            if np.ptp(known) == 0:
                raise ValueError(f"label {name!r} is {known[0]:g} in every training spectrum: expected it to vary")
        offset, scale = SCALINGS[kind](labels)
        for name in np.array(names)[scale == 0]:
            found = f"label {str(name)!r} has one value in the middle half of the training spectra"
            raise ValueError(f"{found}: expected it to vary there for the scaling {kind!r}, or the scaling 'standard'")
        moments = (offset, scale, np.nanmin(labels, axis=0), np.square(np.nanstd(labels, axis=0) / scale))
        return cls(*(moment.astype(np.float32) for moment in moments), names=tuple(names))

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


def _common(flux):
    mean, variance = flux_moments(flux)
    return mean, np.full_like(variance, variance.mean())


def _none(flux):
    return np.zeros(flux.shape[1], np.float32), np.ones(flux.shape[1], np.float32)


#: Mean and variance that each pixel's flux is scaled by: both its own, its own mean and one variance of all, or none.
FLUX_SCALINGS: dict[str, Callable] = {"per_pixel": flux_moments, "common": _common, "none": _none}
