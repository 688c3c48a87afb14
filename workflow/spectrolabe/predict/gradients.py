"""Gradients: by how much a model's labels change with the flux of every pixel, by automatic differentiation."""

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from spectrolabe.train.members import load_member

#: Spectra differentiated at a time: what a convolution keeps of each for the way back takes megabytes.
BATCH = 32


def measure_gradients(members: Sequence[Path], flux: np.ndarray, count: int) -> np.ndarray:
    """Give the mean over stars of d label / d flux for every member, label and pixel.

    A pixel counts in the spectra that have it: flux 0, or one that is not finite, is without information.

    Parameters
    ----------
    members : `.keras` files, whose first outputs are the labels' means in physical units, as every head's are.
    flux : spectra, shape (n_spectra, n_pixels).
    count : number of labels.

    Returns
    -------
    Shape (n_members, count, n_pixels), in the label's unit per unit of flux (continuum = 1 where spectra are
    normalised); NaN for a pixel that no spectrum has.

    Raises
    ------
    ValueError
        Where the number of pixels is not what a member was trained on.
    """
    return np.stack([_mean_gradients(load_member(path), path, flux, count) for path in members])


def _mean_gradients(model: keras.Model, path: Path, flux: np.ndarray, count: int) -> np.ndarray:
    pixels = model.input_shape[1]
    if flux.shape[1] != pixels:
        raise ValueError(f"{path}: the member reads {pixels} pixels, the spectra have {flux.shape[1]}")

    @tf.function(input_signature=[tf.TensorSpec((BATCH, pixels), tf.float32)])
    def add_up(spectra):
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(spectra)
            labels = tf.unstack(tf.reduce_sum(model(spectra, training=False), axis=0)[:count])
        # Of pixels without information, and of rows that only fill the batch up, nothing is added.
        known = tf.cast(tf.not_equal(spectra, 0.0), tf.float32)
        return tf.stack([tf.reduce_sum(tape.gradient(label, spectra) * known, axis=0) for label in labels])

    total, known = np.zeros((count, pixels)), np.zeros(pixels)
    for start in range(0, len(flux), BATCH):
        batch = np.zeros((BATCH, pixels), np.float32)
        rows = flux[start : start + BATCH]
        batch[: len(rows)] = np.where(np.isfinite(rows), rows, 0)
        total += add_up(batch).numpy()
        known += (batch != 0).sum(axis=0)
    return np.divide(total, known, out=np.full_like(total, np.nan), where=known > 0)
