"""What is told of mixed distributions over bins, label by label, before they are calibrated."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.special import ndtr

from spectrolabe.predict.ensembles import mix
from spectrolabe.spectra.table import Spectra
from spectrolabe.spectra.wavelength import split_arms
from spectrolabe.train.distributions import entropy, quantiles
from spectrolabe.train.outputs import Prediction

#: Median and one normal standard deviation to both sides, as shares of a distribution.
CENTRAL = ndtr([0.0, -1.0, 1.0])


def describe_distributions(
    spectra: Spectra, decoded: Sequence[Prediction], edges: Mapping[str, np.ndarray], table: pd.DataFrame
) -> dict[str, np.ndarray | list]:
    """Give the columns of labels with bins, see `spectrolabe.predict.labelling.predict_labels`.

    Parameters
    ----------
    spectra : n of them, on the wavelengths of the arms.
    decoded : what each member says of them.
    edges : label -> edges of its bins, in the label's unit, shape (bins + 1,).
    table : of the spectra, with the mixtures' means as ``L``.
    """
    mixed, arms = mix([member.distributions for member in decoded]), mix([member.arms for member in decoded])
    columns = {}
    for label, ends in edges.items():
        name = f"{label}_removed"
        removed = spectra.table[name].fillna(0.0).to_numpy(float) if name in spectra.table else 0.0
        median = quantiles(mixed[label], ends, [0.5])[:, 0]
        columns |= {f"{label}_mean": table[label].to_numpy(), label: median + removed}
        columns |= {f"{label}_entropy": entropy(mixed[label])}
        columns |= {name: removed} if name in spectra.table else {}
        columns |= {f"{label}_distribution": list(mixed[label].astype(np.float32))}
        if arms[label].shape[1] > 1:
            columns |= _describe_arms(label, arms[label], ends, removed, _known(spectra))
    return columns


def _known(spectra):
    """Which arms of a spectrum have any pixel with flux, shape (n, n_arms)."""
    arms = split_arms(spectra.wavelength)
    return np.stack([(spectra.flux[:, arm] != 0).any(axis=1) for arm in arms], axis=1)


def _describe_arms(label, distributions, edges, removed, known):
    columns = {}
    for arm in range(distributions.shape[1]):
        found = quantiles(distributions[:, arm], edges, CENTRAL).T + removed
        names = [f"{label}_arm{arm + 1}{part}" for part in ("", "_low", "_high")]
        columns |= dict(zip(names, np.where(known[:, arm], found, np.nan), strict=True))
    return columns
