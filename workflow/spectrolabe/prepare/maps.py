"""Similarity maps: t-SNE of spectra, where near ones are alike, and new spectra placed in a map that never moves."""

from dataclasses import dataclass

import numpy as np

#: Least spectra of a map; of fewer, t-SNE says nothing.
LEAST = 10


@dataclass(frozen=True)
class SimilarityMap:
    """A t-SNE map of reference spectra.

    ``scores`` (n_spectra, n_components) is what spectra are compared by, ``points`` (n_spectra, 2) where they lie,
    ``scale`` the median distance of a point to its nearest, the unit of all distances in the map.
    """

    scores: np.ndarray
    points: np.ndarray
    scale: float
    perplexity: float
    seed: int

    def place(self, scores: np.ndarray) -> np.ndarray:
        """Give where new spectra belong in the map, shape (n_spectra, 2), each by itself: the map stays as it is.

        The fitted points attract and repel a new one; new ones do not feel one another.
        """
        from openTSNE import TSNEEmbedding
        from openTSNE.affinity import PerplexityBasedNN

        if not len(scores):
            return np.empty((0, 2))
        affinities = PerplexityBasedNN(self.scores, perplexity=self.perplexity, **_options(self.seed))
        # Barnes and Hut's sums are over the fitted points alone; the other method's mesh is laid through the new ones.
        fitted = TSNEEmbedding(
            self.points.copy(), affinities, negative_gradient_method="bh", random_state=self.seed, n_jobs=1
        )
        new = fitted.prepare_partial(np.asarray(scores, float), initialization="median", k=25, perplexity=5)
        settings = {"learning_rate": 0.1, "max_grad_norm": 0.25, "max_step_norm": None, "inplace": True}
        new.optimize(n_iter=250, momentum=0.8, **settings)
        return np.asarray(new, float)

    def distance(self, points: np.ndarray) -> np.ndarray:
        """Give the distance of points to the nearest reference spectrum in the map, in units of ``scale``."""
        return nearest_distance(self.points, points) / self.scale


def draw_similarity(scores: np.ndarray, perplexity: float, seed: int) -> np.ndarray:
    """Give the t-SNE map of spectra, shape (n_spectra, 2), its middle at the origin.

    Parameters
    ----------
    scores : what spectra are compared by, shape (n_spectra, n_components).
    perplexity : neighbours that a spectrum is kept near to; a third of the spectra at most.
    """
    from openTSNE import TSNE

    if len(scores) < LEAST:
        raise ValueError(f"expected {LEAST} spectra or more for a similarity map, found {len(scores)}")
    perplexity = limit_perplexity(perplexity, len(scores))
    embedded = TSNE(perplexity=perplexity, **_options(seed)).fit(np.asarray(scores, float))
    points = np.asarray(embedded, float)
    return points - (points.max(axis=0) + points.min(axis=0)) / 2


def limit_perplexity(perplexity: float, count: int) -> float:
    """Give the perplexity that so many spectra bear."""
    return float(min(perplexity, (count - 1) / 3))


def fit_map(scores: np.ndarray, perplexity: float, seed: int) -> SimilarityMap:
    """Fit the map of reference spectra (see `draw_similarity`)."""
    seed = seed % 2**32
    points = draw_similarity(scores, perplexity, seed)
    scale = point_spacing(points)
    return SimilarityMap(np.asarray(scores, float), points, scale, limit_perplexity(perplexity, len(scores)), seed)


def point_spacing(points: np.ndarray) -> float:
    """Give the median distance of a point to its nearest neighbour."""
    return float(np.median(nearest_distance(points, points, itself=False)))


def nearest_distance(reference: np.ndarray, points: np.ndarray, *, itself: bool = True) -> np.ndarray:
    """Give the distance of points to the nearest of the reference's; those that are the reference's, to the next."""
    from scipy.spatial import cKDTree

    return cKDTree(reference).query(points, k=[1 if itself else 2])[0][:, 0]


def _options(seed):
    # One thread, so that sums are taken in one order.
    return {"random_state": seed % 2**32, "n_jobs": 1}
