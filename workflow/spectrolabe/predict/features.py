"""A network's own view of spectra: how far their last hidden features lie from those of its training spectra."""

from dataclasses import dataclass, fields, replace
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from spectrolabe.spectra.table import Spectra, replacing
from spectrolabe.spectra.wavelength import split_arms
from spectrolabe.train.heads import FEATURES_LAYER, LABELS_LAYER
from spectrolabe.train.members import load_member

BATCH = 256
#: Training spectra that the features' mean and covariance are taken from at most.
MOST_SPECTRA = 4000


class FeatureLayer:
    """The last hidden features of one member, those that all labels share.

    Parameters
    ----------
    path : its `.keras` file.
    """

    def __init__(self, path: Path):
        model = load_member(path)
        reader = FEATURES_LAYER if FEATURES_LAYER in [layer.name for layer in model.layers] else LABELS_LAYER
        hidden = keras.Model(model.input, model.get_layer(reader).input)
        signature = tf.TensorSpec((BATCH, model.input_shape[1]), tf.float32)
        self._run = tf.function(lambda flux: hidden(flux, training=False), input_signature=[signature])

    def __call__(self, flux: np.ndarray) -> np.ndarray:
        """Give the features of flux (n_spectra, n_pixels), shape (n_spectra, n_features)."""
        found = []
        for start in range(0, max(len(flux), 1), BATCH):
            batch = np.zeros((BATCH, flux.shape[1]), np.float32)
            rows = flux[start : start + BATCH]
            batch[: len(rows)] = rows
            found.append(self._run(batch).numpy()[: len(rows)])
        return np.concatenate(found)


@dataclass(frozen=True)
class FeatureReference:
    """What a member makes of its training spectra.

    ``mean`` (n_features,) of the features, ``whitening`` (n_features, n_features), which turns deviations from it into
    independent ones of unit variance; ``covered`` (n_pixels,), the pixels that half of the spectra or more have, and
    ``usual_ends``, the share of them that one spectrum in a hundred lacks at the ends of its arms, or more.
    """

    mean: np.ndarray
    whitening: np.ndarray
    covered: np.ndarray
    usual_ends: float = 0.0

    def distance(self, features: np.ndarray) -> np.ndarray:
        """Give the Mahalanobis distance of features per square root of their number: about 1 for training spectra."""
        return np.sqrt((((features - self.mean) @ self.whitening) ** 2).mean(axis=1))

    def missing_ends(self, spectra: Spectra) -> np.ndarray:
        """Give the share of the covered pixels that a spectrum lacks at the ends of its arms, shape (n_spectra,).

        It is 0 where training spectra lack as much.
        """
        missing = np.zeros(len(spectra))
        for arm in split_arms(spectra.wavelength):
            known = (spectra.ivar[:, arm] > 0)[:, self.covered[arm]]
            for side in (known, known[:, ::-1]):
                missing += np.where(side.any(axis=1), side.argmax(axis=1), known.shape[1] / 2) if side.shape[1] else 0
        share = missing / max(self.covered.sum(), 1)
        return np.where(share > self.usual_ends, share, 0)


def learn_features(training: Spectra, member: Path) -> FeatureReference:
    """Learn where a member's training spectra lie in its own features (Lee et al. 2018, with one class for all).

    The covariance is shrunk (Ledoit & Wolf 2004), since features are many, alike, and some never stir.

    Parameters
    ----------
    training : some of the spectra that it was trained on; ``ivar`` may say only whether there is information.
    member : its `.keras` file.
    """
    from sklearn.covariance import LedoitWolf

    features = FeatureLayer(member)(training.flux).astype(float)
    fitted = LedoitWolf().fit(features)
    covered = (training.ivar > 0).mean(axis=0) >= 0.5
    reference = FeatureReference(fitted.location_, np.linalg.cholesky(fitted.precision_), covered)
    return replace(reference, usual_ends=float(np.quantile(reference.missing_ends(training), 0.99)))


def write_features(path: str | Path, reference: FeatureReference) -> None:
    """Write a reference to an .npz file of plain arrays, which is either whole or absent."""
    with replacing(path) as temporary, open(temporary, "wb") as file:
        np.savez_compressed(file, **vars(reference))


def read_features(path: str | Path) -> FeatureReference:
    """Read a reference that `write_features` wrote."""
    with np.load(path) as file:
        return FeatureReference(*(file[field.name][()] for field in fields(FeatureReference)))
