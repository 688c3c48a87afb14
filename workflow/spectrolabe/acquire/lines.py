"""Atomic line lists: read as their authors write them, kept as one compact Parquet table."""

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


def read_turbospectrum_list(path: Path) -> pd.DataFrame:
    """Read an atomic line list in Turbospectrum's format, such as the Gaia-ESO list (Heiter et al. 2021).

    Returns
    -------
    One row per line, by wavelength: ``atomic_number``, ``ion`` (1 = neutral), ``wavelength`` (angstrom, air),
    ``excitation`` (eV, lower level), ``loggf``, ``waals`` (as the list codes it), ``upper_weight`` (2J+1),
    ``radiative`` (1/s). Molecules are left out.
    """
    rows, atom = [], None
    with open(path) as stream:
        for line in stream:
            if line.startswith("'"):
                atom = _read_species(line) or atom
            elif atom and atom[0] <= len(SYMBOLS):
                rows.append((*atom, *map(float, line.split(None, 6)[:6])))
    columns = ["atomic_number", "ion", "wavelength", "excitation", "loggf", "waals", "upper_weight", "radiative"]
    table = pd.DataFrame(rows, columns=columns).sort_values("wavelength", kind="stable", ignore_index=True)
    small = {"atomic_number": "int16", "ion": "int8", "excitation": "float32", "loggf": "float32", "waals": "float32"}
    return table.astype(small | {"upper_weight": "float32", "radiative": "float32"})


def _read_species(header: str) -> tuple[int, int] | None:
    """Give (atomic number, ion) of a species header; its second line, which names the element, gives None."""
    code, _, counts = header[1:].partition("'")
    try:
        return int(float(code)), int(counts.split()[0])
    except (ValueError, IndexError):
        return None


def read_lines(path: Path, start: float, stop: float) -> pd.DataFrame:
    """Read the lines of a Parquet list between two wavelengths (angstrom, air), 10 angstrom of wings included."""
    return pd.read_parquet(path, filters=[("wavelength", ">", start - 10), ("wavelength", "<", stop + 10)])


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
    an enhancement of Unsoeld's value (between), which PySME takes as 0.
    """
    waals = lines["waals"].to_numpy(float)
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
            "gamqst": 0.0,
            "gamvw": np.where((waals > 20) | (waals < 0), waals, 0.0),
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
    table = read_turbospectrum_list(Path(sys.argv[1]))
    table.to_parquet(sys.argv[2], compression="zstd", compression_level=19, index=False)
