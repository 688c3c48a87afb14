"""Lines that a cool star's spectrum is expected to show: which of a line list are strong enough to be seen."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from spectrolabe.acquire.lines import SYMBOLS, read_lines

#: 5040 K over the temperature that neutral lines of FGK stars answer to, and by how much (dex) lines of ions are
#: stronger, since most atoms of metals are ionised there: fitted to lines without neighbours in synthetic spectra.
THETA = 0.8
IONISED = 1.0
#: Strength (see `expected_depths`) at which a line is half as deep as the continuum is high.
HALF_DEPTH = 3.7
#: Lines less deep than this are left out.
LEAST_DEPTH = 0.02


def expected_depths(lines: pd.DataFrame, abundances: Mapping[str, float]) -> np.ndarray:
    """Give how deep lines are about, in a star such as the Sun at high resolution (continuum = 1).

    The strength A + log gf - theta chi (+ a constant for ions) stands for the number of absorbers; the depth d grows
    as its root, d / (1 - d) = 10^((strength - 3.7) / 2). On isolated lines of synthetic spectra between 5350 and 8930
    angstrom, the logarithm of d / (1 - d) is met within 0.37 dex: enough to say which of several lines is seen.

    Parameters
    ----------
    lines : with ``element``, ``ion`` (1 = neutral), ``excitation`` (eV) and ``loggf``.
    abundances : element -> A(El); lines of other elements have depth 0.
    """
    abundance = lines["element"].map(abundances).to_numpy(float)
    strength = abundance + lines["loggf"] - THETA * lines["excitation"] + IONISED * (lines["ion"] > 1)
    return np.nan_to_num(1 / (1 + 10 ** ((HALF_DEPTH - strength.to_numpy(float)) / 2)))


def read_expected_lines(path: Path, abundances: Mapping[str, float], start: float, stop: float) -> pd.DataFrame:
    """Read the lines of a list that are seen between two wavelengths (angstrom, air), 10 angstrom of wings included.

    Returns
    -------
    ``element`` (symbol), ``ion`` (1 = neutral), ``wavelength`` (angstrom, air) and ``depth``, by wavelength.
    """
    lines = read_lines(path, start, stop)
    lines = lines.assign(element=np.array(SYMBOLS)[lines["atomic_number"] - 1])
    lines["depth"] = expected_depths(lines, abundances)
    seen = lines["depth"] >= LEAST_DEPTH
    return lines.loc[seen, ["element", "ion", "wavelength", "depth"]].reset_index(drop=True)
