"""An emulator densifies a grid: spectra at any labels between its nodes, by components and radial functions."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.interpolate import RBFInterpolator
from scipy.linalg import eigh
from scipy.spatial import Delaunay

from spectrolabe.acquire.grids import Grid
from spectrolabe.acquire.synthesis import draw_labels

#: Label axes whose hull bounds the draws: models are missing in corners of these three alone.
HULL = ["teff", "logg", "feh"]


#: How strongly the interpolation's metric follows the spectra's sensitivity to a label; between 0.5 and 1 the error on
#: nodes left out hardly changes.
SENSITIVITY_POWER = 0.75


class Emulator:
    """Gives spectra at any labels between the nodes of a grid.

    The flux is expanded in principal components; their weights are interpolated by cubic radial basis functions over
    the labels that vary. Each label is scaled to the unit interval, then by how much the spectra change along it, so
    that the nearest nodes are those with the most similar spectra; temperature enters as its inverse, in which line
    strengths are closer to linear.

    Parameters
    ----------
    grid : the nodes.
    components : number of principal components.
    """

    def __init__(self, grid: Grid, components: int = 80):
        self.wavelength, self.labels = grid.wavelength, [name for name in grid.labels if np.ptp(grid.labels[name]) > 0]
        nodes = self._axes(grid.labels)
        self._low, self._span = nodes.min(axis=0), np.ptp(nodes, axis=0)
        self._mean = grid.flux.mean(axis=0, dtype=float)
        weights, basis = _principal_components(grid.flux - self._mean, components)
        self._components = basis.astype(np.float32)
        self._span /= _sensitivity((nodes - self._low) / self._span, weights) ** SENSITIVITY_POWER
        self._weights = RBFInterpolator((nodes - self._low) / self._span, weights, kernel="cubic", degree=2)

    def __call__(self, labels: pd.DataFrame) -> np.ndarray:
        """Give flux over continuum, shape (n_spectra, n_pixels), float32, for one row of labels per spectrum.

        Raises
        ------
        KeyError
            Where a label that varies in the grid is missing.
        """
        weights = self._weights((self._axes(labels) - self._low) / self._span)
        return (self._mean + weights @ self._components).astype(np.float32)

    def _axes(self, labels: pd.DataFrame) -> np.ndarray:
        axes = labels[self.labels].astype(float)
        return axes.assign(teff=5040.0 / axes["teff"]).to_numpy()


def _principal_components(deviations: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Give the weights (n_spectra, n_components) and the components (n_components, n_pixels), largest first."""
    # Spectra are fewer than pixels, so that their products hold all: several times faster than decomposing the flux.
    size = len(deviations)
    variances, vectors = eigh(deviations @ deviations.T, subset_by_index=[max(size - count, 0), size - 1])
    real = variances > 1e-12 * variances[-1]
    variances, vectors = variances[real][::-1], vectors[:, real][:, ::-1]
    weights = vectors * np.sqrt(variances)
    return weights, weights.T @ deviations / variances[:, None]


def _sensitivity(axes: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Give how much spectra change along each axis, by a linear fit, relative to the mean axis; shape (n_axes,)."""
    design = np.column_stack([np.ones(len(axes)), axes])
    slopes = np.linalg.lstsq(design, weights, rcond=None)[0][1:]
    norms = np.linalg.norm(slopes, axis=1)
    return norms / norms.mean()


def draw_stars(grid: Grid, ranges: Mapping[str, Sequence[float]], count: int, seed: int) -> pd.DataFrame:
    """Draw labels of stars from a Sobol sequence within ranges and within the hull of the grid's nodes.

    Parameters
    ----------
    grid : the nodes; its settings hold the law of the microturbulence.
    ranges : label -> (lowest, highest), one for each of the grid's labels but ``vmic``.
    count : number of stars.
    seed : of the sequence's scrambling.

    Returns
    -------
    One row per star, the grid's labels as columns (K, dex, km/s).

    Raises
    ------
    ValueError
        Where the grid has no law of the microturbulence, as those of published files.
    """
    if "vmic" not in grid.settings:
        reason = "published spectra come without one, so that a set of them has no `stars` but the grid's own nodes"
        raise ValueError(f"expected the law of the microturbulence in the grid's settings, found none: {reason}")
    hull = Delaunay(grid.labels[HULL])
    return draw_labels(ranges, grid.settings["vmic"], count, seed, lambda points: hull.find_simplex(points) >= 0)


def check_ranges(name: str, grid: Grid, ranges: Mapping[str, Sequence[float]]) -> None:
    """Refuse a set whose labels its grid does not cover: beyond its nodes an emulator invents spectra.

    Parameters
    ----------
    name : the set's.
    grid : nodes; where it was drawn from a box of its settings, the whole box counts as covered.
    ranges : label -> (lowest, highest).

    Raises
    ------
    ValueError
        For a range that reaches beyond the grid, a label that the grid lacks, or one that varies in it without a range.
    """
    box, owner = grid.settings.get("labels", {}), f"set {name!r}, grid of {grid.provenance['ATMOS']} atmospheres"
    varying = [label for label in grid.labels if label != "vmic" and np.ptp(grid.labels[label]) > 0]
    for label in [*ranges, *varying]:
        if label not in grid.labels or label not in ranges:
            lacking = "ranges" if label not in ranges else "grid"
            raise ValueError(f"{owner}: expected a range for each label of the grid, found no {label} in the {lacking}")
        covered = [*grid.labels[label], *box.get(label, [])]
        if ranges[label][0] < min(covered) or ranges[label][1] > max(covered):
            found = " to ".join(f"{value:g}" for value in ranges[label])
            raise ValueError(f"{owner}: expected {label} from {min(covered):g} to {max(covered):g}, found {found}")


def emulator_error(grid: Grid, held_out: float, seed: int) -> dict[str, float]:
    """Measure the emulator on nodes it was not fitted to.

    Returns
    -------
    ``nodes_fitted``, ``nodes_tested``, and over the tested spectra's pixels ``mean_absolute_error``,
    ``median_absolute_error`` and ``p95_absolute_error`` of the flux (continuum = 1).
    """
    order = np.random.default_rng(seed).permutation(len(grid.labels))
    tested, fitted = np.split(order, [round(held_out * len(order))])
    emulator = Emulator(grid.select(fitted))
    nodes = grid.select(tested)
    error = np.abs(emulator(nodes.labels) - nodes.flux)
    return {
        "nodes_fitted": len(fitted),
        "nodes_tested": len(tested),
        "mean_absolute_error": float(error.mean()),
        "median_absolute_error": float(np.median(error)),
        "p95_absolute_error": float(np.quantile(error, 0.95)),
    }
