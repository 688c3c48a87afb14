"""Batches: of training spectra in each epoch's own order, distorted anew as they are drawn; others as they are."""

from collections.abc import Mapping, Sequence

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from spectrolabe.spectra.randomness import QuickRowGenerators, derive_seed
from spectrolabe.spectra.steps import BLOCK, apply_steps
from spectrolabe.spectra.stored import AnySpectra, read_fitting
from spectrolabe.spectra.table import Spectra
from spectrolabe.train.buffers import ShuffleBuffer


class Batches(keras.utils.PyDataset):
    """The batches of one epoch: pairs of flux and targets, float32, the last one as large as what is left.

    What a batch holds is a function of ``seed``, ``epoch`` and the spectra's names alone, and of the size of their
    buffer where they have one. Only a batch at a time is copied.

    Parameters
    ----------
    spectra : training spectra, or a buffer of them; a pixel of flux 0 is without information.
    targets : their labels, shape (n_spectra, n_labels).
    size : spectra in a batch.
    seed, epoch : of the member, and counted from 0.
    steps : complete steps that each batch goes through (see `spectrolabe.spectra.steps`), such as ``zero_pixels``; they
        keep the grid. Pixels that they leave without information have flux 0.
    """

    def __init__(
        self,
        spectra: Spectra | ShuffleBuffer,
        targets: np.ndarray,
        size: int,
        *,
        seed: int,
        epoch: int,
        steps: Sequence[Mapping] = (),
    ):
        super().__init__()
        self._spectra, self._targets, self._size, self._steps = spectra, targets, size, steps
        self._names = spectra.table["spectrum_id"].to_numpy()
        self._seed = derive_seed(seed, "on the fly", epoch)
        self._buffered = spectra.draw_order(seed, epoch) if isinstance(spectra, ShuffleBuffer) else None
        permuted = np.random.default_rng([seed, epoch]).permutation
        self._order = self._buffered.rows if self._buffered else permuted(len(spectra))

    def for_training(self) -> "Batches | tf.data.Dataset":
        """Give what Keras trains on: the batches, of a buffer drawn one ahead (see `draw_ahead`)."""
        return draw_ahead(self) if self._buffered else self

    def __len__(self) -> int:
        return -(-len(self._order) // self._size)

    def __getitem__(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        start = number * self._size
        rows = self._order[start : start + self._size]
        flux = self._take(start, rows)
        if self._steps:
            for start in range(0, len(rows), BLOCK):
                block = slice(start, start + BLOCK)
                flux[block] = self._distort(flux[block], self._names[rows[block]])
        return flux, self._targets[rows]

    def _take(self, start, rows):
        if self._buffered:
            return self._spectra.take(self._buffered, start, start + len(rows))
        return self._spectra.flux[rows]

    def _distort(self, flux, names):
        known, no_columns = (flux != 0).astype(np.float32), pd.DataFrame(index=range(len(flux)))
        block = Spectra(self._spectra.wavelength, self._spectra.medium, flux, known, no_columns)
        done = apply_steps(block, self._steps, QuickRowGenerators(self._seed, names))
        return np.where(done.ivar > 0, done.flux, 0)


class Blocks(keras.utils.PyDataset):
    """Spectra in their order: pairs of flux and targets, ``size`` spectra at a time.

    Parameters
    ----------
    spectra : those in their files are read as they come.
    targets : their labels, shape (n_spectra, n_labels).
    """

    def __init__(self, spectra: AnySpectra, targets: np.ndarray, size: int):
        super().__init__()
        self._spectra, self._targets, self._size = spectra, targets, size

    def __len__(self) -> int:
        return -(-len(self._spectra) // self._size)

    def __getitem__(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        rows = slice(number * self._size, (number + 1) * self._size)
        return read_fitting(self._spectra.select(rows), np.inf).flux, self._targets[rows]


def draw_ahead(batches: Batches | Blocks) -> tf.data.Dataset:
    """Give batches in their order, of which one is drawn while another is used.

    Keras itself draws ever more of them ahead, up to some hundreds, while it has to wait for a file.
    """
    signature = tuple(tf.TensorSpec((None, *part.shape[1:]), part.dtype) for part in batches[0])
    drawn = tf.data.Dataset.from_generator(
        lambda: map(batches.__getitem__, range(len(batches))), output_signature=signature
    )
    return drawn.apply(tf.data.experimental.assert_cardinality(len(batches))).prefetch(1)
