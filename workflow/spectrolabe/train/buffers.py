"""A buffer of training spectra: of a set larger than memory, as much as is trained on next."""

from dataclasses import dataclass

import numpy as np

from spectrolabe.spectra.stored import MEGABYTE, PIXEL, StoredSpectra


@dataclass(frozen=True, eq=False)
class EpochOrder:
    """The order of an epoch: ``rows``, every spectrum once, and the numbers of them after which a buffer ``ends``."""

    rows: np.ndarray
    ends: np.ndarray


class ShuffleBuffer:
    """Training spectra in files, of which whole row groups of about a stated size, taken at random, are in memory.

    An epoch goes through the row groups in an order of its own, as many at a time as fit, at least one; the spectra of
    those come in an order by chance. So neighbours in a file, such as copies of a star, are spread over a buffer, and
    what is together in a buffer changes from epoch to epoch.

    Parameters
    ----------
    spectra : all training spectra; their ``table``, ``wavelength`` and ``medium`` are the buffer's too.
    megabytes : size of the flux in memory (MB); what a batch takes from the buffer before comes on top.
    """

    def __init__(self, spectra: StoredSpectra, megabytes: float):
        self.spectra, self.table = spectra, spectra.table
        self.wavelength, self.medium = spectra.wavelength, spectra.medium
        counts = np.unique(spectra.group, return_counts=True)[1]
        self._groups = np.split(np.argsort(spectra.group, kind="stable"), np.cumsum(counts)[:-1])
        self._most = max(int(megabytes * MEGABYTE / PIXEL / len(self.wavelength)), int(counts.max()))
        self._order: EpochOrder | None = None
        self._start = self._stop = 0
        self._flux = self._empty(0)

    def __len__(self) -> int:
        return len(self.spectra)

    def draw_order(self, seed: int, epoch: int) -> EpochOrder:
        """Give the order of an epoch, a function of ``seed``, ``epoch`` and the size of the buffer alone."""
        rng = np.random.default_rng([seed, epoch])
        buffers, waiting, count = [], [], 0
        for number in rng.permutation(len(self._groups)):
            group = self._groups[number]
            if count + len(group) > self._most:
                buffers.append(rng.permutation(np.concatenate(waiting)))
                waiting, count = [], 0
            waiting.append(group)
            count += len(group)
        buffers.append(rng.permutation(np.concatenate(waiting)))
        return EpochOrder(np.concatenate(buffers), np.cumsum([len(rows) for rows in buffers]))

    def take(self, order: EpochOrder, start: int, stop: int) -> np.ndarray:
        """Give a copy of the flux from ``start`` to ``stop`` of an order; those after them stay at hand."""
        if order is not self._order or not self._start <= start <= stop <= self._stop:
            self._fill(order, start, stop)
        return self._flux[start - self._start : stop - self._start].copy()

    def _fill(self, order, start, stop):
        """Read from ``start`` to the end of the buffer that ``stop`` is in; what is at hand of it is not read again."""
        at_hand = order is self._order and self._start <= start < self._stop
        left = self._flux[start - self._start : self._stop - self._start].copy() if at_hand else self._empty(0)
        end = int(order.ends[np.searchsorted(order.ends, stop)])
        self._order, self._start, self._stop = None, start, end
        # As large as any buffer with the rest of a batch, so that there is one in memory all through the training.
        size = min(len(self), max(self._most + stop - start, end - start))
        if len(self._flux) < size:
            self._flux = self._empty(0)  # the old one goes before the new one comes
            self._flux = self._empty(size)
        self._flux[: len(left)] = left
        self.spectra.read_flux(order.rows[start + len(left) : end], self._flux[len(left) : end - start])
        self._order = order

    def _empty(self, count):
        return np.empty((count, len(self.wavelength)), np.float32)
