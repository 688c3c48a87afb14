"""Ages from isochrones whose points are known."""

import numpy as np
import pandas as pd
import pytest

from spectrolabe.validate.ages import (
    choose_turn_off,
    date_star,
    date_stars,
    interpolate_metallicities,
    metallicity_step,
    prepare_isochrones,
)

AGES = [2.0, 4.0, 6.0, 8.0, 10.0, 12.0]


def make_isochrones(metallicities=(0.0,)):
    """One vertical line per age: hotter where it is younger, by 100 K per Gyr, and where it is metal-poorer."""
    phases = np.arange(11)
    rows = [
        {"feh": feh, "age": age, "teff": 6800 - 100 * age - 200 * feh, "logg": 4.4 - 0.1 * phase, "eep": phase}
        | {"mass": 1 + 0.001 * phase, "j": 3.0 - 0.1 * phase, "h": 2.8 - 0.1 * phase, "k": 2.7 - 0.1 * phase}
        for feh in metallicities
        for age in AGES
        for phase in phases
    ]
    return pd.DataFrame(rows, dtype=float)


STAR = {"teff": 6000.0, "teff_err": 20.0, "logg": 4.0, "logg_err": 0.05, "feh": 0.0, "feh_err": 0.05}
DARK = dict.fromkeys(["j", "h", "k", "j_err", "h_err", "k_err", "parallax", "parallax_err"], np.nan)


def test_a_star_on_a_line_has_its_age():
    points = prepare_isochrones(make_isochrones())
    age, error = date_star(STAR | DARK, points, 0.0)
    assert age == pytest.approx(8, abs=0.01)
    assert error < 0.1
    # Half-way between two lines both are as likely, but the younger, of the more massive star, is not.
    age, error = date_star(STAR | DARK | {"teff": 5900.0}, points, 0.0)
    assert age == pytest.approx(9, abs=0.01)
    assert error == pytest.approx(1, abs=0.01)


def test_a_star_far_from_all_lines_has_no_age():
    points = prepare_isochrones(make_isochrones())
    assert np.isnan(date_star(STAR | DARK | {"teff": 7000.0}, points, 0.0)[0])
    assert np.isnan(date_star(STAR | DARK | {"feh": -2.0}, points, 0.0)[0])


def test_magnitudes_count_with_a_good_parallax_alone():
    isochrones = make_isochrones()
    # Younger stars are brighter by half a magnitude per Gyr.
    for band in ("j", "h", "k"):
        isochrones[band] += 0.5 * (isochrones["age"] - 8)
    points = prepare_isochrones(isochrones)
    vague = STAR | {"teff_err": 1000.0}
    seen = {"j": 2.6 + 5, "h": 2.4 + 5, "k": 2.3 + 5, "j_err": 0.02, "h_err": 0.02, "k_err": 0.02}
    blurred, _ = date_star(vague | DARK | seen | {"parallax": 10.0, "parallax_err": 3.0}, points, 0.0)
    age, error = date_star(vague | DARK | seen | {"parallax": 10.0, "parallax_err": 0.1}, points, 0.0)
    assert age == pytest.approx(8, abs=0.3)
    assert error < 0.5
    assert abs(blurred - 8) > 0.3


def test_metallicities_are_interpolated_at_the_same_phase():
    points = interpolate_metallicities(make_isochrones((-0.2, 0.0)))
    assert metallicity_step(points) == pytest.approx(0.05)
    between = points[np.isclose(points["feh"], -0.15) & (points["age"] == 2)]
    assert len(between) == 11
    assert between["teff"].unique() == pytest.approx([6630])


def test_weights_are_masses_times_ages():
    isochrones = make_isochrones()
    weights = prepare_isochrones(isochrones[isochrones["age"].isin([2, 4, 10])]).groupby("age")["weight"].sum()
    # The ages stand for 2, 4 and 6 Gyr.
    assert (weights / weights.loc[2.0]).tolist() == pytest.approx([1, 2, 3])


def test_turn_off_stars_of_the_discs_are_dated():
    ids = ["thin", "thick", "giant", "noise", "uncertain"]
    discs = pd.DataFrame({"spectrum_id": ids, "set": "high", "disc": ["thin", "thick", "thin", "", "thin"]})
    sample = pd.DataFrame({"spectrum_id": ids, "source_id": ids} | STAR)
    sample["teff"] = [6000.0, 5800, 6000, 6000, 6000]
    sample["logg"] = [4.0, 4.0, 2.0, 4.0, 4.0]
    sample["teff_err"] = [20, 20, 20, 20, np.nan]
    sample["age_true"] = [7.0, 11.0, 1, 1, 1]
    assert choose_turn_off(discs, sample)["spectrum_id"].tolist() == ["thin", "thick"]
    table, numbers = date_stars(discs, sample, make_isochrones())
    assert table["age"].tolist() == pytest.approx([8, 10], abs=0.01)
    assert numbers["thin"]["mean"] == pytest.approx(8, abs=0.01)
    assert numbers["thick"]["true"] == 11
    assert numbers["thick"]["err"] is None
    assert numbers["magnitudes"] == 0


def test_without_isochrones_there_are_no_ages():
    table, numbers = date_stars(pd.DataFrame(), pd.DataFrame(), None)
    assert table.empty
    assert "isochrones" in numbers["missing"]
