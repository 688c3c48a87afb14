"""Orbits whose eccentricities are known: circles, falls to the centre, and stars that leave."""

import os

import numpy as np
import pandas as pd
import pytest

from spectrolabe.validate.orbits import (
    SUN,
    check_orbits,
    eccentricities,
    fit_trend,
    import_galpy,
    measure_orbits,
    true_trends,
)

#: 1 km/s at 1 kpc, in mas/yr.
MOTION = 1 / 4.740470446


def observe(around, vertical=0.0, away=1.0):
    """A star ``away`` kpc towards the anticentre, seen from the Sun, with a rotation around the centre (km/s)."""
    # Galactic anticentre; there the proper motion in longitude is against the direction of rotation.
    from astropy import units as u
    from astropy.coordinates import Galactic, SkyCoord

    _, own, north = SUN["motion"]
    longitude = -(around - SUN["rotation"] - own) * MOTION / away
    latitude = (vertical - north) * MOTION / away
    place = Galactic(
        l=180 * u.deg,
        b=0 * u.deg,
        distance=away * u.kpc,
        pm_l_cosb=longitude * u.mas / u.yr,
        pm_b=latitude * u.mas / u.yr,
        radial_velocity=SUN["motion"][0] * u.km / u.s,
    )
    seen = SkyCoord(place).icrs
    return {
        "ra": seen.ra.deg,
        "dec": seen.dec.deg,
        "parallax": 1 / away,
        "parallax_err": 0.05,
        "pmra": seen.pm_ra_cosdec.to_value(u.mas / u.yr),
        "pmdec": seen.pm_dec.to_value(u.mas / u.yr),
        "rv": seen.radial_velocity.to_value(u.km / u.s),
    }


def test_a_circle_a_fall_and_a_star_that_leaves():
    stars = pd.DataFrame([observe(218.0), observe(30.0), observe(1500.0)])
    found = eccentricities(stars)
    assert found[0] < 0.03
    assert found[1] > 0.8
    assert np.isnan(found[2])


def test_integrated_orbits_agree():
    stars = pd.DataFrame([observe(around, vertical=20.0) for around in (150.0, 180.0, 210.0)])
    check = check_orbits(stars.assign(eccentricity=eccentricities(stars)))
    assert check["stars"] == 3
    assert check["median_absolute_difference"] < 0.005
    shifted = check_orbits(stars.assign(eccentricity=eccentricities(stars) - 0.1))
    assert shifted["median_difference"] == pytest.approx(0.1, abs=0.005)


def test_galpy_leaves_the_home_folder_and_the_warnings_alone(tmp_path, monkeypatch):
    import warnings

    monkeypatch.setenv("HOME", str(tmp_path))
    shown, here = warnings.showwarning, os.getcwd()
    import_galpy()
    assert list(tmp_path.iterdir()) == []
    assert warnings.showwarning is shown
    assert os.getcwd() == here


def test_a_straight_line_by_hand():
    stars = pd.DataFrame({"feh": [-1.0, 0.0, 1.0, 0.0], "eccentricity": [0.1, 0.2, 0.6, 0.3]})
    trend = fit_trend(stars, "feh", "eccentricity")
    # Slope 0.5 / 2; residuals 0.05, -0.1, 0.05, 0: their squares sum to 0.015, over 2 degrees of freedom and 2 of x.
    assert trend["slope"] == pytest.approx(0.25)
    assert trend["at_zero"] == pytest.approx(0.3)
    assert trend["slope_err"] == pytest.approx(np.sqrt(0.015 / 2 / 2))
    assert trend["mean"] == pytest.approx(0.3)
    assert fit_trend(stars.iloc[:2], "feh", "eccentricity") is None


def test_stars_without_a_good_parallax_are_left_out():
    ids = ["good", "negative", "uncertain", "noise"]
    sample = pd.DataFrame([observe(200.0)] * 4).assign(spectrum_id=ids, source_id=ids, snr=50.0)
    sample["parallax"] = [1.0, -1.0, 0.2, 1.0]
    discs = pd.DataFrame({"spectrum_id": ids, "source_id": ids, "disc": ["thin", "thin", "thin", ""]})
    discs = discs.assign(set="high", feh=0.0, feh_err=0.04, population="")
    table, numbers = measure_orbits(discs, sample)
    assert table["spectrum_id"].tolist() == ["good"]
    assert numbers["trends"] == {"thin": None, "thick": None}
    assert numbers["truth"] == {}


def test_true_trends_are_of_populations():
    sample = pd.DataFrame(
        {"source_id": list("abcdef"), "snr": 50.0, "population": ["thick"] * 3 + ["thin"] * 3}
        | {"feh_true": [-1.0, -0.5, 0.0] * 2, "eccentricity_true": [0.5, 0.4, 0.3, 0.1, 0.1, 0.1]}
    )
    trends = true_trends(sample)
    assert trends["thick"]["slope"] == pytest.approx(-0.2)
    assert trends["thin"]["slope"] == pytest.approx(0)


def test_missing_columns_are_named():
    table, numbers = measure_orbits(pd.DataFrame(), pd.DataFrame({"ra": [1.0], "dec": [2.0], "rv": [np.nan]}))
    assert table.empty
    assert numbers["missing"].endswith("no star has parallax, parallax_err, pmra, pmdec, rv")
