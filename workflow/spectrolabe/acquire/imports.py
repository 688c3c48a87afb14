"""Published grids: native synthetic spectra, read one at a time, brought to one window, sampling and resolution."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from spectrolabe.acquire.grids import Grid, window_wavelengths
from spectrolabe.acquire.readers import ReadError, iterate_file
from spectrolabe.acquire.readers.synthetic import LABELS, NEEDED
from spectrolabe.spectra.broadening import broaden_to_resolution
from spectrolabe.spectra.continuum import normalise
from spectrolabe.spectra.randomness import RowGenerators
from spectrolabe.spectra.resampling import cubic
from spectrolabe.spectra.table import NOISE_FREE_IVAR, Spectra, Spectrum
from spectrolabe.spectra.wavelength import air_to_vacuum, vacuum_to_air

#: Steps to a stored pixel on which spectra are broadened, where their own are not finer still.
LEAST_PARTS = 3
#: The continuum of Bialek et al. (2020, appendix A).
CONTINUUM = {"segment": 10.0, "low": 0.5, "high": 2.0}
#: What is read beyond the window (angstrom), where a file has it: wide enough for the line-spread function of a
#: resolving power of 2000 or more, and a segment of the continuum, which is constant from the middle of the last on.
MARGIN = 10.0
#: Files between two lines of progress.
PROGRESS = 100


def import_grid(files: Sequence[str], root: Path, settings: Mapping, report: Callable[[str], None]) -> Grid:
    """Give a grid made of published files: each spectrum in air, broadened, resampled and divided by its continuum.

    One native spectrum is in memory at a time. A file that cannot be used, in whole or in part, is left out whole and
    reported with the reason; so is a second spectrum with the labels of an earlier one.

    Parameters
    ----------
    files : paths relative to ``root``.
    settings : a file of config/grids with ``import``, as read.
    report : is given one line of text for each file that is left out, and for the progress.

    Returns
    -------
    A grid in the order of the files. Its labels are teff, logg, feh, and of alpha_fe and vmic those that all spectra
    have. Its provenance counts the files that were read and those left out.

    Raises
    ------
    ValueError
        Where no spectrum can be used.
    """
    (grid,) = window_wavelengths(settings["wavelength"])
    rows: dict[tuple, tuple[dict, np.ndarray]] = {}
    refused: list[str] = []
    for number, file in enumerate(files, start=1):
        try:
            found = list(_import_file(Path(root) / file, settings, grid))
        except ReadError as error:
            refused.append(f"{file}: {error.reason}")
            report(f"left out: {refused[-1]}")
        else:
            _add(rows, found, file, report)
        if number % PROGRESS == 0 or number == len(files):
            report(f"{number} of {len(files)} files read, {len(rows)} spectra taken")
    if not rows:
        reason = f"{len(refused)} left out, the first as {refused[0]}" if refused else "none lies within `labels`"
        raise ValueError(f"expected spectra in {len(files)} files, found none that can be used: {reason}")
    table = _join_labels([labels for labels, _ in rows.values()], report)
    flux = np.empty((len(rows), len(grid)), np.float32)
    # One by one, so that no second copy of them all is made.
    for row, key in enumerate(list(rows)):
        flux[row] = rows.pop(key)[1]
    provenance = _provenance(settings, len(files), len(refused))
    return Grid(table, flux, grid, "air", float(settings["wavelength"]["resolution"]), provenance, dict(settings))


def _add(rows: dict, found: Sequence[tuple[dict, np.ndarray]], file: str, report: Callable[[str], None]) -> None:
    """Add the spectra of a file to those of earlier ones, by their labels."""
    for labels, flux in found:
        key = tuple(labels.get(name) for name in LABELS)
        if key in rows:
            values = ", ".join(f"{name} {value:g}" for name, value in labels.items())
            report(f"left out: {file}: an earlier spectrum has its labels, {values}")
        else:
            rows[key] = labels, flux


def _import_file(path: Path, settings: Mapping, grid: np.ndarray) -> Iterator[tuple[dict, np.ndarray]]:
    """Give (labels, flux) of each spectrum of a file within the box of labels."""
    box = settings.get("labels", {})
    for spectrum in iterate_file(path, settings["import"]["reader"]):
        labels = {name: spectrum.meta[name] for name in LABELS if name in spectrum.meta}
        missing = [name for name in (*NEEDED, *box) if name not in labels]
        if missing:
            raise ReadError(path, f"expected the label {missing[0]}, found {', '.join(labels) or 'none'}")
        if all(low <= labels[name] <= high for name, (low, high) in box.items()):
            native = spectrum.meta.get("resolution", settings.get("resolution_native", np.inf))
            yield labels, _bring_to_grid(path, spectrum, grid, settings, native)


def _bring_to_grid(path: Path, spectrum: Spectrum, grid: np.ndarray, settings: Mapping, native: float) -> np.ndarray:
    """Give a spectrum's flux over continuum on the grid, shape (n_pixels,), float32."""
    resolution = settings["wavelength"]["resolution"]
    if native < resolution:
        raise ReadError(path, f"expected a resolving power of at least {resolution:g}, found {native:g}")
    wavelength, flux, known = _cut(path, spectrum, grid)
    step = np.log(grid[1] / grid[0])
    parts = max(LEAST_PARTS, int(np.ceil(step / np.median(np.diff(np.log(wavelength))))))
    # Aligned with the grid, whose pixels are among the fine ones: broadened spectra have no structure in between.
    before, after = (int(abs(np.log(wavelength[end] / grid[end])) / step) for end in (0, -1))
    wide = grid[0] * np.exp(step * np.arange(-before, len(grid) + after))
    fine = wide[0] * np.exp(step / parts * np.arange((len(wide) - 1) * parts + 1))
    flux, ivar = cubic(flux[None], known[None].astype(float), wavelength, fine)
    missing = np.count_nonzero(ivar[0, before * parts : (before + len(grid) - 1) * parts + 1] <= 0)
    if missing:
        wanted = f"expected flux everywhere from {grid[0]:.2f} to {grid[-1]:.2f} angstrom (air)"
        raise ReadError(path, f"{wanted}, found {missing} places without, {parts} of them to a pixel")
    broadened = broaden_to_resolution(flux / np.median(flux), fine, resolution, native)[:, ::parts]
    return _divide(path, broadened, wide, settings.get("mask", []))[before : before + len(grid)]


def _cut(path: Path, spectrum: Spectrum, grid: np.ndarray) -> tuple[np.ndarray, ...]:
    """Give wavelength (angstrom, air), flux and which pixels are good, of the window with its margins."""
    low, high = air_to_vacuum(np.array([grid[0] - MARGIN, grid[-1] + MARGIN]))
    first, last = np.searchsorted(spectrum.wavelength, [low, high])
    part = slice(max(first - 1, 0), last + 1)
    wavelength = vacuum_to_air(spectrum.wavelength[part])
    if wavelength.size < len(grid) // 2 or wavelength[0] > grid[0] or wavelength[-1] < grid[-1]:
        whole = vacuum_to_air(spectrum.wavelength[[0, -1]])
        wanted = f"expected {grid[0]:.2f} to {grid[-1]:.2f} angstrom (air) in {len(grid) // 2} pixels or more"
        found = f"{whole[0]:.2f} to {whole[1]:.2f} in {spectrum.wavelength.size}"
        raise ReadError(path, f"{wanted}, found {found}")
    return wavelength, spectrum.flux[part], ~spectrum.bad[part]


def _divide(path: Path, flux: np.ndarray, wavelength: np.ndarray, mask: Sequence) -> np.ndarray:
    """Give flux over continuum, shape (n_pixels,), float32."""
    spectra = Spectra(wavelength, "air", flux, np.full_like(flux, NOISE_FREE_IVAR), pd.DataFrame({"status": [""]}))
    try:
        divided = normalise(spectra, RowGenerators(0, [""]), asymmetric_clip=CONTINUUM | {"mask": mask})
    except ValueError as error:
        raise ReadError(path, str(error)) from error
    return divided.flux[0].astype(np.float32)


def _join_labels(labels: Sequence[dict], report: Callable[[str], None]) -> pd.DataFrame:
    """Give the table of those labels that all spectra have."""
    table = pd.DataFrame(labels).reindex(columns=LABELS).dropna(axis="columns", how="all")
    partial = [name for name in table if table[name].isna().any()]
    if partial:
        report(f"left out: the label {' and '.join(partial)}, which some spectra do not have")
    return table.drop(columns=partial)


def _provenance(settings: Mapping, files: int, refused: int) -> dict[str, str]:
    patterns = settings["import"]["files"]
    return {
        "CODE": "imported as published",
        "ATMOS": settings["import"]["reader"],
        "FILES": patterns if isinstance(patterns, str) else ", ".join(patterns),
        "NFILES": str(files),
        "NREFUSED": str(refused),
    }
