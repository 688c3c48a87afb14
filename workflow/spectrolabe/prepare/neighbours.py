"""How far a spectrum is from those that networks are trained on, in the space of their principal components."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Neighbours:
    """Training spectra: ``scores`` (n_spectra, n_components) with their uncertainties ``noise`` (n_spectra,).

    ``names`` are theirs, ``spread`` (n_components,) the standard deviations of scores without noise, ``count`` how many
    of the nearest a distance is the mean of.
    """

    scores: np.ndarray
    noise: np.ndarray
    names: np.ndarray
    spread: np.ndarray
    count: int

    def distance(self, scores: np.ndarray, noise: np.ndarray, names: np.ndarray) -> np.ndarray:
        """Give the mean distance to the nearest training spectra, shape (n_spectra,), about 1 in a dense region.

        Every component counts by what it tells beyond noise; a training spectrum is no neighbour of its own.
        """
        from scipy.spatial import cKDTree

        count = min(self.count, len(self.scores) - 1)
        places = self.scale(scores, noise)
        found, rows = cKDTree(self.scale(self.scores, self.noise)).query(places, k=count + 1)
        own = self.names[rows] == np.asarray(names)[:, None]
        # The farthest is left out where none is the spectrum itself.
        own[~own.any(axis=1), -1] = True
        return np.where(own, 0, found).sum(axis=1) / count

    def scale(self, scores: np.ndarray, noise: np.ndarray) -> np.ndarray:
        """Give shrunk scores in units of their spread, none of components that are noise in half of the spectra.

        Those follow single training spectra, which would seem far from all others.
        """
        told = self.spread > np.median(self.noise)
        return self.shrink(scores, noise)[:, told] / self.spread[told]

    def shrink(self, scores: np.ndarray, noise: np.ndarray) -> np.ndarray:
        """Give scores less the share that noise has in them."""
        signal = self.spread**2
        return scores * signal / (signal + np.asarray(noise)[:, None] ** 2)
