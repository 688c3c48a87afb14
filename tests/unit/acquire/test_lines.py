"""Line lists: Turbospectrum's text, line by line."""

import numpy as np
import pandas as pd
import pytest

from spectrolabe.acquire.lines import (
    SYMBOLS,
    read_hydrogen_list,
    read_lines,
    read_turbospectrum_list,
    vald_short_columns,
)

TEXT = """\
'  12.000            '    1         2
'Mg I    LTE'
  5183.604  2.717 -0.167  729.238    3.0  1.00E+08 'p' 's'   0.0    1.0 'Mg I 3P* 3S'
  5172.684  2.712 -0.393   -7.270    3.0  1.00E+08 'p' 's'   0.0    1.0 'Mg I 3P* 3S'
'  26.056            '    2         1
'Fe II   LTE'
  5169.033  2.891 -1.000    2.500    8.0  0.00E+00 'd' 'p'   0.0    1.0 'Fe II a6S z6P*'
' 0606.012013        '    1         1
'C2 molecule'
  5165.000  0.500 -1.500    0.000    3.0  1.00E+07 'X' 'X'   0.0    1.0 'C2 Swan'
"""
COLUMNS = ["atomic_number", "ion", "wavelength", "excitation", "loggf", "waals", "upper_weight", "radiative"]


@pytest.fixture
def lines(tmp_path):
    (tmp_path / "list").write_text(TEXT)
    return read_turbospectrum_list(tmp_path / "list")


def test_atoms_are_read_in_order_of_wavelength_and_molecules_left_out(lines):
    assert list(lines) == COLUMNS
    assert lines["wavelength"].tolist() == [5169.033, 5172.684, 5183.604]
    assert lines["atomic_number"].tolist() == [26, 12, 12]
    assert lines["ion"].tolist() == [2, 1, 1]
    np.testing.assert_allclose(lines["excitation"], [2.891, 2.712, 2.717], rtol=1e-6)
    np.testing.assert_allclose(lines["loggf"], [-1, -0.393, -0.167], rtol=1e-6)
    np.testing.assert_allclose(lines["waals"], [2.5, -7.27, 729.238], rtol=1e-6)
    assert lines["upper_weight"].tolist() == [8, 3, 3]
    assert lines["radiative"].tolist() == [0, 1e8, 1e8]


def test_columns_for_the_synthesis(lines):
    table = vald_short_columns(lines)
    assert table["species"].tolist() == ["Fe 2", "Mg 1", "Mg 1"]
    # Enhancements of Unsoeld's value (2.5) become 0, the other codes stay.
    np.testing.assert_allclose(table["gamvw"], [0, -7.27, 729.238], rtol=1e-6)
    np.testing.assert_allclose(table["gamrad"], [0, 8, 8])
    np.testing.assert_array_equal(table["j_up"], [3.5, 1, 1])
    # 12398.42 eV angstrom over 5185.05 angstrom (vacuum) above 2.717 eV: Mg I 5183.6 ends at 5.108 eV.
    assert table["e_upp"].iloc[2] == pytest.approx(5.108, abs=0.001)
    assert table["atom_number"].tolist() == [26, 12, 12]


def test_lines_of_an_isotope_are_as_strong_as_its_share_of_the_atoms(tmp_path):
    species = "'  60.142            '    2         1\n'Nd II   LTE'\n"
    line = "  5319.810  0.550 -0.140    0.000    9.0  1.00E+05 'x' 'x'   0.0    1.0 'Nd II'\n"
    (tmp_path / "list").write_text(species + line + species.replace("60.142", "60.000") + line)
    table = read_turbospectrum_list(tmp_path / "list")
    assert table["atomic_number"].tolist() == [60, 60]
    # 26.8 % of neodymium is 142Nd: log10(0.268) = -0.572.
    np.testing.assert_allclose(table["loggf"], [-0.140 - 0.572, -0.140], atol=5e-4)


def test_hydrogen_lines_name_their_levels(tmp_path):
    (tmp_path / "list").write_text(
        "'01.000000                 '    1   133\n"
        "'H I lam(AA) nblo nbup elo(eV)   eup(eV)  loggf     ident      raddamp/from'\n"
        "  4861.323     2    4   10.199   12.749   -0.020   'Hbeta    ' 6.04E+08\n"
        "  8862.787     3   11   12.088   13.487   -1.046   'Pa 11    ' 6.31E+08\n"
    )
    lines = read_hydrogen_list(tmp_path / "list")
    assert list(lines) == COLUMNS
    table = vald_short_columns(lines)
    assert table["species"].tolist() == ["H 1", "H 1"]
    np.testing.assert_array_equal(table["gamqst"], [2, 3])
    np.testing.assert_array_equal(table["gamvw"], [4, 11])
    np.testing.assert_allclose(table["gflog"], [-0.020, -1.046], rtol=1e-6)


def test_lines_of_a_window_have_wings_of_10_angstrom_and_hydrogen_of_150(tmp_path):
    wavelength = [4849.9, 4850.1, 4989.9, 4990.1, 5050.0, 5109.9, 5110.1, 5249.9]
    table = pd.DataFrame({"wavelength": wavelength, "atomic_number": [1, 1, 26, 26, 26, 26, 26, 1]})
    table.to_parquet(tmp_path / "lines.parquet")
    found = read_lines(tmp_path / "lines.parquet", 5000, 5100)["wavelength"].tolist()
    assert found == [4850.1, 4990.1, 5050.0, 5109.9, 5249.9]


def test_symbols_stand_at_their_atomic_number():
    numbers = {"H": 1, "Mg": 12, "Fe": 26, "Zr": 40, "Ba": 56, "Lu": 71, "U": 92}
    assert {symbol: SYMBOLS.index(symbol) + 1 for symbol in numbers} == numbers
    assert len(SYMBOLS) == len(set(SYMBOLS)) == 92
