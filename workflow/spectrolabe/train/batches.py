"""Batches of training spectra: drawn in an order of each epoch's own, and distorted anew as they are drawn."""

from collections.abc import Mapping, Sequence

import keras
import numpy as np
import pandas as pd

from spectrolabe.spectra.randomness import QuickRowGenerators, derive_seed
from spectrolabe.spectra.steps import BLOCK, apply_steps
from spectrolabe.spectra.table import Spectra


class Batches(keras.utils.PyDataset):
    """The batches of one epoch: pairs of flux and targets, float32, the last one as large as what is left.

    What a batch holds is a function of ``seed``, ``epoch`` and the spectra's names alone. Only a batch at a time is
    copied.

    Parameters
    ----------
    spectra : training spectra; a pixel of flux 0 is without information.
    targets : their labels, shape (n_spectra, n_labels).
    size : spectra in a batch.
    seed, epoch : of the member, and counted from 0.
    steps : complete steps that each batch goes through (see `spectrolabe.spectra.steps`), such as ``zero_pixels``; they
        keep the grid. Pixels that they leave without information have flux 0.
    """

    def __init__(
        self, spectra: Spectra, targets: np.ndarray, size: int, *, seed: int, epoch: int, steps: Sequence[Mapping] = ()
    ):
        super().__init__()
        self._spectra, self._targets, self._size, self._steps = spectra, targets, size, steps
        self._names = spectra.table["spectrum_id"].to_numpy()
        self._seed = derive_seed(seed, "on the fly", epoch)
        self._order = np.random.default_rng([seed, epoch]).permutation(len(spectra))

    def __len__(self) -> int:
        return -(-len(self._order) // self._size)

    def __getitem__(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        rows = self._order[number * self._size : (number + 1) * self._size]
        flux = self._spectra.flux[rows]
        if self._steps:
            for start in range(0, len(rows), BLOCK):
                block = slice(start, start + BLOCK)
                flux[block] = self._distort(flux[block], self._names[rows[block]])
        return flux, self._targets[rows]

    def _distort(self, flux, names):
        known, no_columns = (flux != 0).astype(np.float32), pd.DataFrame(index=range(len(flux)))
        block = Spectra(self._spectra.wavelength, self._spectra.medium, flux, known, no_columns)
        done = apply_steps(block, self._steps, QuickRowGenerators(self._seed, names))
        return np.where(done.ivar > 0, done.flux, 0)
