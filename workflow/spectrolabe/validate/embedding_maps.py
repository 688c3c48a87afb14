"""Maps of a network's embeddings during its training: t-SNE, label by label."""

import numpy as np
import pandas as pd

from spectrolabe.predict.embedding_files import Embedded
from spectrolabe.spectra.randomness import derive_seed
from spectrolabe.validate.gap import draw_map

#: Neighbours that a spectrum is kept near to (van der Maaten & Hinton 2008).
PERPLEXITY = 30.0


def map_embeddings(embedded: Embedded, labels: list[str], seed: int) -> pd.DataFrame:
    """Draw a map of every part of a set, epoch and label.

    Of several arms, squared distances are summed; spectra without information in one of them are left out.

    Parameters
    ----------
    embedded : embeddings whose table has ``part``, ``epoch``, ``spectrum_id`` and the labels.
    labels : in the order of the embeddings.
    seed : of the maps.

    Returns
    -------
    A row per part, epoch, label and spectrum: ``part``, ``epoch``, ``label``, ``spectrum_id``, ``x``, ``y`` (whose axes
    have no meaning) and ``value``, the label as known (NaN where unknown).
    """
    usable = embedded.known.all(axis=1)
    tables = []
    for (part, _), rows in embedded.table[usable].groupby(["part", "epoch"], sort=False):
        for index, label in enumerate(labels):
            vectors = embedded.vectors[rows.index, :, index].reshape(len(rows), -1)
            points = draw_map(vectors.astype(float), PERPLEXITY, derive_seed(seed, "embedding", part, label))
            found = {"label": label, "x": points[:, 0], "y": points[:, 1], "value": rows[label].to_numpy(float)}
            tables.append(rows[["part", "epoch", "spectrum_id"]].assign(**found))
    names = ["part", "epoch", "label", "spectrum_id", "x", "y", "value"]
    return pd.concat(tables, ignore_index=True)[names] if tables else pd.DataFrame(columns=names)


def closeness(points: np.ndarray, values: np.ndarray) -> float:
    """Give how alike neighbours in a map are: the correlation of labels with those of the nearest point.

    Parameters
    ----------
    points : shape (n, 2).
    values : labels, shape (n,); where one is unknown, the point is left out.

    Returns
    -------
    Near 0 where labels are mixed, 1 where neighbours have the same; NaN of fewer than three points or equal labels.
    """
    from scipy.spatial import cKDTree

    known = np.isfinite(values)
    points, values = points[known], values[known]
    if len(values) < 3 or np.ptp(values) == 0:
        return float("nan")
    nearest = cKDTree(points).query(points, k=2)[1]
    # Where several points coincide, the first found need not be the point itself.
    other = np.where(nearest[:, 0] == np.arange(len(points)), nearest[:, 1], nearest[:, 0])
    return float(np.corrcoef(values, values[other])[0, 1]) if np.ptp(values[other]) else float("nan")
