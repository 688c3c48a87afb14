"""Atomic line lists: read as their authors write them, kept as one compact Parquet table."""

import math
import sys
from pathlib import Path

import numpy as np
import pandas as pd

SYMBOLS = [
    "H", "He", "Li", "Be", "B", "C", "N", "O", "F", "Ne", "Na", "Mg", "Al", "Si", "P", "S", "Cl", "Ar", "K", "Ca", "Sc",
    "Ti", "V", "Cr", "Mn", "Fe", "Co", "Ni", "Cu", "Zn", "Ga", "Ge", "As", "Se", "Br", "Kr", "Rb", "Sr", "Y", "Zr",
    "Nb", "Mo", "Tc", "Ru", "Rh", "Pd", "Ag", "Cd", "In", "Sn", "Sb", "Te", "I", "Xe", "Cs", "Ba", "La", "Ce", "Pr",
    "Nd", "Pm", "Sm", "Eu", "Gd", "Tb", "Dy", "Ho", "Er", "Tm", "Yb", "Lu", "Hf", "Ta", "W", "Re", "Os", "Ir", "Pt",
    "Au", "Hg", "Tl", "Pb", "Bi", "Po", "At", "Rn", "Fr", "Ra", "Ac", "Th", "Pa", "U",
]  # fmt: skip
#: Share of each isotope among its element's atoms in the Sun (Asplund et al. 2009, table 3), by atomic and mass number:
#: those that the Gaia-ESO list names. Lists give log gf of a line as if all atoms were of the isotope that it names.
ISOTOPES = {
    (3, 6): 0.0759, (3, 7): 0.9241, (29, 63): 0.6917, (29, 65): 0.3083, (56, 134): 0.0242, (56, 135): 0.0659,
    (56, 136): 0.0785, (56, 137): 0.1123, (56, 138): 0.7170, (57, 139): 0.9991, (59, 141): 1.0, (60, 142): 0.2680,
    (60, 143): 0.1212, (60, 144): 0.2379, (60, 145): 0.0829, (60, 146): 0.1719, (60, 148): 0.0575, (60, 150): 0.0564,
    (62, 144): 0.0308, (62, 147): 0.1500, (62, 148): 0.1125, (62, 149): 0.1382, (62, 150): 0.0737, (62, 152): 0.2674,
    (62, 154): 0.2274, (63, 151): 0.4777, (63, 153): 0.5223,
}  # fmt: skip
RYDBERG = 13.598  # energy (eV) that ionises hydrogen from its ground level
#: How far from a window (angstrom) lines still count: those of hydrogen have wings that metals' lack.
WINGS, HYDROGEN_WINGS = 10, 150


def read_turbospectrum_list(path: Path) -> pd.DataFrame:
    """Read an atomic line list in Turbospectrum's format, such as the Gaia-ESO list (Heiter et al. 2021).

    Returns
    -------
    One row per line, by wavelength: ``atomic_number``, ``ion`` (1 = neutral), ``wavelength`` (angstrom, air),
    ``excitation`` (eV, lower level), ``loggf``, ``waals`` (as the list codes it), ``upper_weight`` (2J+1),
    ``radiative`` (1/s). Molecules are left out. log gf holds the isotope's share of the Sun's atoms.
    """
    rows, atom = [], None
    with open(path) as stream:
        for line in stream:
            if line.startswith("'"):
                atom = _read_species(line) or atom
            elif atom and atom[0] <= len(SYMBOLS):
                values = [float(value) for value in line.split(None, 6)[:6]]
                values[2] += atom[2]
                rows.append((*atom[:2], *values))
    return _line_table(rows)


def read_hydrogen_list(path: Path) -> pd.DataFrame:
    """Read the lines of hydrogen from Turbospectrum's ``Hlinedata``; the table is that of `read_turbospectrum_list`.

    ``upper_weight`` is 2 n^2 of the upper level n.
    """
    rows = []
    with open(path) as stream:
        for line in stream:
            if not line.startswith("'"):
                numbers, _, rest = line.partition("'")
                wavelength, _, upper, excitation, _, loggf = map(float, numbers.split())
                rows.append((1, 1, wavelength, excitation, loggf, 0.0, 2 * upper**2, float(rest.partition("'")[2])))
    return _line_table(rows)


def _line_table(rows: list[tuple]) -> pd.DataFrame:
    columns = ["atomic_number", "ion", "wavelength", "excitation", "loggf", "waals", "upper_weight", "radiative"]
    table = pd.DataFrame(rows, columns=columns).sort_values("wavelength", kind="stable", ignore_index=True)
    small = {"atomic_number": "int16", "ion": "int8", "excitation": "float32", "loggf": "float32", "waals": "float32"}
    return table.astype(small | {"upper_weight": "float32", "radiative": "float32"})


def _read_species(header: str) -> tuple[int, int, float] | None:
    """Give atomic number, ion and the log of the isotope's share of a species header.

    The header's second line, which names the element, gives None.
    """
    code, _, counts = header[1:].partition("'")
    try:
        element, _, mass = code.strip().partition(".")
        share = ISOTOPES.get((int(element), int(mass)), 1.0)
        return int(element), int(counts.split()[0]), math.log10(share)
    except (ValueError, IndexError):
        return None


def read_lines(path: Path, start: float, stop: float) -> pd.DataFrame:
    """Read the lines of a Parquet list between two wavelengths (angstrom, air), and those whose wings reach there."""
    near, wide = (
        [("wavelength", ">", start - wings), ("wavelength", "<", stop + wings)] for wings in (WINGS, HYDROGEN_WINGS)
    )
    return pd.read_parquet(path, filters=[near, [*wide, ("atomic_number", "==", 1)]])


def perturb_lines(lines: pd.DataFrame, *, loggf: float, drop: float, damping: float, seed: int) -> pd.DataFrame:
    """Give a line list with faults such as real ones have, so that what they do to labels can be measured.

    Parameters
    ----------
    lines : as `read_lines` gives them.
    loggf : standard deviation of the errors added to log gf (dex).
    drop : share of the lines that are left out (0 to 1).
    damping : factor on the radiative and van der Waals widths. Where the list says only how much larger than Unsoeld's
        value the latter is, it stays.
    seed : of the errors and of the choice of lines.
    """
    rng = np.random.default_rng(seed)
    waals = lines["waals"].to_numpy(float)
    cross_section = np.floor(waals)
    scaled = np.where(waals > 20, np.rint(cross_section * damping) + waals - cross_section, waals)
    scaled = np.where(waals < 0, waals + np.log10(damping), scaled)
    errors = rng.normal(0.0, loggf, len(lines))
    perturbed = lines.assign(loggf=lines["loggf"] + errors, radiative=lines["radiative"] * damping, waals=scaled)
    return perturbed[rng.random(len(lines)) >= drop].reset_index(drop=True)


def vald_short_columns(lines: pd.DataFrame) -> pd.DataFrame:
    """Give the columns that PySME expects of a short-format VALD list, van der Waals codes as the list has them.

    Turbospectrum codes damping as sigma.alpha of Anstee, Barklem & O'Mara (above 20), as log gamma (below zero), or as
    an enhancement of Unsoeld's value (between), which PySME takes as 0. For hydrogen, whose profiles are tabulated,
    PySME expects the principal quantum numbers of the two levels in place of the Stark and van der Waals damping.
    """
    waals = lines["waals"].to_numpy(float)
    hydrogen = lines["atomic_number"].to_numpy() == 1
    lower_level = np.rint(np.sqrt(1 / (1 - np.where(hydrogen, lines["excitation"], 0.0) / RYDBERG)))
    upper_level = np.rint(np.sqrt(lines["upper_weight"].to_numpy(float) / 2))
    species = [f"{SYMBOLS[z - 1]} {ion}" for z, ion in zip(lines["atomic_number"], lines["ion"], strict=True)]
    wavelength = lines["wavelength"].to_numpy(float)
    upper_energy = lines["excitation"].to_numpy(float) + 12398.4198 / (wavelength * 1.00028)
    return pd.DataFrame(
        {
            "species": species,
            "wlcent": wavelength,
            "excit": lines["excitation"].to_numpy(float),
            "gflog": lines["loggf"].to_numpy(float),
            "gamrad": np.log10(np.maximum(lines["radiative"].to_numpy(float), 1.0)),
            "gamqst": np.where(hydrogen, lower_level, 0.0),
            "gamvw": np.where(hydrogen, upper_level, np.where((waals > 20) | (waals < 0), waals, 0.0)),
            "lande": 1.0,
            "depth": 0.5,
            "reference": "",
            "atom_number": lines["atomic_number"].to_numpy(float),
            "ionization": lines["ion"].to_numpy(float),
            "error": 0.5,
            "lande_lower": 1.0,
            "lande_upper": 1.0,
            "j_lo": 0.5,
            "e_upp": upper_energy,
            "j_up": (lines["upper_weight"].to_numpy(float) - 1) / 2,
            "term_lower": "",
            "term_upper": "",
        }
    )


if __name__ == "__main__":
    metals, hydrogen = read_turbospectrum_list(Path(sys.argv[1])), read_hydrogen_list(Path(sys.argv[2]))
    window = hydrogen["wavelength"].between(
        metals["wavelength"].min() - HYDROGEN_WINGS, metals["wavelength"].max() + HYDROGEN_WINGS
    )
    table = pd.concat([metals, hydrogen[window]]).sort_values("wavelength", kind="stable", ignore_index=True)
    table.to_parquet(sys.argv[3], compression="zstd", compression_level=19, index=False)
