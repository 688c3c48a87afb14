"""Isochrones that a user gives: read from a table or from a grid of lachesis-grids, and the nearest one picked."""

from pathlib import Path

import numpy as np
import pandas as pd

COLUMNS = ["feh", "age", "teff", "logg"]
#: Further columns, where a file has them: mass at birth (solar), phase of evolution (a number that isochrones of all
#: ages and metallicities share), absolute magnitudes; and what grids of lachesis-grids call them.
FURTHER = {"mass": "initial_mass", "eep": "eep", "j": "J", "h": "H", "k": "K"}
GYR = 9.0  # log10 of the years in a Gyr
LAYOUT = "sparse_v1"


def read_isochrones(path: Path | str, *, further: bool = False) -> pd.DataFrame:
    """Read isochrones: a row per point with ``feh``, ``age`` (Gyr), ``teff`` (K) and ``logg``, in a line's order.

    Parameters
    ----------
    path : a CSV table with these columns, or a grid of the package lachesis-grids (``.h5``, ``.hdf5``): datasets
        ``feh_values``, ``age_values`` (log10 years), ``lengths`` (points of each isochrone, ages within metallicities)
        and ``values`` (their points one after the other, with columns named in the attribute ``columns``).
    further : whether to give the columns of `FURTHER` too, as far as the file has them.

    Raises
    ------
    ValueError
        Where the file is neither; the message names it.
    """
    path = Path(path)
    if path.suffix.lower() in (".h5", ".hdf5"):
        return _read_grid(path, FURTHER if further else {})
    table = pd.read_csv(path)
    missing = [column for column in COLUMNS if column not in table]
    if missing:
        raise ValueError(f"{path}: expected the columns {', '.join(COLUMNS)}, found no {', '.join(missing)}")
    columns = COLUMNS + [name for name in FURTHER if further and name in table]
    return table[columns].astype(float).dropna(ignore_index=True)


def _read_grid(path, further):
    # Here, so that reports of tables need no HDF5.
    import h5py

    with h5py.File(path) as grid:
        shape = tuple(grid.attrs.get("shape", ()))
        if grid.attrs.get("storage") != LAYOUT or len(shape) != 4:
            expected = f"a grid of lachesis-grids ({LAYOUT}: [Fe/H], age, point, column)"
            raise ValueError(f"{path}: expected {expected}, found the shape {shape}")
        names = [str(name) for name in grid.attrs["columns"]]
        found = {"teff": "Teff", "logg": "log_g"} | {
            name: theirs for name, theirs in further.items() if theirs in names
        }
        chosen = [names.index(name) for name in found.values()]
        points = grid["values"][:][:, chosen].astype(float)
        feh, age = np.meshgrid(grid["feh_values"][:], 10 ** (grid["age_values"][:] - GYR), indexing="ij")
        lengths = grid["lengths"][:]
    of_points = [np.repeat(values.ravel(), lengths) for values in (feh, age)]
    table = pd.DataFrame(np.column_stack([*of_points, points]), columns=["feh", "age", *found])
    return table.dropna(ignore_index=True)


def nearest_isochrone(isochrones: pd.DataFrame, feh: float, age: float) -> pd.DataFrame:
    """Give the points of the isochrone that is nearest in [Fe/H], then in age (Gyr), from its start to its tip.

    The tip is its lowest gravity: what follows leads to the white dwarfs, across every diagram of cool stars.
    """
    metallicity = isochrones["feh"].unique()
    rows = isochrones[isochrones["feh"] == metallicity[np.abs(metallicity - feh).argmin()]]
    ages = rows["age"].unique()
    rows = rows[rows["age"] == ages[np.abs(ages - age).argmin()]]
    return rows.iloc[: int(rows["logg"].to_numpy().argmin()) + 1]


def covered_metallicities(isochrones: pd.DataFrame, feh: pd.Series, count: int = 5) -> list[float]:
    """Give at most ``count`` metallicities of the isochrones that span those of stars (2 to 98 % of them)."""
    metallicity = np.sort(isochrones["feh"].unique())
    low, high = np.percentile(feh, [2, 98])
    inside = metallicity[(metallicity >= low) & (metallicity <= high)]
    if not len(inside):
        inside = metallicity[[np.abs(metallicity - np.median(feh)).argmin()]]
    places = np.unique(np.linspace(0, len(inside) - 1, min(count, len(inside))).round().astype(int))
    return inside[places].tolist()
