"""Splits by star: every spectrum and every copy of one star stands in the same part."""

from collections.abc import Mapping, Sequence

import numpy as np

from spectrolabe.prepare.parts import PARTS
from spectrolabe.spectra.randomness import derive_seed


def assign_parts(source_ids: Sequence[str], split: Mapping[str, float], seed: int) -> np.ndarray:
    """Give the part of each spectrum from its star's name alone, so that a new star moves no other.

    Parameters
    ----------
    source_ids : star of each spectrum, shape (n_spectra,).
    split : share of ``validation``, ``calibration`` and ``test``; the rest is ``training``.
    seed : another seed gives another split.
    """
    bounds = np.cumsum([split.get(part, 0.0) for part in PARTS[:-1]])
    drawn = np.array([derive_seed(seed, "split", source) / 2**64 for source in source_ids])
    return np.array(PARTS)[np.searchsorted(bounds, drawn, side="right")]
