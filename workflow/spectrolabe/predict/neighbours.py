"""The training spectra that a network takes as most alike: nearest neighbours in its embedding, label by label."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from spectrolabe.predict.embedding_files import Embedded

#: Distances that are in memory at a time.
CELLS = 2**22


class NeighbourFinder:
    """Finds the nearest training stars of any spectrum, in the embedding of each label.

    Of several spectra of a star, such as its copies, the nearest one stands for it; a star is no neighbour of its own,
    and one whose label is unknown is none for that label.

    Parameters
    ----------
    references : the training spectra; the table has ``set`` too.
    labels : in the order of the embeddings.
    count : neighbours of each spectrum and label.
    """

    def __init__(self, references: Embedded, labels: Sequence[str], count: int):
        self._references, self._labels, self._count = references, labels, count
        self._of_labels = [self._sort(label) for label in labels]

    def _sort(self, label):
        """Give rows of training spectra whose label is known, star by star, the stars, and where each begins."""
        table = self._references.table
        usable = np.flatnonzero(np.isfinite(table[label].to_numpy(float)) & self._references.known.any(axis=1))
        stars, of_rows = np.unique(table["source_id"].to_numpy(str)[usable], return_inverse=True)
        order = np.argsort(of_rows, kind="stable")
        return usable[order], stars, np.searchsorted(of_rows[order], np.arange(len(stars) + 1))

    def __call__(self, queries: Embedded) -> pd.DataFrame:
        """Find the neighbours of spectra.

        Returns
        -------
        A row per spectrum, label and rank, from 1: ``spectrum_id``, ``source_id``, ``label``, ``rank``, the neighbour's
        ``neighbour_id``, ``neighbour_source_id`` and ``set``, its ``distance`` (see `squared_distances`), its own label
        ``neighbour_value`` as networks were trained on it, and the spectrum's, ``value``: the truth where it is
        known, else as given. Where there is no neighbour, texts are empty and numbers NaN.
        """
        tables = [self._tabulate(queries, index) for index in range(len(self._labels))]
        table = pd.concat(tables, ignore_index=True)
        # Label by label within each spectrum; every table has the spectra in one order.
        order = np.arange(len(table)).reshape(len(self._labels), -1, self._count).transpose(1, 0, 2).ravel()
        return table.iloc[order].reset_index(drop=True)

    def _tabulate(self, queries, index):
        label, given = self._labels[index], queries.table
        rows, distance = self._nearest(queries, index)
        found, places = (rows >= 0).ravel(), np.maximum(rows, 0).ravel()
        value = given[label]
        if f"{label}_true" in given:
            value = given[f"{label}_true"].fillna(value)
        table = pd.DataFrame({"spectrum_id": given["spectrum_id"], "source_id": given["source_id"], "label": label})
        table = table.loc[table.index.repeat(self._count)].reset_index(drop=True)
        table["rank"] = np.tile(np.arange(1, self._count + 1), len(given))
        theirs = self._references.table
        for name, column in (
            ("neighbour_id", "spectrum_id"), ("neighbour_source_id", "source_id"), ("set", "set"),
        ):  # fmt: skip
            # Never read where nothing is found, as where there is no reference at all.
            table[name] = pd.Series("", index=table.index, dtype=object)
            table.loc[found, name] = theirs[column].to_numpy(object)[places[found]]
        table["distance"] = distance.ravel()
        table["neighbour_value"] = np.nan
        table.loc[found, "neighbour_value"] = theirs[label].to_numpy(float)[places[found]]
        return table.assign(value=np.repeat(value.to_numpy(float), self._count))

    def _nearest(self, queries, index):
        """Give rows of the references, -1 where there is none, and distances, both of shape (n, count), by distance."""
        rows, stars, starts = self._of_labels[index]
        size, count = len(queries.table), min(self._count, len(stars))
        nearest, distance = np.full((size, self._count), -1), np.full((size, self._count), np.nan)
        if not count:
            return nearest, distance
        theirs, known = self._references.vectors[rows][:, :, index], self._references.known[rows]
        own, places = queries.vectors[:, :, index], {star: place for place, star in enumerate(stars)}
        step = max(CELLS // len(rows), 1)
        for start in range(0, size, step):
            block = slice(start, start + step)
            names = queries.table["source_id"].to_numpy(str)[block]
            squared = squared_distances(own[block], queries.known[block], theirs, known)
            of_stars = np.minimum.reduceat(squared, starts[:-1], axis=1)
            itself = [(row, places[name]) for row, name in enumerate(names) if name in places]
            of_stars[tuple(np.array(itself, int).reshape(-1, 2).T)] = np.inf
            chosen = np.argpartition(of_stars, count - 1, axis=1)[:, :count]
            usable = np.isfinite(np.take_along_axis(of_stars, chosen, axis=1))
            copies = _nearest_copies(squared, chosen, starts)
            exact = _pair_distances(own[block], queries.known[block], theirs[copies], known[copies])
            exact = np.where(usable, exact, np.inf)
            order = np.lexsort((copies, exact), axis=1)
            exact, copies = (np.take_along_axis(values, order, axis=1) for values in (exact, copies))
            nearest[block, :count] = np.where(np.isfinite(exact), rows[copies], -1)
            distance[block, :count] = np.where(np.isfinite(exact), exact, np.nan)
        return nearest, distance


def squared_distances(own: np.ndarray, own_known: np.ndarray, theirs: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Give squared Euclidean distances, summed over arms, shape (n, m), in the precision of the vectors.

    Arms of which either spectrum knows nothing are left out, and the sum of the others is scaled to all arms, so that
    fewer arms are no nearer; spectra without an arm in common are infinitely far.

    Parameters
    ----------
    own, theirs : embeddings of one label, shapes (n, n_arms, size) and (m, n_arms, size).
    own_known, known : whether arms have information, (n, n_arms) and (m, n_arms).
    """
    arms, whole = own.shape[1], own_known.all() and known.all()
    own_known, known = own_known.astype(own.dtype), known.astype(own.dtype)
    own, theirs = own * own_known[..., None], theirs * known[..., None]
    own_norms, norms = (own**2).sum(axis=2), (theirs**2).sum(axis=2)
    total = (-2 * own.reshape(len(own), -1)) @ theirs.reshape(len(theirs), -1).T
    if whole:
        total += own_norms.sum(axis=1)[:, None]
        total += norms.sum(axis=1)
        return np.maximum(total, 0, out=total)
    total += own_norms @ known.T
    total += own_known @ norms.T
    shared = own_known @ known.T
    return np.where(shared > 0, np.maximum(total, 0) * (arms / np.maximum(shared, 1)), np.inf)


def _nearest_copies(squared, chosen, starts):
    """Give the column of the nearest spectrum of each chosen star, of the shape of ``chosen``."""
    copies = np.empty_like(chosen)
    for row, stars in enumerate(chosen):
        for place, star in enumerate(stars):
            copies[row, place] = starts[star] + squared[row, starts[star] : starts[star + 1]].argmin()
    return copies


def _pair_distances(own, own_known, theirs, known):
    """Give the distances of each spectrum to some of its own choice, without the loss of digits of the products."""
    shared = (own_known[:, None] & known).astype(float)
    squared = ((own[:, None].astype(float) - theirs) ** 2).sum(axis=3)
    count = np.maximum(shared.sum(axis=2), 1)
    return np.sqrt((squared * shared).sum(axis=2) * own.shape[1] / count)
