"""Shares of a label's gradient: within the lines of its own element, within those of the others, and elsewhere."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from spectrolabe.spectra.labels import element_of
from spectrolabe.validate.sensitivity import HALF_WIDTH, STRONG, are_kin, labels_of, lines_of, name_arms

ELSEWHERE = "elsewhere"


def lines_of_elements(lines: pd.DataFrame, named: Mapping[str, Sequence[float]]) -> dict[str, np.ndarray]:
    """Give the lines of each label of ``named``: those named, and all of its element that are strong.

    Parameters
    ----------
    lines : ``element``, ``wavelength`` (angstrom, air) and ``depth``.
    named : label -> wavelengths (angstrom, air).
    """
    strong = lines[lines["depth"] >= STRONG]
    of_elements = {label: strong["wavelength"][strong["element"] == element_of(label)] for label in named}
    return {label: np.unique([*lines_of(label, named), *of_elements[label]]) for label in named}


def assign_pixels(wavelength: np.ndarray, lines: Mapping[str, np.ndarray]) -> np.ndarray:
    """Say of each pixel whose lines it belongs to: those of the nearest line within `HALF_WIDTH`, or `ELSEWHERE`.

    Parameters
    ----------
    wavelength, lines : angstrom, in one medium.
    """
    distance = [np.min(np.abs(np.subtract.outer(wavelength, of)), axis=1, initial=np.inf) for of in lines.values()]
    # The edge itself belongs to the line, whatever the last digits of wavelengths.
    nearest = np.argmin([*distance, np.full(len(wavelength), HALF_WIDTH + 1e-6)], axis=0)
    return np.array([*lines, ELSEWHERE], object)[nearest]


def measure_shares(table: pd.DataFrame, lines: Mapping[str, np.ndarray]) -> list[dict]:
    """Give, for each label and arm, where its absolute gradient lies; pixels that no star has are left out.

    Parameters
    ----------
    table : a sensitivity map, see `spectrolabe.validate.sensitivity.tabulate_gradients`.
    lines : label -> wavelengths (angstrom, air) of its lines.

    Returns
    -------
    Rows of ``label``, ``arm``, ``lines`` (the label whose lines they are, or `ELSEWHERE`), ``own`` (whether those are
    the label's own, or of its element), ``pixels`` (share of the arm's pixels), ``share`` (of the absolute gradient)
    and ``enhancement`` (``share`` over ``pixels``: 1 if all pixels counted alike); None where nothing is divided.
    """
    rows = []
    wavelength = table["wavelength"].to_numpy(float)
    owner = assign_pixels(wavelength, lines)
    for label in labels_of(table):
        size = table[label].abs().to_numpy(float)
        for arm, pixels in name_arms(wavelength).items():
            known = np.isfinite(size[pixels])
            part, owners = size[pixels][known], owner[pixels][known]
            for name in [*lines, ELSEWHERE]:
                row = {"label": label, "arm": arm, "lines": name, "own": name != ELSEWHERE and are_kin(label, name)}
                rows.append(row | _share(part, owners == name))
    return rows


def _share(size, inside):
    pixels = _ratio(inside.sum(), inside.size)
    share = _ratio(size[inside].sum(), size.sum())
    return {"pixels": pixels, "share": share, "enhancement": _ratio(share, pixels)}


def _ratio(part, whole):
    return float(part / whole) if part is not None and whole else None


def correlate_gradients(table: pd.DataFrame) -> dict[str, dict[str, float | None]]:
    """Give the correlation coefficient of every pair of labels' gradients over all pixels; None of a constant one."""
    matrix = table[labels_of(table)].corr()
    return {
        label: {other: None if np.isnan(value) else float(value) for other, value in row.items()}
        for label, row in matrix.iterrows()
    }


def summarise_shares(
    table: pd.DataFrame, numbers: Mapping[str, int], lines: pd.DataFrame, named: Mapping[str, Sequence[float]]
) -> dict:
    """Give what the map says in numbers: stars and members behind it, shares within lines, correlations of labels.

    Parameters
    ----------
    table, numbers : as `spectrolabe.validate.sensitivity.read_map` gives them.
    lines, named : see `lines_of_elements`.
    """
    wavelengths = lines_of_elements(lines, named)
    return {
        **numbers,
        "half_width": HALF_WIDTH,
        "lines": {label: values.round(3).tolist() for label, values in wavelengths.items()},
        "shares": measure_shares(table, wavelengths),
        "correlation": correlate_gradients(table),
    }
