"""Random numbers that depend on a seed and a spectrum's name, never on its neighbours, its shard or the order."""

from collections.abc import Iterator, Sequence

import numpy as np

from spectrolabe.spectra.seeds import derive_number, derive_seed


class RowGenerators:
    """One random generator per spectrum, so that a spectrum's noise stays the same wherever it is computed.

    Parameters
    ----------
    seed : seed of what is being made (see `derive_seed`).
    names : one name per row; rows of equal names draw equal numbers.
    """

    def __init__(self, seed: int, names: Sequence[str]):
        self._rows = [np.random.default_rng(derive_seed(seed, name)) for name in names]

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[np.random.Generator]:
        return iter(self._rows)

    def select(self, rows: slice | Sequence[int]) -> "RowGenerators":
        """Give the generators of some rows; they are shared, not copied."""
        chosen = object.__new__(type(self))
        chosen.__dict__ = self.__dict__ | {"_rows": [self._rows[row] for row in np.arange(len(self))[rows]]}
        return chosen

    def uniform(self, low: float, high: float) -> np.ndarray:
        """Draw one number per row, uniform in low..high; shape (n_rows,)."""
        return np.array([generator.uniform(low, high) for generator in self])

    def normal(self, size: int) -> np.ndarray:
        """Draw ``size`` standard normal numbers per row; shape (n_rows, size)."""
        return np.array([generator.standard_normal(size) for generator in self]).reshape(len(self), size)

    def random_pixels(self, size: int, share: np.ndarray) -> np.ndarray:
        """Choose a share (shape (n_rows,)) of each row's pixels; shape (n_rows, size), True where chosen."""
        chosen = np.zeros((len(self), size), bool)
        counts = np.rint(share * size).astype(int).tolist()
        for row, count, generator in zip(chosen, counts, self, strict=True):
            row[generator.choice(size, count, replace=False, shuffle=False)] = True
        return chosen


class QuickRowGenerators(RowGenerators):
    """As `RowGenerators`, for rows that are made anew in every epoch: other numbers, several times sooner.

    One generator serves all rows: it takes on a row's state before it draws for it, and leaves it there afterwards.
    """

    def __init__(self, seed: int, names: Sequence[str]):
        self._generator = np.random.Generator(np.random.PCG64(seed))
        start = self._generator.bit_generator.state
        increment = start["state"]["inc"]
        states = [derive_number(seed, name, size=16) for name in names]
        self._rows = [start | {"state": {"state": state, "inc": increment}} for state in states]

    def __iter__(self) -> Iterator[np.random.Generator]:
        bits = self._generator.bit_generator
        for state in self._rows:
            bits.state = state
            yield self._generator
            state.update(bits.state)
