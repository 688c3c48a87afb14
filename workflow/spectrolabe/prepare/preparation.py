"""Preparation: from a manifest's native spectra to finished spectra on the recipe's grid, no row lost."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from spectrolabe.acquire.arms import read_arms
from spectrolabe.acquire.readers import READERS, ReadError
from spectrolabe.spectra.randomness import RowGenerators, derive_seed
from spectrolabe.spectra.steps import BLOCK, STEPS, apply_steps
from spectrolabe.spectra.table import Spectra, Spectrum, concatenate, from_spectrum, without_flux
from spectrolabe.spectra.wavelength import build_grid, convert_medium


def prepare_spectra(
    manifest: pd.DataFrame,
    root: Path,
    reader: str,
    steps: list[dict],
    arms: list[dict],
    medium: str,
    resolution: float | None,
    seed: int,
    join: Sequence[str] = (),
) -> Spectra:
    """Give the finished spectra of a manifest: taken through the recipe's steps, on its grid, in the manifest's order.

    Each spectrum is read and brought to the grid alone, and has random numbers of its own, so that no result depends
    on its neighbours. One that cannot be read or prepared, or has nothing on the recipe's grid, is a row of zeros (flux
    0, ivar 0) with the reason in ``status``.

    Parameters
    ----------
    manifest : see `spectrolabe.acquire.manifests.list_spectra`; all its columns are kept.
    root : folder that the manifest's paths start from.
    reader : name of the file format.
    steps : see `spectrolabe.spectra.steps.apply_steps`; together they must end on the recipe's grid.
    arms, medium : the recipe's grid.
    resolution : resolving power of spectra for which neither catalogue nor file gives one; None means unknown, that
    is, infinite.
    seed : of the dataset.
    join : words that tell the arms of a spectrum apart, see `spectrolabe.acquire.arms.read_arms`. Pixels of an arm
        that cannot be read have ivar 0, and ``missing_arm`` names it.

    Returns
    -------
    Spectra with float32 flux and ivar, shape (len(manifest), n_pixels). In ``table``, ``snr`` is the catalogue's or the
    file's, else the median of flux over error of the native pixels within the grid's range.
    """
    _check_names(reader, steps)
    grid, (native, gridded) = build_grid(arms), _split_steps(steps)
    reading = lru_cache(maxsize=1)(lambda path: read_arms(path, Path(root), reader, join))
    parts = []
    for row in manifest.to_dict("records"):
        try:
            spectrum, missing = _take_spectrum(row, reading)
            row |= {"missing_arm": missing} if join else {}
            row = _complete_row(row, spectrum, grid, medium, resolution)
            parts.append(apply_steps(from_spectrum(spectrum, row), native, RowGenerators(seed, [row["spectrum_id"]])))
        except ValueError as error:
            parts.append(_make_empty(row, error, grid, medium))
    if not parts:
        return without_flux(manifest, grid, medium)
    if gridded:
        parts = _apply_gridded(parts, gridded, derive_seed(seed, "on the grid"), grid, medium)
    prepared = concatenate([_finish(part, grid, medium) for part in parts])
    columns = [*manifest.columns, *(column for column in prepared.table if column not in manifest)]
    return Spectra(grid, medium, prepared.flux, prepared.ivar, prepared.table[columns])


def _split_steps(steps: list[dict]) -> tuple[list[dict], list[dict]]:
    """Split steps into those up to the recipe's grid, and those on it, which many spectra can go through at once."""
    last = max((place for place, step in enumerate(steps) if "resample" in step), default=len(steps) - 1)
    return steps[: last + 1], steps[last + 1 :]


def _apply_gridded(parts: list[Spectra], steps: list[dict], seed: int, grid: np.ndarray, medium: str) -> list[Spectra]:
    """Take spectra on one grid, one each, through steps some at a time; one by one where a step cannot work on one."""
    done, sound = list(parts), [number for number, part in enumerate(parts) if not part.table["status"].iloc[0]]
    for start in range(0, len(sound), BLOCK):
        rows = sound[start : start + BLOCK]
        block = concatenate([parts[row] for row in rows])
        names = block.table["spectrum_id"].tolist()
        try:
            block = apply_steps(block, steps, RowGenerators(seed, names))
            for place, row in enumerate(rows):
                done[row] = block.select([place])
        except ValueError as error:
            if len(rows) == 1:
                done[rows[0]] = _make_empty(block.table.iloc[0], error, grid, medium)
            else:
                for row in rows:
                    (done[row],) = _apply_gridded([parts[row]], steps, seed, grid, medium)
    return done


def measure_snr(spectrum: Spectrum, low: float, high: float) -> float:
    """Give the median flux over error of good pixels from ``low`` to ``high`` (angstrom, vacuum); NaN without any."""
    good = (spectrum.wavelength >= low) & (spectrum.wavelength <= high) & ~spectrum.bad & (spectrum.ivar > 0)
    return float(np.median(spectrum.flux[good] * np.sqrt(spectrum.ivar[good]))) if good.any() else float("nan")


def _take_spectrum(row: Mapping, reading: Callable[[str], tuple[list[Spectrum], str]]) -> tuple[Spectrum, str]:
    if row["status"]:
        raise ReadError(row["path"], row["status"].removeprefix(f"{row['path']}: "))
    spectra, missing = reading(row["path"])
    if row["row"] >= len(spectra):
        raise ReadError(row["path"], f"expected a spectrum in row {row['row']}, found {len(spectra)} spectra")
    return spectra[row["row"]], missing


def _complete_row(row: Mapping, spectrum: Spectrum, grid: np.ndarray, medium: str, resolution: float | None) -> dict:
    low, high = convert_medium(grid[[0, -1]], medium, "vacuum")
    measured = measure_snr(spectrum, low, high)
    if np.isnan(measured):
        good = spectrum.wavelength[~spectrum.bad & (spectrum.ivar > 0)]
        wanted = f"expected good pixels from {low:.1f} to {high:.1f} angstrom (vacuum)"
        raise ReadError(row["path"], f"{wanted}, found them from {good[0]:.1f} to {good[-1]:.1f} alone")
    power = _first_known(row.get("resolution"), spectrum.meta.get("resolution"), resolution)
    return dict(row) | {
        "snr": _first_known(row.get("snr"), spectrum.meta.get("snr"), measured),
        "resolution": float("inf") if power is None else power,
    }


def _first_known(*values: float | None) -> float | None:
    return next((float(value) for value in values if value is not None and not np.isnan(value)), None)


def _finish(prepared: Spectra, grid: np.ndarray, medium: str) -> Spectra:
    """Give a spectrum in single precision, with a status where nothing of it has reached the recipe's grid."""
    if prepared.medium != medium or not np.array_equal(prepared.wavelength, grid):
        raise ValueError(
            f"expected the steps to end on the recipe's grid of {grid.size} pixels in {medium}, found"
            f" {prepared.wavelength.size} pixels in {prepared.medium}: a resample step is missing"
        )
    largest = np.finfo(np.float32).max
    known = (prepared.ivar > 0) & np.isfinite(prepared.ivar) & (np.abs(prepared.flux) < largest)
    flux = np.where(known, prepared.flux, 0).astype(np.float32)
    ivar = np.where(known, np.minimum(prepared.ivar, largest), 0).astype(np.float32)
    row = prepared.table.iloc[0]
    if not known.any() and not row["status"]:
        reason = f"{row['path']}: expected usable pixels from {grid[0]:g} to {grid[-1]:g} angstrom, found none"
        return Spectra(grid, medium, flux, ivar, prepared.table.assign(status=reason))
    return Spectra(grid, medium, flux, ivar, prepared.table)


def _make_empty(row: Mapping, error: ValueError, grid: np.ndarray, medium: str) -> Spectra:
    """Give a row of zeros whose status names the file, relative to the dataset, and then the reason."""
    reason = error.reason if isinstance(error, ReadError) else str(error)
    return without_flux(pd.DataFrame([dict(row) | {"status": f"{row['path']}: {reason}"}]), grid, medium)


def _check_names(reader: str, steps: list[dict]) -> None:
    # A recipe's mistake must end the job: caught with the faults of single files, it would mark every spectrum as bad.
    if reader not in READERS:
        raise ValueError(f"reader {reader!r} is not known, expected one of {', '.join(sorted(READERS))}")
    unknown = [name for step in steps for name in step if name not in STEPS]
    if unknown:
        raise ValueError(f"step {unknown[0]!r} is not known, expected one of {', '.join(STEPS)}")
