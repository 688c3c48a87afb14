"""Lines that are expected to be seen: strengths by hand, and known lines of the embedded list."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from spectrolabe.acquire.expected_lines import expected_depths, read_expected_lines

RESOURCES = Path(__file__).resolve().parents[3] / "resources"


def test_depths_by_hand():
    lines = pd.DataFrame(
        [("Mg", 1, 4.0, -0.6), ("Mg", 2, 4.0, -0.6), ("U", 1, 0.0, 0.0)],
        columns=["element", "ion", "excitation", "loggf"],
    )
    # 7.5 - 0.6 - 0.8 * 4 = 3.7: half depth; the ion's is 1 dex stronger, 10^0.5 times in d / (1 - d).
    expected = [0.5, 1 / (1 + 10**-0.5), 0]
    assert expected_depths(lines, {"Mg": 7.5}) == pytest.approx(np.array(expected))


def test_known_lines_are_among_the_seen_ones_and_weak_ones_are_not():
    solar = pd.read_csv(RESOURCES / "solar_abundances/grevesse2007.csv", index_col="element", keep_default_na=False)
    path = RESOURCES / "line_lists/gaia_eso_atoms.parquet"
    lines = read_expected_lines(path, solar["abundance"], 8700, 8900)
    assert list(lines) == ["element", "ion", "wavelength", "depth"]
    for element, wavelength in (("Mg", 8736.019), ("Mg", 8806.757), ("Al", 8772.865), ("Al", 8773.896)):
        near = lines[(lines["wavelength"] - wavelength).abs() < 0.01]
        assert element in set(near["element"])
    assert lines["wavelength"].is_monotonic_increasing
    assert lines["depth"].between(0.02, 1).all()
    assert len(lines) < 1000
