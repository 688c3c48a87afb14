"""Spectra and their table: one as it was read, many on one wavelength grid, and the Parquet shards that hold them."""

import base64
import glob
import json
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from spectrolabe.spectra.failures import FULL
from spectrolabe.spectra.shard_files import open_shard, read_grid, read_matrix, read_table
from spectrolabe.spectra.wavelength import MEDIA, describe_arms

#: Inverse variance of synthetic flux (continuum = 1), which has no noise: large, and finite in every product that
#: follows.
NOISE_FREE_IVAR = 1e12
ROW_GROUP = 512
#: How Parquet keeps spectra: floats compress best as planes of bytes, without a dictionary.
LAYOUT = {
    "compression": "zstd",
    "use_dictionary": False,
    "store_schema": True,
    # Without checksums, a flipped bit may be read as another flux.
    "write_page_checksum": True,
    "column_encoding": {f"{name}.list.element": "BYTE_STREAM_SPLIT" for name in ("flux", "ivar")},
}


@dataclass(frozen=True)
class Spectrum:
    """One spectrum at its native sampling, as a reader gives it.

    ``wavelength`` (angstrom, vacuum) ascends strictly; ``flux``; ``ivar`` is its inverse variance (0 = no information);
    ``bad`` is True where a pixel must not be used; all have shape (n_pixels,). ``meta`` holds what the file says of the
    star.
    """

    wavelength: np.ndarray
    flux: np.ndarray
    ivar: np.ndarray
    bad: np.ndarray
    meta: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Spectra:
    """Many spectra on one wavelength grid.

    ``wavelength`` (angstrom, in ``medium``: "air" or "vacuum") has shape (n_pixels,); ``flux`` and ``ivar`` (0 = none)
    have shape (n_spectra, n_pixels); ``table`` has one row per spectrum: spectrum_id, source_id, status ("" or why the
    spectrum cannot be used), labels, and optionally ``resolution`` (the resolving power that a spectrum has now).
    """

    wavelength: np.ndarray
    medium: str
    flux: np.ndarray
    ivar: np.ndarray
    table: pd.DataFrame

    def __post_init__(self):
        expected = (len(self.table), len(self.wavelength))
        if self.flux.shape != expected or self.ivar.shape != expected:
            raise ValueError(
                f"flux and ivar must have the shape {expected}, got {self.flux.shape} and {self.ivar.shape}"
            )
        if self.medium not in MEDIA:
            raise ValueError(f"unknown medium {self.medium!r}: expected 'air' or 'vacuum'")

    def __len__(self) -> int:
        return len(self.table)

    def select(self, rows: slice | Sequence[int]) -> "Spectra":
        """Give some of the spectra, by position or by a boolean mask; a row may be named several times."""
        table = self.table.iloc[rows].reset_index(drop=True)
        return replace(self, flux=self.flux[rows], ivar=self.ivar[rows], table=table)


def from_spectrum(spectrum: Spectrum, row: Mapping) -> Spectra:
    """Give one read spectrum as a table of one row, see `from_spectra`."""
    return from_spectra([spectrum], [row])


def from_spectra(spectra: Sequence[Spectrum], rows: Sequence[Mapping]) -> Spectra:
    """Give spectra read on one wavelength grid: bad or non-finite pixels lose their information, NaN becomes 0.

    ``rows`` are those of the manifest; ``status`` is "" unless they say otherwise.
    """
    flux, ivar = (np.stack([getattr(spectrum, name) for spectrum in spectra]) for name in ("flux", "ivar"))
    bad = np.stack([np.asarray(spectrum.bad, bool) for spectrum in spectra])
    known = np.isfinite(flux) & np.isfinite(ivar) & ~bad
    flux, ivar = np.where(np.isfinite(flux), flux, 0.0), np.where(known, np.maximum(ivar, 0.0), 0.0)
    return Spectra(spectra[0].wavelength, "vacuum", flux, ivar, pd.DataFrame([{"status": "", **row} for row in rows]))


def without_flux(table: pd.DataFrame, wavelength: np.ndarray, medium: str) -> Spectra:
    """Give rows whose spectra cannot be used (their ``status`` says why): flux 0, no information."""
    zeros = np.zeros((len(table), len(wavelength)), np.float32)
    return Spectra(wavelength, medium, zeros, zeros, table.reset_index(drop=True))


def concatenate(parts: Sequence[Spectra]) -> Spectra:
    """Join spectra of one grid, in order."""
    if not parts:
        raise ValueError("there are no spectra to join")
    first = check_grids(parts)
    flux, ivar = (np.concatenate([getattr(part, name) for part in parts]) for name in ("flux", "ivar"))
    return replace(first, flux=flux, ivar=ivar, table=pd.concat([part.table for part in parts], ignore_index=True))


def check_grids(parts: Sequence):
    """Refuse spectra that are not all on one grid; give the first ones."""
    first = parts[0]
    for part in parts:
        if part.medium != first.medium or not np.array_equal(part.wavelength, first.wavelength):
            raise ValueError(f"cannot join spectra on different grids: {_grid_text(first)} and {_grid_text(part)}")
    return first


def _grid_text(spectra):
    wavelength = spectra.wavelength
    return f"{len(wavelength)} pixels from {wavelength[0]:.2f} to {wavelength[-1]:.2f} angstrom in {spectra.medium}"


def write_shard(path: str | Path, spectra: Spectra, metadata: Mapping[str, str]) -> None:
    """Write spectra to a Parquet file that is either whole or absent.

    A pixel without information (ivar 0, or a value that is not finite) is written with flux 0 and ivar 0: networks
    learn that zeros are missing. Flux and ivar are float32 there. ``metadata`` is kept beside the grid and the units.
    """
    table = to_arrow(spectra, metadata)
    with replacing(path) as temporary:
        pq.write_table(table, temporary, row_group_size=ROW_GROUP, **LAYOUT)


def to_arrow(spectra: Spectra, metadata: Mapping[str, str]) -> pa.Table:
    """Give the table that a file of spectra holds (see `write_shard`)."""
    flux, ivar = _finished(spectra)
    lists = {"flux": _fixed_lists(flux), "ivar": _fixed_lists(ivar)}
    columns = {name: pa.array(spectra.table[name], from_pandas=True) for name in spectra.table}
    leading = {name: columns.pop(name) for name in ("spectrum_id", "source_id") if name in columns}
    return pa.table(leading | lists | columns).replace_schema_metadata(_grid_metadata(spectra) | dict(metadata))


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Give a temporary name beside a file; what is written there takes the file's place once all went well.

    The temporary name has the file's ending. What a process killed on this machine has left of it is removed.

    Raises
    ------
    OSError
        Where it cannot be written, as on a full disc; ``filename`` is the file's.
    """
    path = Path(path)
    prefix = f".writing-{platform.node()}-"
    for left in path.parent.glob(f"{glob.escape(prefix)}*-{glob.escape(path.name)}"):
        # A job may outlive its run, and write beside the next one.
        if not _lives(int(left.name.removeprefix(prefix).partition("-")[0])):
            left.unlink(missing_ok=True)
    temporary = path.with_name(f"{prefix}{os.getpid()}-{path.name}")
    try:
        yield temporary
        os.replace(temporary, path)
    except OSError as error:
        if error.errno in FULL:
            raise OSError(error.errno, os.strerror(error.errno), str(path)) from error
        raise
    finally:
        temporary.unlink(missing_ok=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _finished(spectra):
    # Limited to what float32 holds, so that no value becomes infinite on the way.
    largest = np.finfo(np.float32).max
    ivar = np.nan_to_num(np.clip(spectra.ivar, 0, largest)).astype(np.float32)
    known = (ivar > 0) & (np.abs(spectra.flux) < largest)
    return np.where(known, spectra.flux, 0).astype(np.float32), np.where(known, ivar, 0).astype(np.float32)


def _fixed_lists(values):
    return pa.FixedSizeListArray.from_arrays(pa.array(values.ravel()), values.shape[1])


def _grid_metadata(spectra):
    return {
        "wavelength": base64.b64encode(np.asarray(spectra.wavelength, "<f8").tobytes()).decode(),
        "arms": json.dumps(describe_arms(spectra.wavelength)),
        "medium": spectra.medium,
        "wavelength_unit": "angstrom",
        "flux_unit": "relative",
    }


def read_shard(path: str | Path, *, with_ivar: bool = True, rows: Sequence[int] | None = None) -> Spectra:
    """Read spectra that `write_shard` wrote, with no more memory than they take.

    Parameters
    ----------
    with_ivar : without, ``ivar`` is boolean and says only whether there is information, in a fourth of the memory.
    rows : ascending places of the spectra that are wanted; all without.

    Raises
    ------
    ValueError
        Where the file is no such shard; the message names it.
    """
    with open_shard(path) as file:
        wavelength, medium = read_grid(file)
        table = read_table(file)
        chosen = np.arange(len(table)) if rows is None else np.asarray(rows)
        flux = read_matrix(file, "flux", len(wavelength), chosen)
        ivar = read_matrix(file, "ivar", len(wavelength), chosen) if with_ivar else flux != 0
        return Spectra(wavelength, medium, flux, ivar, table.iloc[chosen].reset_index(drop=True))


def sample_shard(path: str | Path, most: int, seed: int, *, with_ivar: bool = True) -> Spectra:
    """Read spectra of a file as `read_shard` does, at most ``most``, chosen by chance where there are more."""
    with open_shard(path) as file:
        count = file.metadata.num_rows
    rows = np.sort(np.random.default_rng(seed).permutation(count)[:most])
    return read_shard(path, with_ivar=with_ivar, rows=rows)
