"""Whether intervals hold the reference labels: half widths with the references' own errors, and how often they do."""

import numpy as np
import pandas as pd
from scipy.stats import norm

from spectrolabe.predict.calibration import LEVELS


def half_widths(rows: pd.DataFrame, label: str, level: str, reference: str = "true") -> tuple[np.ndarray, np.ndarray]:
    """Give the distances from a label to both ends of its interval, with the reference labels' errors in quadrature.

    Parameters
    ----------
    rows : ``L``, ``L_lo{level}``, ``L_hi{level}``, and ``L_{reference}_err`` where references have errors (one that is
        unknown counts as 0).
    level : a name of `spectrolabe.predict.calibration.LEVELS`; errors count times its normal half width.
    """
    error = LEVELS[level][1] * rows.get(f"{label}_{reference}_err", pd.Series(0.0, rows.index)).fillna(0.0)
    value = rows[label]
    ends = (value - rows[f"{label}_lo{level}"], rows[f"{label}_hi{level}"] - value)
    below, above = (np.hypot(end.to_numpy(float), error.to_numpy(float)) for end in ends)
    return below, above


def is_inside(rows: pd.DataFrame, label: str, level: str, reference: str = "true") -> np.ndarray:
    """Say of each spectrum whether its interval holds its reference label, see `half_widths`."""
    below, above = half_widths(rows, label, level, reference)
    difference = (rows[f"{label}_{reference}"] - rows[label]).to_numpy(float)
    # Ends are stored in single precision: a reference at the very end is inside.
    slack = 1e-6 * np.abs(rows[label].to_numpy(float))
    return (difference >= -below - slack) & (difference <= above + slack)


def probability_transform(rows: pd.DataFrame, label: str) -> np.ndarray:
    """Give where each reference label lies in its predicted distribution, from 0 to 1 (PIT): uniform, if that is true.

    The distribution is known by its intervals alone: between their ends, and from the outermost on, a label's distance
    is turned into normal standard deviations in proportion. Of distributions over bins the catalogue has it: ``L_pit``.
    """
    if f"{label}_pit" in rows:
        return rows[f"{label}_pit"].to_numpy(float)
    difference = (rows[f"{label}_true"] - rows[label]).to_numpy(float)
    ends = [np.zeros(len(rows))]
    for level in LEVELS:
        below, above = half_widths(rows, label, level)
        ends.append(np.where(difference < 0, below, above))
    ends, widths = np.stack(ends, axis=1), np.array([0.0, *(width for _, width in LEVELS.values())])
    distance = np.abs(difference)
    part = np.clip((distance[:, None] >= ends).sum(axis=1) - 1, 0, len(LEVELS) - 1)
    low, high = (np.take_along_axis(ends, (part + step)[:, None], axis=1)[:, 0] for step in (0, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        within = widths[part] + (distance - low) / (high - low) * (widths[part + 1] - widths[part])
        beyond = distance / ends[:, -1] * widths[-1]
    normal = np.where(distance >= ends[:, -1], beyond, within)
    return norm.cdf(np.copysign(np.nan_to_num(normal, nan=0.0), difference))
