"""Principal components of a training set, how many are needed, and how well they rebuild spectra."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from sklearn.utils.extmath import randomized_svd

from spectrolabe.spectra.components import Components

#: Training spectra that the components are found on, chosen by chance: more hardly change them.
MOST_SPECTRA = 20_000
#: Spectra of a kind that errors are measured on, chosen by chance: with thousands of pixels each, they tell the mean.
MEASURED = 500
#: Components that errors are told of, and those among which an error is looked for.
SHOWN, SEARCHED = 100, 200
#: Flux (continuum = 1) below which errors are relative to this: noise takes the cores of lines through 0.
LEAST_FLUX = 0.1
#: Spectra that are centred at a time.
ROWS = 1000


def learn_components(
    flux: np.ndarray, others: Mapping[str, np.ndarray], *, compress: Mapping, seed: int
) -> tuple[Components, pd.DataFrame]:
    """Find the principal components of training spectra, and tell how well they rebuild these and others.

    The axes are the leading eigenvectors of the covariance of the centred flux (Open Astronomy 31, 38, equation 1),
    found by a randomised decomposition of the flux itself (Halko et al. 2011), without a matrix of all pairs of pixels.

    Parameters
    ----------
    flux : training spectra, shape (n_spectra, n_pixels), 0 where a pixel is missing; float32, and centred in place, so
        that there is one copy in memory.
    others : name -> flux of spectra that nothing is learnt from, shape (any, n_pixels).
    compress : ``components``, how many; or ``error``, the mean relative error of rebuilt training spectra that as few
        as possible reach.
    seed : of the decomposition, and of the choice of spectra that errors are measured on.

    Returns
    -------
    The components, and a table: ``spectra`` ("training", or a name of ``others``), ``components`` (1, 2, ...),
    ``error`` (see `rebuilding_errors`) and ``chosen`` (whether it is the number of components that are kept).

    Raises
    ------
    ValueError
        Where there are fewer spectra or pixels than components, or the error is not reached.
    """
    asked, rng = compress.get("components", SEARCHED), np.random.default_rng(seed)
    most = min(flux.shape)
    if "components" in compress and asked > most:
        found = f"{flux.shape[0]} training spectra of {flux.shape[1]} pixels"
        raise ValueError(
            f"expected at most as many components as training spectra and pixels, found {asked} for {found}"
        )
    measured = {"training": _choose(flux, rng)} | {name: _choose(values, rng) for name, values in others.items()}
    mean = centre(flux)
    count = min(max(asked, SHOWN), most)
    _, lengths, axes = randomized_svd(flux, count, n_iter=4, random_state=int(rng.integers(2**31)))
    errors = {name: rebuilding_errors(values, mean, axes) for name, values in measured.items()}
    kept = asked if "components" in compress else _first_below(errors["training"], compress["error"])
    scale = float(np.sqrt(np.mean(lengths[:kept] ** 2) / len(flux)))
    numbers = np.arange(1, count + 1)
    tables = [
        pd.DataFrame({"spectra": name, "components": numbers, "error": values, "chosen": numbers == kept})
        for name, values in errors.items()
    ]
    return Components(mean, axes[:kept].astype(np.float32), scale), pd.concat(tables, ignore_index=True)


def _choose(flux, rng):
    return flux[np.sort(rng.permutation(len(flux))[:MEASURED])]


def centre(flux: np.ndarray) -> np.ndarray:
    """Take the mean of its known pixels (not 0) off flux, in place, and give that mean; missing ones stay 0."""
    blocks = [slice(start, start + ROWS) for start in range(0, len(flux), ROWS)]
    total = sum(flux[block].sum(axis=0, dtype=float) for block in blocks)
    known = sum((flux[block] != 0).sum(axis=0) for block in blocks)
    mean = (total / np.maximum(known, 1)).astype(np.float32)
    for block in blocks:
        np.subtract(flux[block], mean, out=flux[block], where=flux[block] != 0)
    return mean


def rebuilding_errors(flux: np.ndarray, mean: np.ndarray, axes: np.ndarray) -> np.ndarray:
    """Give the mean relative error of spectra that are rebuilt from 1, 2, ... components, shape (n_components,).

    Open Astronomy 31, 38, equation 3, over all known pixels (not 0); where the flux is below 0.1, over 0.1.

    Parameters
    ----------
    flux : shape (n_spectra, n_pixels).
    mean, axes : of the components, shape (n_pixels,) and (n_components, n_pixels).
    """
    known = flux != 0
    left = np.where(known, flux - mean, 0).astype(np.float32)
    weight = known / np.maximum(np.abs(flux), LEAST_FLUX)
    weight = (weight / max(known.sum(), 1)).astype(np.float32)
    errors = []
    for coefficients, axis in zip((left @ axes.T).T, axes, strict=True):
        left -= np.outer(coefficients, axis)
        errors.append(np.einsum("ij,ij->", np.abs(left), weight, dtype=float))
    return np.array(errors)


def _first_below(errors: np.ndarray, limit: float) -> int:
    below = np.flatnonzero(errors <= limit)
    if not len(below):
        found = f"{errors[-1]:.3g} with {len(errors)} components"
        raise ValueError(
            f"expected components that rebuild training spectra to a mean relative error of {limit:g}, found {found}:"
            " noise keeps it above, and compress needs a number of components"
        )
    return int(below[0]) + 1
