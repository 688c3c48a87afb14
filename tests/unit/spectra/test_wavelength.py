"""Wavelength grids, media and velocities."""

import numpy as np
import pytest

from spectrolabe.spectra.wavelength import (
    LIGHT_SPEED,
    air_to_vacuum,
    build_grid,
    convert_medium,
    describe_arms,
    doppler,
    is_log_uniform,
    pixel_edges,
    split_arms,
    vacuum_to_air,
)


def test_linear_arm_excludes_its_stop():
    np.testing.assert_allclose(build_grid([{"start": 5140, "stop": 5140.5, "step": 0.1}]), 5140 + 0.1 * np.arange(5))


def test_log_arm_steps_in_dex():
    grid = build_grid([{"start": 100, "stop": 10000, "step": 0.5, "scale": "log"}])
    np.testing.assert_allclose(grid, [100, 316.227766, 1000, 3162.27766])
    assert is_log_uniform(grid)


def test_two_arms_are_joined_and_found_again():
    grid = build_grid([{"start": 10, "stop": 13, "step": 1}, {"start": 20, "stop": 22, "step": 0.5}])
    np.testing.assert_allclose(grid, [10, 11, 12, 20, 20.5, 21, 21.5])
    assert split_arms(grid) == [slice(0, 3), slice(3, 7)]
    assert describe_arms(grid) == [
        {"start": 10.0, "step": 1.0, "size": 3, "scale": "linear"},
        {"start": 20.0, "step": 0.5, "size": 4, "scale": "linear"},
    ]


@pytest.mark.parametrize(
    ("arms", "message"),
    [
        ([{"start": 20, "stop": 22, "step": 1}, {"start": 21, "stop": 25, "step": 1}], "without overlap"),
        ([{"start": 20, "stop": 21, "step": 1}], "two pixels or more"),
    ],
)
def test_impossible_arms_are_refused(arms, message):
    with pytest.raises(ValueError, match=message):
        build_grid(arms)


@pytest.mark.parametrize(("scale", "step"), [("linear", 0.1), ("log", 1e-4)])
def test_long_arms_are_described(scale, step):
    grid = build_grid([{"start": 4000, "stop": 6000, "step": step, "scale": scale}])
    assert describe_arms(grid) == [{"start": 4000.0, "step": step, "size": len(grid), "scale": scale}]


def test_pixels_beside_a_jump_keep_their_width():
    lower, upper = pixel_edges(np.array([1.0, 2, 3, 20, 22, 24]))
    np.testing.assert_allclose(lower, [0.5, 1.5, 2.5, 19, 21, 23])
    np.testing.assert_allclose(upper, [1.5, 2.5, 3.5, 21, 23, 25])


def test_lone_pixel_is_as_wide_as_the_median():
    lower, upper = pixel_edges(np.array([1.0, 2, 3, 20, 40, 41]))
    np.testing.assert_allclose((lower[3], upper[3]), (19.5, 20.5))
    with pytest.raises(ValueError, match="two pixels or more, got 1"):
        pixel_edges(np.array([5000.0]))


def test_air_wavelength_of_the_sodium_line():
    # NIST: Na D2 at 5889.950 in air, 5891.583 in vacuum.
    assert vacuum_to_air(np.array([5891.583])) == pytest.approx(5889.950, abs=1e-3)


def test_media_round_trip():
    air = np.linspace(3000, 17000, 500)
    np.testing.assert_allclose(vacuum_to_air(air_to_vacuum(air)), air, rtol=0, atol=1e-9)
    assert convert_medium(air, "air", "air") is air
    with pytest.raises(ValueError, match="unknown medium 'water'"):
        convert_medium(air, "air", "water")


def test_media_agree_with_specutils():
    wcs_utils = pytest.importorskip("specutils.utils.wcs_utils")
    units = pytest.importorskip("astropy.units")
    vacuum = np.linspace(3000, 9000, 50)
    expected = wcs_utils.vac_to_air(vacuum * units.AA, method="Morton2000").value
    np.testing.assert_allclose(vacuum_to_air(vacuum), expected, rtol=0, atol=1e-9)


def test_doppler_is_relativistic():
    # b = 0.6: sqrt(1.6 / 0.4) = 2.
    assert doppler(0.6 * LIGHT_SPEED) == pytest.approx(2.0)
    assert doppler(-0.6 * LIGHT_SPEED) == pytest.approx(0.5)
