"""The emulator: right at its nodes, close between them, and on the embedded grid as good as it was measured."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from spectrolabe.acquire.emulator import Emulator, check_ranges, draw_stars, emulator_error
from spectrolabe.acquire.grids import read_grid

EMBEDDED = Path(__file__).resolve().parents[3] / "resources" / "grids" / "fgk_mgb.fits"


def test_nodes_are_reproduced(toy_grid):
    emulated = Emulator(toy_grid)(toy_grid.labels)
    assert emulated.dtype == np.float32
    np.testing.assert_allclose(emulated, toy_grid.flux, atol=1e-5)


def test_few_components_lose_little_of_smooth_lines(toy_grid):
    np.testing.assert_allclose(Emulator(toy_grid, components=4)(toy_grid.labels), toy_grid.flux, atol=2e-3)


BOX = {"teff": (4000, 7000), "logg": (1, 5), "feh": (-2, 0)}


@pytest.mark.parametrize(
    ("ranges", "says"),
    [
        (BOX | {"teff": (4500, 7200)}, "expected teff from 4000 to 7000, found 4500 to 7200"),
        (BOX | {"logg": (0.5, 5)}, "expected logg from 1 to 5, found 0.5 to 5"),
        (BOX | {"mg_fe": (0, 1)}, "expected a range for each label of the grid, found no mg_fe in the grid"),
        (
            {"teff": (4000, 7000), "logg": (1, 5)},
            "expected a range for each label of the grid, found no feh in the ranges",
        ),
    ],
)
def test_a_set_beyond_its_grid_is_refused(toy_grid, ranges, says):
    with pytest.raises(ValueError, match=f"^set 'wide', grid of toy atmospheres: {says}$"):
        check_ranges("wide", toy_grid, ranges)


def test_a_set_may_fill_the_box_that_the_nodes_were_drawn_from(toy_grid):
    inner = toy_grid.select(np.flatnonzero(toy_grid.labels["teff"].between(4100, 6900)))
    with pytest.raises(ValueError, match="expected teff from"):
        check_ranges("full", inner, BOX)
    check_ranges("full", replace(inner, settings={"labels": {name: list(ends) for name, ends in BOX.items()}}), BOX)


def test_nodes_left_out_are_close(toy_grid):
    # The lines are 0.2 to 0.6 deep.
    errors = emulator_error(toy_grid, 0.2, seed=1)
    assert (errors["nodes_fitted"], errors["nodes_tested"]) == (48, 12)
    assert errors["mean_absolute_error"] < 0.002
    assert errors["median_absolute_error"] < errors["mean_absolute_error"] < errors["p95_absolute_error"] < 0.01
    assert errors == emulator_error(toy_grid, 0.2, seed=1)


def test_a_label_that_does_not_vary_is_no_axis(toy_grid):
    constant = replace(toy_grid, labels=toy_grid.labels.assign(vmic=1.5))
    np.testing.assert_allclose(Emulator(constant)(constant.labels), constant.flux, atol=1e-5)


def test_order_and_other_columns_of_the_labels_do_not_matter(toy_grid):
    emulator = Emulator(toy_grid)
    labels = toy_grid.labels.iloc[:5]
    shuffled = labels[["vmic", "feh", "logg", "teff"]].assign(source_id="x")
    np.testing.assert_array_equal(emulator(shuffled), emulator(labels))
    with pytest.raises(KeyError, match="feh"):
        emulator(labels.drop(columns="feh"))


def test_stars_are_drawn_within_ranges_and_hull(toy_grid):
    ranges = {"teff": [3000, 5500], "logg": [2, 3], "feh": [-1, -0.5]}
    stars = draw_stars(toy_grid, ranges, 200, seed=4)
    assert list(stars) == ["feh", "logg", "teff", "vmic"]
    assert len(stars) == 200
    # The nodes begin at 4000 K, so the hull does.
    assert stars["teff"].between(4000, 5500).all()
    assert stars["logg"].between(2, 3).all()
    assert stars["vmic"].between(0.8, 2.0).all()


def test_stars_outside_the_nodes_end_in_one_sentence(toy_grid):
    message = "expected label ranges that overlap with the models, found none between teff 8000 to 9000, logg 2 to 3"
    with pytest.raises(ValueError, match=message):
        draw_stars(toy_grid, {"teff": [8000, 9000], "logg": [2, 3], "feh": [-1, 0]}, 10, seed=4)


def test_the_embedded_grid_is_what_it_is_said_to_be():
    grid = read_grid(EMBEDDED)
    assert EMBEDDED.stat().st_size <= 8e6
    assert len(grid.labels) == len(grid.flux) >= 600
    assert set(grid.labels) == {"teff", "logg", "feh", "alpha_fe", "vmic"}
    for label, low, high in [("teff", 4000, 7000), ("logg", 0.5, 5.0), ("feh", -2.5, 0.5), ("alpha_fe", -0.2, 0.6)]:
        span = 0.03 * (high - low)
        assert grid.labels[label].min() < low + span, label
        assert grid.labels[label].max() > high - span, label
    assert grid.labels["vmic"].between(0.8, 2.2).all()
    assert grid.wavelength[0] <= 5130
    assert grid.wavelength[-1] > 5369
    assert grid.resolution >= 50000
    assert (grid.medium, grid.provenance["SOLAR"]) == ("air", "grevesse2007")
    assert np.isfinite(grid.flux).all()
    assert grid.flux.min() > -1e-3
    assert grid.flux.max() < 1.01


def test_the_embedded_grid_has_its_checksum():
    expected = EMBEDDED.with_name("fgk_mgb.fits.sha256").read_text().split()[0]
    assert hashlib.sha256(EMBEDDED.read_bytes()).hexdigest() == expected


def test_the_embedded_grid_can_be_interpolated():
    grid = read_grid(EMBEDDED)
    # Every fourth pixel (6.4 km/s) stands for all, and costs a quarter of the time.
    errors = emulator_error(replace(grid, flux=grid.flux[:, ::4], wavelength=grid.wavelength[::4]), 0.1, seed=1)
    assert errors["nodes_tested"] == 80
    assert errors["mean_absolute_error"] < 0.004


def test_no_stars_are_drawn_from_published_spectra(toy_grid):
    with pytest.raises(ValueError, match="expected the law of the microturbulence .*, found none: published spectra"):
        draw_stars(replace(toy_grid, settings={}), {}, 3, seed=1)
