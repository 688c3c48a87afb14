"""What networks give: the names of layers that others look for, and predictions decoded from raw outputs."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

#: The layer that gives the scaled labels, and the one of all labels' features where some have layers of their own.
LABELS_LAYER, FEATURES_LAYER = "scaled_labels", "shared_features"


@dataclass(frozen=True)
class Prediction:
    """Predicted labels of many spectra, in physical units; each array has shape (n_spectra, n_labels).

    ``variance`` is the aleatoric variance, NaN where the head gives none. ``distributions`` and ``arms`` are those of a
    binned head: label -> probabilities of its bins, shape (n_spectra, bins), and those of each wavelength arm alone,
    shape (n_spectra, n_arms, bins).
    """

    mean: np.ndarray
    variance: np.ndarray
    distributions: Mapping[str, np.ndarray] | None = None
    arms: Mapping[str, np.ndarray] | None = None
