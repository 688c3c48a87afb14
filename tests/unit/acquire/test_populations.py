"""Simulated stars: chemistry, places, motions and published labels are those that were planted."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from spectrolabe.acquire.kinematics import ROTATION, flat_rotation_velocity, place_stars
from spectrolabe.acquire.populations import CLUSTERS, MG_AL_SLOPE, draw_stars, list_open_sides
from spectrolabe.acquire.stellar_tracks import absolute_magnitudes, track_point
from spectrolabe.acquire.survey_labels import publish_labels
from spectrolabe.acquire.trouble import draw_trouble
from spectrolabe.spectra.randomness import RowGenerators

SOLAR = Path(__file__).resolve().parents[3] / "resources" / "solar_abundances" / "grevesse2007.csv"
LIMITS = {"teff": [4000, 6990], "logg": [1.08, 4.87], "feh": [-1.53, 0.72], "mg_fe": [-0.25, 0.8], "al_fe": [-0.95, 1]}
SHARES = {"thin": 0.5, "thick": 0.3, "clusters": 0.2}
NOBODY = pd.DataFrame({"name": [], "teff": [], "logg": [], "feh": [], "alpha_fe": [], "vsini": []})
ERRORS = {"teff": 60, "logg": 0.15, "a_fe": 0.1, "a_mg": 0.12, "a_al": 0.06}


@pytest.fixture(scope="module")
def stars():
    drawn = draw_stars(range(3000), 1, SHARES, NOBODY, LIMITS)
    return drawn.join(place_stars(drawn, 1))


@pytest.fixture(scope="module")
def published(stars):
    trouble = draw_trouble(RowGenerators(3, stars["star"]), {"wrong_rv": 0.2, "emission": 0.2})
    spectra = stars.join(trouble).assign(spectrum_id=stars["star"], source_id=stars["star"], cluster_feh=np.nan)
    return publish_labels(spectra, 1, {"median": 37, "range": [10, 200]}, ERRORS, SOLAR)


def test_populations_have_their_shares_and_labels_their_limits(stars):
    found = stars["population"].replace(list(CLUSTERS), "clusters").value_counts(normalize=True)
    for name, share in SHARES.items():
        assert found[name] == pytest.approx(share, abs=0.03)
    for label, (low, high) in LIMITS.items():
        assert stars[label].between(low, high).all()


def test_discs_are_apart_in_magnesium_and_clusters_anticorrelate(stars):
    alike = stars[stars["feh"].between(-0.5, -0.3)]
    thin, thick = (alike.loc[alike["population"] == name, "mg_fe"] for name in ("thin", "thick"))
    assert thick.mean() - thin.mean() == pytest.approx(0.22, abs=0.02)
    assert thin.quantile(0.95) < thick.quantile(0.05)
    for name in CLUSTERS:
        members = stars[stars["population"] == name]
        assert np.polyfit(members["al_fe"], members["mg_fe"], 1)[0] == pytest.approx(MG_AL_SLOPE, abs=0.03)
        assert members["feh"].mean() == pytest.approx(CLUSTERS[name].feh, abs=0.02)
    assert (stars.loc[stars["cluster"] != "", "logg"] < 3.6).all()


def test_stars_stand_on_tracks_worked_out_by_hand():
    # The turn-off of 10 Gyr at solar metallicity; the giant at stage 10; half way between stages 0 and 1.
    teff, logg = track_point(np.array([5.0, 10.0, 0.5]), np.zeros(3), np.full(3, 10.0))
    np.testing.assert_allclose(teff, [5760, 4670, 3950 + 0.15 * 1810])
    np.testing.assert_allclose(logg, [4.18, 2.5, 4.69])


def test_the_sun_has_its_absolute_magnitude():
    sun = absolute_magnitudes(pd.DataFrame({"teff": [5772.0], "logg": [4.438], "mass": [1.0]}))
    # Willmer (2018): J 3.67, H 3.32, K 3.27.
    np.testing.assert_allclose(sun[["j", "h", "k"]].to_numpy()[0], [3.67, 3.32, 3.27], atol=0.05)


def test_orbits_have_the_planted_eccentricities():
    radius, eccentricity = np.array([8.0, 8.0, 8.0]), np.array([0.0001, 0.3, 0.3])
    outward, around = flat_rotation_velocity(radius, eccentricity, np.array([0.3, 0.0, 0.5]))
    # A circular orbit moves with the rotation; at the nearest point a star is fast, at the farthest slow.
    assert around[0] == pytest.approx(ROTATION, rel=1e-3)
    np.testing.assert_allclose(outward, 0, atol=0.1)
    assert around[1] / around[2] == pytest.approx(1.3 / 0.7)


def test_velocities_seen_from_the_sun_lead_back_to_the_orbits(stars):
    Orbit = pytest.importorskip("galpy.orbit").Orbit
    disc = stars[stars["population"] == "thick"].head(100)
    seen = disc[["ra", "dec", "distance", "pmra", "pmdec", "rv"]].to_numpy()
    orbit = Orbit(seen, radec=True, ro=8.0, vo=220.0, zo=0.0208, solarmotion="schoenrich")
    speed = np.hypot(orbit.vR(), orbit.vT())
    near, far = 1 - disc["eccentricity"], 1 + disc["eccentricity"]
    # In v^2 ln R a star's speed is between those at the nearest and at the farthest point of its orbit.
    fastest = np.sqrt(2 * np.log(far / near) / (near**-2 - far**-2)) / near * ROTATION
    assert (speed <= fastest * 1.001).all()
    assert (speed >= fastest * near / far * 0.999).all()


def test_eccentricities_fall_with_metallicity_in_the_thick_disc_alone(stars):
    slopes = {
        name: np.polyfit(part["feh"], part["eccentricity"], 1)[0]
        for name, part in stars.groupby("population") if name in ("thin", "thick")
    }  # fmt: skip
    assert slopes["thick"] == pytest.approx(-0.26, abs=0.04)
    assert slopes["thin"] == pytest.approx(0.02, abs=0.04)
    assert (stars["dec"] <= 20.5).all()


def test_labels_are_as_wrong_as_they_say(published):
    for label, error in ERRORS.items():
        deviation = (published[label] - published[f"{label}_true"]) / published[f"{label}_err"]
        assert deviation.std() == pytest.approx(1, abs=0.05)
        assert published[f"{label}_err"].mean() == pytest.approx(error, rel=0.05)
    assert published["a_fe_true"].sub(published["feh_true"]).round(6).eq(7.45).all()
    both = published["mg_fe_true"] + published["feh_true"] + 7.53
    np.testing.assert_allclose(published["a_mg_true"], both)
    assert (published["metallicity"] - published["a_fe"] + 7.45).std() < 0.2


def test_signal_to_noise_ratios_have_their_median_and_range(published):
    assert published["snr"].between(10, 200).all()
    assert published["snr"].median() == pytest.approx(37, rel=0.06)


def test_flags_and_velocities_follow_the_trouble(published):
    odd = published["trouble"] == "emission"
    assert published.loc[odd, "peculi"].eq("emission").mean() == pytest.approx(0.3, abs=0.06)
    sound = published["trouble"] == ""
    flagged = (published.loc[sound, "tech"] != "") | (published.loc[sound, "peculi"] != "")
    assert flagged.mean() == pytest.approx(0.02, abs=0.01)
    shift = (published["rv"] - published["rv_true"]).abs()
    assert (shift[published["trouble"] == "wrong_rv"] > 8).all()
    assert (shift[published["trouble"] != "wrong_rv"] < 2.5).all()


def test_only_giants_of_the_field_have_seismic_gravities(published):
    measured = published["logg_seismic"].notna()
    assert 20 < measured.sum() < 400
    assert (published.loc[measured, "logg_true"] < 3.3).all()
    assert published.loc[measured, "cluster"].eq("").all()
    assert (published["logg_seismic"] - published["logg_true"]).std() == pytest.approx(0.03, rel=0.3)


def test_sides_are_open_where_the_grid_reaches_far_beyond_the_limits():
    limits, edges = {"teff": [4000, 7000], "feh": [-1.5, 0.5]}, {"teff": (3800, 7010), "feh": (-1.6, 0.5)}
    # 10 K of 3000 are too little room, 0.1 dex of 2 is enough.
    assert list_open_sides(limits, edges) == [("teff", 4000, 3800), ("feh", -1.5, -1.6)]
