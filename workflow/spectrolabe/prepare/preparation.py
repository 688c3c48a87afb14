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
from spectrolabe.spectra.table import Spectra, Spectrum, concatenate, from_spectra, without_flux
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

    Each spectrum has random numbers of its own, and no result depends on its neighbours. One that cannot be read or
    prepared, or has nothing on the recipe's grid, is a row of zeros (flux 0, ivar 0) with the reason in ``status``.

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
    grid, phases = build_grid(arms), _split_steps(steps, seed)
    reading = lru_cache(maxsize=1)(lambda path: read_arms(path, Path(root), reader, join))

    def complete(row: dict) -> tuple[Spectrum, dict]:
        spectrum, missing = _take_spectrum(row, reading)
        row |= {"missing_arm": missing} if join else {}
        return spectrum, _complete_row(row, spectrum, grid, medium, resolution)

    blocks = [manifest.iloc[start : start + BLOCK].to_dict("records") for start in range(0, len(manifest), BLOCK)]
    if not blocks:
        return without_flux(manifest, grid, medium)
    prepared = concatenate([_prepare_rows(rows, complete, phases, grid, medium) for rows in blocks])
    columns = [*manifest.columns, *(column for column in prepared.table if column not in manifest)]
    return Spectra(grid, medium, prepared.flux, prepared.ivar, prepared.table[columns])


def _split_steps(steps: list[dict], seed: int) -> list[tuple[list[dict], int]]:
    """Split steps into those up to the recipe's grid, and those on it, which all spectra share; each with its seed."""
    last = max((place for place, step in enumerate(steps) if "resample" in step), default=len(steps) - 1)
    return [(steps[: last + 1], seed), (steps[last + 1 :], derive_seed(seed, "on the grid"))]


def _prepare_rows(rows: list[dict], complete: Callable, phases: list, grid: np.ndarray, medium: str) -> Spectra:
    """Give the finished spectra of some rows of a manifest, in their order."""
    parts, groups = [], {}
    for place, row in enumerate(rows):
        try:
            spectrum, row = complete(row)
        except ValueError as error:
            parts.append(([place], _make_empty(row, error, grid, medium)))
            continue
        # Those of one native grid and velocity stay on one grid, and steps take them together.
        alike = groups.setdefault((spectrum.wavelength.tobytes(), str(row.get("rv"))), ([], [], []))
        for items, item in zip(alike, (place, spectrum, row), strict=True):
            items.append(item)
    (native, seed), (gridded, own_seed) = phases
    for places, spectra, known in groups.values():
        parts += _apply_together(places, from_spectra(spectra, known), native, seed, grid, medium)
    sound = [part for part in parts if not part[1].table["status"].iloc[0]]
    if gridded and sound:
        parts = [part for part in parts if part[1].table["status"].iloc[0]]
        places = [place for part in sound for place in part[0]]
        parts += _apply_together(places, concatenate([part[1] for part in sound]), gridded, own_seed, grid, medium)
    prepared = concatenate([_finish(spectra, grid, medium) for _, spectra in parts])
    return prepared.select(np.argsort([place for places, _ in parts for place in places]))


def _apply_together(
    places: list[int], spectra: Spectra, steps: list[dict], seed: int, grid: np.ndarray, medium: str
) -> list[tuple[list[int], Spectra]]:
    """Take spectra of one grid through steps, one by one where a step fails on one; give them with their places."""
    try:
        return [(places, apply_steps(spectra, steps, RowGenerators(seed, spectra.table["spectrum_id"].tolist())))]
    except ValueError as error:
        if len(places) == 1:
            return [(places, _make_empty(spectra.table.iloc[0], error, grid, medium))]
    alone = [([place], spectra.select([row])) for row, place in enumerate(places)]
    return [part for own, one in alone for part in _apply_together(own, one, steps, seed, grid, medium)]


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
    """Give spectra in single precision, with a status where nothing of one has reached the recipe's grid."""
    if prepared.medium != medium or not np.array_equal(prepared.wavelength, grid):
        raise ValueError(
            f"expected the steps to end on the recipe's grid of {grid.size} pixels in {medium}, found"
            f" {prepared.wavelength.size} pixels in {prepared.medium}: a resample step is missing"
        )
    largest = np.finfo(np.float32).max
    known = (prepared.ivar > 0) & np.isfinite(prepared.ivar) & (np.abs(prepared.flux) < largest)
    flux = np.where(known, prepared.flux, 0).astype(np.float32)
    ivar = np.where(known, np.minimum(prepared.ivar, largest), 0).astype(np.float32)
    lost = ~known.any(axis=1) & (prepared.table["status"] == "").to_numpy()
    wanted = f"expected usable pixels from {grid[0]:g} to {grid[-1]:g} angstrom, found none"
    reasons = prepared.table["path"].map(lambda path: f"{path}: {wanted}")
    return Spectra(grid, medium, flux, ivar, prepared.table.assign(status=prepared.table["status"].mask(lost, reasons)))


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
