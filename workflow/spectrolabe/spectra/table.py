"""Spectra and their table: one as it was read, many on one wavelength grid, and the Parquet shards that hold them."""

import base64
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

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
    """Give one read spectrum as a table of one row: bad or non-finite pixels lose their information, NaN becomes 0.

    ``row`` is the manifest's row; ``status`` is "" unless it says otherwise.
    """
    known = np.isfinite(spectrum.flux) & np.isfinite(spectrum.ivar) & ~np.asarray(spectrum.bad, bool)
    flux = np.where(np.isfinite(spectrum.flux), spectrum.flux, 0.0)
    ivar = np.where(known, np.maximum(spectrum.ivar, 0.0), 0.0)
    return Spectra(spectrum.wavelength, "vacuum", flux[None], ivar[None], pd.DataFrame([{"status": "", **row}]))


def without_flux(table: pd.DataFrame, wavelength: np.ndarray, medium: str) -> Spectra:
    """Give rows whose spectra cannot be used (their ``status`` says why): flux 0, no information."""
    zeros = np.zeros((len(table), len(wavelength)), np.float32)
    return Spectra(wavelength, medium, zeros, zeros, table.reset_index(drop=True))


def concatenate(parts: Sequence[Spectra]) -> Spectra:
    """Join spectra of one grid, in order."""
    if not parts:
        raise ValueError("there are no spectra to join")
    first = parts[0]
    for part in parts:
        if part.medium != first.medium or not np.array_equal(part.wavelength, first.wavelength):
            raise ValueError(f"cannot join spectra on different grids: {_grid_text(first)} and {_grid_text(part)}")
    flux, ivar = (np.concatenate([getattr(part, name) for part in parts]) for name in ("flux", "ivar"))
    return replace(first, flux=flux, ivar=ivar, table=pd.concat([part.table for part in parts], ignore_index=True))


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
    """Give a temporary name beside a file; what is written there takes the file's place once all went well."""
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


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
    try:
        with pq.ParquetFile(path) as file:
            metadata = _text(file.schema_arrow.metadata)
            wavelength = np.frombuffer(base64.b64decode(metadata["wavelength"]), "<f8")
            names = [name for name in file.schema_arrow.names if name not in ("flux", "ivar")]
            table = file.read(columns=names).replace_schema_metadata(None).to_pandas()
            chosen = np.arange(len(table)) if rows is None else np.asarray(rows)
            flux = _read_matrix(file, "flux", len(wavelength), chosen)
            ivar = _read_matrix(file, "ivar", len(wavelength), chosen) if with_ivar else flux != 0
        return Spectra(wavelength, metadata["medium"], flux, ivar, table.iloc[chosen].reset_index(drop=True))
    except (pa.ArrowInvalid, KeyError, ValueError) as error:
        raise ValueError(f"{path}: not a shard of spectra ({error})") from error


def sample_shard(path: str | Path, most: int, seed: int, *, with_ivar: bool = True) -> Spectra:
    """Read spectra of a file as `read_shard` does, at most ``most``, chosen by chance where there are more."""
    with pq.ParquetFile(path) as file:
        count = file.metadata.num_rows
    rows = np.sort(np.random.default_rng(seed).permutation(count)[:most])
    return read_shard(path, with_ivar=with_ivar, rows=rows)


def _read_matrix(file, name, pixels, chosen):
    values, start, done = np.empty((len(chosen), pixels), np.float32), 0, 0
    for group in range(file.num_row_groups):
        count = file.metadata.row_group(group).num_rows
        wanted = chosen[(chosen >= start) & (chosen < start + count)] - start
        start += count
        if not len(wanted):
            continue
        column = file.read_row_group(group, columns=[name])[name]
        if column.null_count:
            raise ValueError(f"{column.null_count} rows without {name}")
        part = column.combine_chunks().flatten().to_numpy(zero_copy_only=True)
        values[done : done + len(wanted)] = part.reshape(len(column), pixels)[wanted]
        done += len(wanted)
    return values


def _text(metadata):
    return {key.decode(): value.decode() for key, value in (metadata or {}).items() if not key.startswith(b"ARROW:")}
