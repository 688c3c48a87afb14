"""Sensitivity maps: which pixels a model takes each label from, and whether those are lines of the label's element."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from spectrolabe.spectra.labels import element_of
from spectrolabe.spectra.randomness import derive_seed
from spectrolabe.spectra.table import Spectra
from spectrolabe.spectra.wavelength import convert_medium, split_arms

#: Half width of a line (angstrom): pixels this near belong to it, a peak this near is its own, and a smaller peak this
#: near to a larger one is part of that.
HALF_WIDTH = 0.5
#: Width (standard deviation, angstrom) of the profile that says which line absorbs most where a peak is.
PROFILE = 0.2
#: Lines expected to be this deep count as lines of their element.
STRONG = 0.05
STRONGEST = 10
PEAK_COLUMNS = ["label", "arm", "rank", "wavelength", "gradient", "spread", "element", "ion", "line", "named"]


def choose_stars(spectra: Spectra, count: int, seed: int) -> Spectra:
    """Give at most ``count`` of the usable spectra, drawn at random, in their order."""
    usable = np.flatnonzero((spectra.table["status"] == "").to_numpy())
    rng = np.random.default_rng(derive_seed(seed, "sensitivity"))
    return spectra.select(np.sort(rng.permutation(usable)[:count]))


def tabulate_gradients(spectra: Spectra, gradients: np.ndarray, labels: Sequence[str]) -> pd.DataFrame:
    """Give a model's sensitivity map: one row per pixel.

    Parameters
    ----------
    spectra : the stars that gradients were averaged over.
    gradients : d label / d flux of every member, shape (n_members, n_labels, n_pixels).
    labels : in the order of ``gradients``.

    Returns
    -------
    ``wavelength`` (angstrom, air), ``mean_flux`` (over the stars that have the pixel), and per label the members' mean,
    ``<label>`` (the label's unit per unit of flux), and their standard deviation, ``<label>_spread``. NaN for a pixel
    that no star has.
    """
    known = np.isfinite(spectra.flux) & (spectra.flux != 0)
    total, count = np.where(known, spectra.flux, 0).sum(axis=0, dtype=float), known.sum(axis=0)
    flux = np.divide(total, count, out=np.full(len(total), np.nan), where=count > 0)
    columns = {"wavelength": convert_medium(spectra.wavelength, spectra.medium, "air"), "mean_flux": flux}
    for index, label in enumerate(labels):
        columns |= {label: gradients[:, index].mean(axis=0), f"{label}_spread": gradients[:, index].std(axis=0)}
    return pd.DataFrame(columns)


def write_map(table: pd.DataFrame, path: Path, *, stars: int, members: int) -> None:
    """Write a sensitivity map with the numbers of stars and members behind it."""
    written = pa.Table.from_pandas(table, preserve_index=False)
    pq.write_table(written.replace_schema_metadata({"stars": str(stars), "members": str(members)}), path)


def read_map(path: Path) -> tuple[pd.DataFrame, dict[str, int]]:
    """Read a sensitivity map, and its numbers of stars and members."""
    written = pq.read_table(path)
    numbers = {key.decode(): int(value) for key, value in written.schema.metadata.items()}
    return written.replace_schema_metadata(None).to_pandas(), numbers


def labels_of(table: pd.DataFrame) -> list[str]:
    """Name the labels of a sensitivity map."""
    return [name for name in table if f"{name}_spread" in table]


def name_arms(wavelength: np.ndarray) -> dict[str, slice]:
    """Name the arms of a grid by their first and last wavelength in whole angstrom."""
    return {f"{wavelength[arm][0]:.0f}-{wavelength[arm][-1]:.0f}": arm for arm in split_arms(wavelength)}


def lines_of(label: str, lines: Mapping[str, Sequence[float]]) -> list[float]:
    """Give the lines named for a label, or for another label of the same element, as A(Mg) and [Mg/Fe] are."""
    return sorted({wavelength for other in lines if are_kin(label, other) for wavelength in lines[other]})


def are_kin(label: str, other: str) -> bool:
    """Tell whether two labels are the same, or abundances of one element."""
    return label == other or (element_of(label) is not None and element_of(label) == element_of(other))


def find_peaks(wavelength: np.ndarray, gradient: np.ndarray) -> pd.DataFrame:
    """Give the peaks of a gradient within one arm, the strongest first, whatever their sign.

    A peak is a pixel farther from zero than both its neighbours; of several within `HALF_WIDTH` the strongest counts.

    Returns
    -------
    ``pixel``, ``wavelength`` (of the vertex of the parabola through the pixel and its neighbours) and ``gradient`` (at
    the pixel).
    """
    value = np.nan_to_num(gradient)
    before, here, after = value[:-2], value[1:-1], value[2:]
    sign = np.sign(here)
    peaks = 1 + np.flatnonzero((sign * (here - before) > 0) & (sign * (here - after) >= 0))
    peaks = peaks[np.argsort(-np.abs(value[peaks]), kind="stable")]
    kept: list[int] = []
    for peak in peaks:
        if not kept or np.min(np.abs(wavelength[kept] - wavelength[peak])) > HALF_WIDTH:
            kept.append(int(peak))
    pixel = np.array(kept, int)
    before, here, after = value[pixel - 1], value[pixel], value[pixel + 1]
    shift = 0.5 * (before - after) / (before - 2 * here + after)
    centre = wavelength[pixel] + shift * (wavelength[pixel + 1] - wavelength[pixel - 1]) / 2
    return pd.DataFrame({"pixel": pixel, "wavelength": centre, "gradient": value[pixel]})


def identify_line(wavelength: float, lines: pd.DataFrame) -> tuple[str, int | None, float]:
    """Give element, ion and wavelength of the line that absorbs most at a wavelength; "", None and NaN far from any.

    Parameters
    ----------
    lines : ``element``, ``ion``, ``wavelength`` and ``depth``, as
        `spectrolabe.acquire.expected_lines.read_expected_lines` gives them.
    """
    distance = lines["wavelength"].to_numpy(float) - wavelength
    near = np.flatnonzero(np.abs(distance) <= HALF_WIDTH)
    if not near.size:
        return "", None, np.nan
    absorbed = lines["depth"].to_numpy(float)[near] * np.exp(-0.5 * (distance[near] / PROFILE) ** 2)
    line = lines.iloc[near[np.argmax(absorbed)]]
    return line["element"], int(line["ion"]), float(line["wavelength"])


def identify_peaks(table: pd.DataFrame, lines: pd.DataFrame, named: Mapping[str, Sequence[float]]) -> pd.DataFrame:
    """Give the strongest peaks of every label in every arm with the lines they lie on, and where named lines rank.

    Peaks on one line count as one, the strongest.

    Parameters
    ----------
    table : a sensitivity map.
    lines : see `identify_line`.
    named : label -> wavelengths (angstrom, air) of the lines to look for.

    Returns
    -------
    `PEAK_COLUMNS`: ``rank`` counts from 1 within label and arm, ``gradient`` and ``spread`` are those at the peak,
    ``element``, ``ion``, ``line`` (angstrom, air) are empty far from any line, and ``named`` is the named line that the
    peak lies on. A named line below the strongest `STRONGEST` has a row of its own; one without a peak of its own has
    no rank, and the gradient at its wavelength.
    """
    rows: list[dict] = []
    wavelength = table["wavelength"].to_numpy(float)
    for label in labels_of(table):
        for arm, pixels in name_arms(wavelength).items():
            part = table.iloc[pixels].reset_index(drop=True)
            wanted = [
                line for line in lines_of(label, named) if wavelength[pixels][0] <= line <= wavelength[pixels][-1]
            ]
            rows += [{"label": label, "arm": arm} | row for row in _list_peaks(part, label, lines, wanted)]
    return pd.DataFrame(rows, columns=PEAK_COLUMNS).astype({"rank": "Int64", "ion": "Int64"})


def _list_peaks(part: pd.DataFrame, label: str, lines: pd.DataFrame, wanted: Sequence[float]) -> list[dict]:
    wavelength = part["wavelength"].to_numpy(float)
    peaks = _name_peaks(find_peaks(wavelength, part[label].to_numpy(float)), lines)
    found = {line: _nearest(peaks["wavelength"], line) for line in wanted}
    rows = []
    for place in sorted({*range(min(STRONGEST, len(peaks))), *found.values()} - {None}):
        peak = peaks.iloc[place].to_dict()
        peak |= {"rank": place + 1, "spread": part[f"{label}_spread"].iloc[peak.pop("pixel")]}
        on = [name for name, at in found.items() if at == place]
        rows += [peak | {"named": name} for name in on or [np.nan]]
    for name in (name for name, at in found.items() if at is None):
        at = part.iloc[int(np.argmin(np.abs(wavelength - name)))]
        rows.append({"gradient": at[label], "spread": at[f"{label}_spread"], "named": name})
    return rows


def _name_peaks(peaks: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Add the line that each peak lies on; of several on one line, as on both sides of a wide one, the first stays."""
    names = [identify_line(wavelength, lines) for wavelength in peaks["wavelength"]]
    named = peaks.join(pd.DataFrame(names, columns=["element", "ion", "line"]))
    again = named.duplicated(["element", "ion", "line"]) & (named["element"] != "")
    return named[~again].reset_index(drop=True)


def _nearest(peaks: pd.Series, line: float) -> int | None:
    distance = np.abs(peaks.to_numpy(float) - line)
    return int(np.argmin(distance)) if distance.size and distance.min() <= HALF_WIDTH else None
