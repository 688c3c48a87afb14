"""Spectra whose flux stays in their files: opened with their table alone, and read as far as memory allows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import numpy as np
import pandas as pd

from spectrolabe.spectra.shard_files import open_shard, read_grid, read_group, read_table
from spectrolabe.spectra.streaming import BLOCK
from spectrolabe.spectra.table import ROW_GROUP, Spectra, check_grids, concatenate

#: Bytes of a megabyte, and of a pixel's flux.
MEGABYTE, PIXEL = 1e6, 4


@dataclass(frozen=True)
class StoredSpectra:
    """Spectra of one grid with their table in memory and their flux in files that `write_shard` wrote.

    ``wavelength``, ``medium`` and ``table`` are those of `spectrolabe.spectra.table.Spectra`. ``groups`` lists row
    groups, each by its file and its number there; ``group`` and ``place``, shape (n_spectra,), say in which of them a
    spectrum's flux is, and in which of its rows.
    """

    wavelength: np.ndarray
    medium: str
    table: pd.DataFrame
    groups: tuple[tuple[Path, int], ...]
    group: np.ndarray
    place: np.ndarray

    def __len__(self) -> int:
        return len(self.table)

    @property
    def megabytes(self) -> float:
        """Size of the flux in memory (MB)."""
        return len(self) * len(self.wavelength) * PIXEL / MEGABYTE

    def select(self, rows: slice | Sequence[int]) -> "StoredSpectra":
        """Give some of the spectra, by position or by a boolean mask, without reading them."""
        table = self.table.iloc[rows].reset_index(drop=True)
        return replace(self, table=table, group=self.group[rows], place=self.place[rows])

    def read(self) -> Spectra:
        """Read all spectra; ``ivar`` says only whether there is information, as `read_shard` has it without ivar."""
        flux = np.empty((len(self), len(self.wavelength)), np.float32)
        self.read_flux(np.arange(len(self)), flux)
        return Spectra(self.wavelength, self.medium, flux, flux != 0, self.table)

    def read_flux(self, rows: np.ndarray, out: np.ndarray) -> None:
        """Read the flux of some spectra, named by position, each row group once, whatever their order.

        Parameters
        ----------
        out : filled with the flux, shape (len(rows), n_pixels), float32.

        Raises
        ------
        ValueError
            Where a file is damaged; the message names it.
        """
        wanted = self.group[rows]
        order = np.argsort(wanted, kind="stable")
        numbers, starts = np.unique(wanted[order], return_index=True)
        parts = zip(numbers, np.split(order, starts[1:]), strict=True) if len(numbers) else ()
        for path, of_file in groupby(parts, key=lambda part: self.groups[part[0]][0]):
            with open_shard(path) as file:
                for number, places in of_file:
                    flux = read_group(file, self.groups[number][1], "flux", len(self.wavelength))
                    out[places] = flux[self.place[rows[places]]]

    def blocks(self, rows: int = BLOCK) -> Iterator[Spectra]:
        """Read the spectra in their order, so many at a time in memory."""
        for start in range(0, len(self), rows):
            yield self.select(slice(start, start + rows)).read()


#: Spectra in memory, or in their files.
AnySpectra = Spectra | StoredSpectra


def open_spectra(path: str | Path) -> StoredSpectra:
    """Open a file that `write_shard` wrote, reading all but flux and ivar.

    Raises
    ------
    ValueError
        Where the file is no such shard; the message names it.
    """
    with open_shard(path) as file:
        wavelength, medium = read_grid(file)
        counts = [file.metadata.row_group(number).num_rows for number in range(file.num_row_groups)]
        table = read_table(file)
    groups = tuple((Path(path), number) for number in range(len(counts)))
    group = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    place = np.concatenate([np.arange(count, dtype=np.int32) for count in counts] or [np.empty(0, np.int32)])
    return StoredSpectra(wavelength, medium, table, groups, group, place)


def join(parts: Sequence[AnySpectra]) -> AnySpectra:
    """Join spectra of one grid, in order; those in files stay there."""
    if isinstance(parts[0], Spectra):
        return concatenate(parts)
    first = check_grids(parts)
    earlier = np.cumsum([0, *(len(part.groups) for part in parts[:-1])], dtype=np.int32)
    groups = sum((part.groups for part in parts), ())
    group = np.concatenate([part.group + number for part, number in zip(parts, earlier, strict=True)])
    table = pd.concat([part.table for part in parts], ignore_index=True)
    return replace(first, table=table, groups=groups, group=group, place=np.concatenate([p.place for p in parts]))


def read_fitting(spectra: AnySpectra, megabytes: float) -> AnySpectra:
    """Read spectra whose flux fits a memory of so many MB; larger ones stay in their files."""
    fits = isinstance(spectra, StoredSpectra) and spectra.megabytes <= megabytes
    return spectra.read() if fits else spectra


def read_sample(spectra: AnySpectra, megabytes: float, seed: int) -> tuple[Spectra, np.ndarray | slice]:
    """Read spectra, as many as fit a memory of so many MB, chosen by chance where there are more.

    Returns
    -------
    The spectra, and which they are: ascending positions, or a slice of all.
    """
    held = read_fitting(spectra, megabytes)
    if isinstance(held, Spectra):
        return held, slice(None)
    most = max(1, int(megabytes * MEGABYTE / PIXEL / len(held.wavelength)))
    rows = np.sort(np.random.default_rng(seed).permutation(len(held))[:most])
    return held.select(rows).read(), rows


def flux_blocks(spectra: AnySpectra) -> Iterator[np.ndarray]:
    """Give the flux of spectra in their order: at once where it is in memory, else some at a time."""
    if isinstance(spectra, Spectra):
        yield spectra.flux
    else:
        yield from (block.flux for block in spectra.blocks(2 * ROW_GROUP))
