"""Grid files: synthetic spectra with their labels in one FITS file, written shard by shard and joined.

Layout: an empty primary HDU with the provenance, ``FLUX`` (RICE-compressed image, one row per spectrum, absolute error
at most 1e-4), ``LABELS`` (binary table, one row per spectrum). The wavelengths follow from the header:
``WAVE0 * exp(i * DLNWAVE)``, angstrom; where the grid has several windows, the pixels of each are counted by ``NPIX0``,
``NPIX1`` ..., and the second begins anew at ``WAVE1``.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from astropy.io import fits
from astropy.table import Table

from spectrolabe.acquire.atmospheres import AtmosphereGrid
from spectrolabe.acquire.lines import perturb_lines, read_lines
from spectrolabe.acquire.synthesis import SOLAR_SCALE, Synthesizer, draw_labels
from spectrolabe.spectra.labels import UNITS
from spectrolabe.spectra.wavelength import LIGHT_SPEED, split_arms

#: Negative: an absolute quantisation step, which bounds the error at half of it.
QUANTIZE_STEP = -1.8e-4
#: Longest piece that is synthesised at a time (angstrom).
LONGEST_PIECE = 300.0
#: Provenance of grids that were synthesised here, then of those that were imported.
PROVENANCE = ("CODE", "ATMOS", "LINES", "SOLAR", "SEED", "FILES", "NFILES", "NREFUSED")


@dataclass(frozen=True)
class Grid:
    """Synthetic spectra on one wavelength grid.

    ``labels`` has one row per spectrum; ``flux`` (continuum = 1) has shape (n_spectra, n_pixels); ``wavelength`` is in
    angstrom, uniform in log wavelength within each window; ``medium`` is "air" or "vacuum"; ``resolution`` is the
    resolving power that the spectra have.
    """

    labels: pd.DataFrame
    flux: np.ndarray
    wavelength: np.ndarray
    medium: str
    resolution: float
    provenance: dict[str, str]
    settings: dict

    def select(self, rows: np.ndarray) -> "Grid":
        """Give the grid of some of its spectra."""
        return replace(self, labels=self.labels.iloc[rows].reset_index(drop=True), flux=self.flux[rows])


def synthesize_shard(settings: Mapping, line_list: Path, shard: int) -> Grid:
    """Compute one shard of a grid: every label set is drawn anew and alike in each shard, and each takes its own slice.

    Parameters
    ----------
    settings : a file of config/grids, as read.
    line_list : Parquet file of atomic lines.
    shard : from 0 to ``settings["shards"] - 1``.
    """
    window, resolution = settings["wavelength"], settings["wavelength"]["resolution"]
    atmospheres = AtmosphereGrid(settings["atmospheres"])
    ranges, count, seed = settings["labels"], settings["spectra"], settings["seed"]
    labels = draw_labels(ranges, settings["vmic"], count, seed, atmospheres.covers_points)
    labels = labels.iloc[np.array_split(np.arange(count), settings["shards"])[shard]]
    flux = []
    # One piece after the other: the compiled part of the synthesis holds one list of lines at a time, and over
    # 2600 angstrom takes a quarter of the time less where each is short.
    for wavelength in cut_pieces(window_wavelengths(window)):
        lines = read_lines(line_list, wavelength[0], wavelength[-1])
        if "perturb" in settings:
            lines = perturb_lines(lines, **settings["perturb"], seed=seed)
        synthesizer = Synthesizer(lines, atmospheres, wavelength, resolution)
        flux.append([synthesizer.spectrum(row) for row in labels.to_dict("records")])
    provenance = {
        "CODE": f"PySME {version('pysme-astro')}",
        "ATMOS": settings["atmospheres"],
        "LINES": settings["lines"],
        "SOLAR": SOLAR_SCALE,
        "SEED": str(seed),
    }
    labels = labels.reset_index(drop=True)
    wavelength, flux = np.concatenate(window_wavelengths(window)), np.concatenate(flux, axis=1)
    return Grid(labels, flux, wavelength, "air", resolution, provenance, dict(settings))


def list_windows(settings: Mapping) -> list[Sequence[float]]:
    """Give the first and the last wavelength (angstrom) of each window; ``settings`` see `window_wavelengths`."""
    return settings.get("windows") or [(settings["start"], settings["stop"])]


def cut_pieces(windows: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Cut wavelengths (angstrom) of windows into pieces of `LONGEST_PIECE` at most, of some equal numbers of pixels."""
    counts = (int(np.log(window[-1] / window[0]) * window[-1] / LONGEST_PIECE) + 1 for window in windows)
    return [piece for window, count in zip(windows, counts, strict=True) for piece in np.array_split(window, count)]


def window_wavelengths(settings: Mapping) -> list[np.ndarray]:
    """Give the wavelengths (angstrom, air) of each window of a grid, equally spaced in velocity.

    Parameters
    ----------
    settings : ``wavelength`` of a file of config/grids: ``start`` and ``stop``, or several pairs of them as
        ``windows`` (angstrom), and ``velocity_step`` (km/s).
    """
    step = settings["velocity_step"] / LIGHT_SPEED
    pixels = [(start, int(np.log(stop / start) / step) + 1) for start, stop in list_windows(settings)]
    return [start * np.exp(step * np.arange(count)) for start, count in pixels]


def join_grids(shards: Sequence[Grid]) -> Grid:
    """Join the shards of one grid, in order."""
    first = shards[0]
    labels = pd.concat([shard.labels for shard in shards], ignore_index=True)
    flux = np.concatenate([shard.flux for shard in shards])
    return replace(first, labels=labels, flux=flux)


def write_grid(grid: Grid, path: Path) -> None:
    """Write a grid file (see the module's layout)."""
    header = fits.Header({"WAVE0": grid.wavelength[0], "DLNWAVE": np.log(grid.wavelength[1] / grid.wavelength[0])})
    windows = split_arms(grid.wavelength)
    for number, window in enumerate(windows if len(windows) > 1 else ()):
        header[f"WAVE{number}"], header[f"NPIX{number}"] = grid.wavelength[window.start], window.stop - window.start
    header.update({"MEDIUM": grid.medium, "RESOLVE": grid.resolution} | grid.provenance)
    header["SETTINGS"] = json.dumps(grid.settings, sort_keys=True)
    header["COMMENT"] = "Wavelength of pixel i (from 0): WAVE0 * exp(i * DLNWAVE), angstrom. Flux over continuum."
    flux = fits.CompImageHDU(
        np.asarray(grid.flux, np.float32), name="FLUX", compression_type="RICE_1",
        tile_shape=(1, grid.flux.shape[1]), quantize_level=QUANTIZE_STEP,
    )  # fmt: skip
    table = Table.from_pandas(grid.labels)
    for name in UNITS.keys() & set(table.colnames):
        table[name].unit = UNITS[name]
    hdus = fits.HDUList([fits.PrimaryHDU(header=header), flux, fits.BinTableHDU(table, name="LABELS")])
    hdus.writeto(path, overwrite=True)


def read_grid(path: Path, *, with_flux: bool = True) -> Grid:
    """Read a grid file.

    Parameters
    ----------
    with_flux : without, ``flux`` has no rows, and a large file is read at once.

    Raises
    ------
    ValueError
        Where the file is not one of our grid files; the message names it.
    """
    try:
        with fits.open(path) as hdus:
            header = hdus[0].header
            pixels = hdus["FLUX"].shape[1]
            flux = np.asarray(hdus["FLUX"].data, np.float32) if with_flux else np.empty((0, pixels), np.float32)
            labels = Table(hdus["LABELS"].data).to_pandas()
            wavelength = _read_wavelength(header, pixels)
            provenance = {key: header[key] for key in PROVENANCE if key in header}
            settings = json.loads(header["SETTINGS"])
            return Grid(labels, flux, wavelength, header["MEDIUM"], float(header["RESOLVE"]), provenance, settings)
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path}: not a grid file: expected FLUX, LABELS and WAVE0 in its header ({error})") from error


def _read_wavelength(header: fits.Header, pixels: int) -> np.ndarray:
    counts = [header[card] for card in header["NPIX*"]] or [pixels]
    parts = [
        header[f"WAVE{number}"] * np.exp(header["DLNWAVE"] * np.arange(count)) for number, count in enumerate(counts)
    ]
    return np.concatenate(parts)
