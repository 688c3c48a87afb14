"""The binned head: a distribution over bins for every label, and an embedding that brings alike spectra together."""

from collections.abc import Mapping, Sequence

import keras
import numpy as np
import pandas as pd
from keras import ops

from spectrolabe.train.binned_layers import Bins, Branches, describe_distribution, mean_logits, softmax, split_outputs
from spectrolabe.train.distributions import conflate, integrate_normal
from spectrolabe.train.losses import focal, mean_over_known, spread_labels, triplet
from spectrolabe.train.outputs import FEATURES_LAYER, Prediction
from spectrolabe.train.scaling import LabelScaling, read_targets


class BinnedHead:
    """A distribution over bins for every label, and an embedding in which spectra of the same bin are close.

    Labels are normal distributions as wide as their errors, integrated over the bins. The network gives, in this order:
    mean and log variance of each label, in physical units; the logits of its bins, arm by arm, in it label by label;
    the embeddings, in the same order. What arms say is multiplied (`spectrolabe.train.distributions.conflate`).

    Parameters
    ----------
    bins : label -> ``start``, ``stop`` and ``width`` of its bins, in its unit; labels that a network does not predict
        are left alone.
    focusing : exponent of the focal loss, 0 for the cross-entropy.
    temperature : whether logits are divided by a temperature that is learnt, one per label and arm.
    triplet : weight of the triplet loss of the embeddings, 0 for none.
    margin, mining : of that loss (see `spectrolabe.train.losses.triplet`); its classes are the bins.
    embedding : dimensions of an embedding, 0 for none.
    hidden, hidden_activation, hidden_dropout : dense layers of each label before its logits, and before its embedding.
    """

    def __init__(
        self,
        bins: Mapping[str, Mapping[str, float]],
        focusing: float = 2.0,
        temperature: bool = True,
        triplet: float = 0.001,
        margin: float = 0.5,
        mining: str = "hard",
        embedding: int = 16,
        hidden: Sequence[int] = (64,),
        hidden_activation: str = "mish",
        hidden_dropout: float = 0.0,
    ):
        self._bins = {label: Bins(**given) for label, given in bins.items()}
        self._focusing, self._embedding = focusing, embedding
        self._weight, self._mining = triplet, {"margin": margin, "mining": mining}
        self._branches = Branches(hidden, hidden_activation, hidden_dropout, embedding, temperature)

    def edges(self, label: str) -> np.ndarray:
        """Give the edges of a label's bins, shape (bins + 1,), in its unit."""
        return self._bins[label].edges

    def targets(self, table: pd.DataFrame, labels: Sequence[str]) -> np.ndarray:
        """Give labels (NaN where unknown), then their errors, float32, shape (n_spectra, 2 n_labels).

        The error of a label is its ``<label>_err``, 1 sigma, where that is finite and above 0, else a quarter of a bin.
        """
        errors = table.reindex(columns=[f"{label}_err" for label in labels]).to_numpy(float)
        quarters = np.array([self._bins[label].width / 4 for label in labels])
        errors = np.where(np.isfinite(errors) & (errors > 0), errors, quarters)
        return np.concatenate([read_targets(table, labels), errors.astype(np.float32)], axis=1)

    def learn_scaling(self, labels: np.ndarray, names: Sequence[str]) -> LabelScaling:
        """Learn the scaling of training labels, of which the names alone are used, after it has checked them."""
        return LabelScaling.fit(labels, names)

    def constant_outputs(self, scaling: LabelScaling, targets: np.ndarray):
        """Give what a network says that tells no spectrum from another: the mean distribution of the labels."""
        size = len(scaling.names)
        columns = zip(scaling.names, targets[:, :size].T, targets[:, size:].T, strict=True)
        logits = [mean_logits(integrate_normal(*known, self.edges(name))) for name, *known in columns]
        parts = [np.zeros((1, 2 * size)), *logits, np.zeros((1, size * self._embedding))]
        return ops.convert_to_tensor(np.concatenate(parts, axis=1, dtype=np.float32))

    def layer(self, features, scaling: LabelScaling, seed: int, known=None):
        """Give the output tensor, shape (n, width).

        Parameters
        ----------
        features : one tensor, or a list of one per arm.
        known : with a list, one tensor (n, 1) per arm: 1 where it has any pixel with information, else 0. An arm
            without says that all bins are alike, which changes nothing, and has an embedding of 0.
        """
        by_arm = isinstance(features, list | tuple)
        arms = _share_features([*features] if by_arm else [features])
        logits, embeddings = [], []
        for number, arm in enumerate(arms, start=1):
            prefix, has = (f"arm{number}_", known[number - 1] if known else 1.0) if by_arm else ("", 1.0)
            for label in scaling.names:
                branch = {"seed": seed, "name": f"{prefix}{label}"}
                logits.append(has * self._branches.classify(arm, self._bins[label].count, **branch))
                embeddings += [has * self._branches.embed(arm, **branch)] if self._embedding else []
        size = len(scaling.names)
        described = [
            describe_distribution(logits[place::size], self._bins[label]) for place, label in enumerate(scaling.names)
        ]
        means, log_variances = zip(*described, strict=True)
        return ops.cast(ops.concatenate([*means, *log_variances, *logits, *embeddings], axis=1), "float32")

    def loss(self, scaling: LabelScaling):
        """Give the loss of targets and outputs: the mean over arms of the sum over labels (both as above)."""
        size = len(scaling.names)

        def value(targets, outputs):
            logits, embeddings = self._split(outputs, scaling.names)
            losses = []
            for place, label in enumerate(scaling.names):
                values, errors = targets[:, place], targets[:, size + place]
                losses += [self._focal(label, values, errors, arm[place]) for arm in logits]
                losses += [self._triplet(label, values, arm[place]) for arm in embeddings if self._weight]
            return sum(losses) / len(logits)

        return value

    def _split(self, outputs, labels):
        return split_outputs(outputs, [self._bins[label].count for label in labels], self._embedding)

    def _focal(self, label, values, errors, logits):
        targets = spread_labels(values, errors, self._bins[label].edges)
        return mean_over_known(focal(targets, logits, self._focusing), values)

    def _triplet(self, label, values, embeddings):
        bins = self._bins[label]
        known = ops.logical_not(ops.isnan(values))
        places = ops.floor((ops.where(known, values, bins.start) - bins.start) / bins.width)
        classes = ops.clip(places, 0, bins.count - 1)
        # An arm without information has an embedding of 0.
        known = ops.logical_and(known, ops.any(ops.not_equal(embeddings, 0.0), axis=1))
        return self._weight * triplet(embeddings, classes, known, **self._mining)

    def decode(self, outputs: np.ndarray, labels: Sequence[str]) -> Prediction:
        """Give the predicted distributions of raw outputs."""
        logits, _ = self._split(outputs, labels)
        arms = {label: np.stack([softmax(arm[place]) for arm in logits], axis=1) for place, label in enumerate(labels)}
        joint = {label: conflate([*np.moveaxis(each, 1, 0)]) for label, each in arms.items()}
        mean, log_variance = outputs[:, : len(labels)], outputs[:, len(labels) : 2 * len(labels)]
        return Prediction(mean, np.exp(log_variance), joint, arms)

    def embeddings(self, outputs: np.ndarray, labels: Sequence[str]) -> np.ndarray:
        """Give the embeddings, of unit length or 0 (no information), shape (n, n_arms, n_labels, embedding)."""
        _, embeddings = self._split(outputs, labels)
        return np.stack([np.stack(arm, axis=1) for arm in embeddings], axis=1)


def _share_features(arms: Sequence) -> list:
    """Give each arm's features by way of one layer that reads those of all, which `predict.features` looks for."""
    joined = arms[0] if len(arms) == 1 else keras.layers.Concatenate(name="all_features")(arms)
    joined = keras.layers.Identity(name=FEATURES_LAYER)(joined)
    ends = np.cumsum([0, *[arm.shape[1] for arm in arms]]).tolist()
    return [joined[:, start:stop] for start, stop in zip(ends[:-1], ends[1:], strict=True)]
