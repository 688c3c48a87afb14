"""Sensitivity maps: planted peaks are found where they are, named by their lines and ranked."""

import numpy as np
import pandas as pd
import pytest

from spectrolabe.spectra.table import Spectra
from spectrolabe.spectra.wavelength import air_to_vacuum
from spectrolabe.validate.sensitivity import (
    STRONGEST,
    choose_stars,
    find_peaks,
    identify_line,
    identify_peaks,
    lines_of,
    name_arms,
    read_map,
    tabulate_gradients,
    write_map,
)

WAVELENGTH = np.r_[5500 + 0.1 * np.arange(200), 8700 + 0.1 * np.arange(400)]
LINES = pd.DataFrame(
    [("Mg", 1, 8710.0, 0.3), ("Fe", 1, 8710.4, 0.5), ("Al", 1, 8730.0, 0.1), ("Fe", 2, 5510.0, 0.2)],
    columns=["element", "ion", "wavelength", "depth"],
)


def profile(centre, height, width=0.2):
    return height * np.exp(-0.5 * ((WAVELENGTH - centre) / width) ** 2)


def make_table(**gradients):
    columns = {"wavelength": WAVELENGTH, "mean_flux": 1.0}
    for label, gradient in gradients.items():
        columns |= {label: gradient, f"{label}_spread": 0.1 * np.abs(gradient)}
    return pd.DataFrame(columns)


def make_spectra(flux, medium="air", status=""):
    flux = np.asarray(flux, np.float32)
    table = pd.DataFrame({"spectrum_id": [f"s{row}" for row in range(len(flux))], "status": status})
    return Spectra(air_to_vacuum(np.arange(5000.0, 5000 + flux.shape[1])), medium, flux, flux != 0, table)


def test_peaks_are_found_between_pixels_whatever_their_sign():
    arm = name_arms(WAVELENGTH)["8700-8740"]
    gradient = (profile(8710.04, -3.0) + profile(8720.0, 1.0) + profile(8720.3, 0.9) + profile(8731.0, 2.0))[arm]
    peaks = find_peaks(WAVELENGTH[arm], gradient)
    assert peaks["wavelength"][:2].tolist() == pytest.approx([8710.04, 8731.0], abs=0.005)
    assert peaks["gradient"][:3].tolist() == pytest.approx([-2.94, 2.0, 1.5], abs=0.3)
    # The two blended ones are less than half an angstrom apart: one peak.
    assert ((peaks["wavelength"] > 8719) & (peaks["wavelength"] < 8721)).sum() == 1
    assert WAVELENGTH[arm][peaks["pixel"][1]] == pytest.approx(8731.0)


def test_a_flat_or_unknown_gradient_has_no_peaks():
    assert len(find_peaks(np.arange(10.0), np.zeros(10))) == 0
    assert len(find_peaks(np.arange(10.0), np.full(10, np.nan))) == 0


def test_a_peak_is_of_the_line_that_absorbs_most_there():
    # 0.3 exp(0) against 0.5 exp(-2), and the other way round at the iron line.
    assert identify_line(8710.0, LINES) == ("Mg", 1, 8710.0)
    assert identify_line(8710.4, LINES) == ("Fe", 1, 8710.4)
    assert identify_line(5510.2, LINES)[:2] == ("Fe", 2)
    element, ion, line = identify_line(8715.0, LINES)
    assert (element, ion) == ("", None)
    assert np.isnan(line)


def test_strongest_peaks_are_ranked_within_label_and_arm():
    table = make_table(
        mg_fe=profile(8710, -3) + profile(8730, 1) + profile(5510, -0.5), teff=profile(5515, 100) + profile(8720, -5)
    )
    peaks = identify_peaks(table, LINES, {"mg_fe": [8710.05, 8725.0, 5510.0]})
    assert list(name_arms(WAVELENGTH)) == ["5500-5520", "8700-8740"]
    mg = peaks[(peaks["label"] == "mg_fe") & (peaks["arm"] == "8700-8740")]
    first, second = mg.iloc[0], mg.iloc[1]
    assert (first["rank"], first["element"], first["line"], first["named"]) == (1, "Mg", 8710.0, 8710.05)
    assert (first["gradient"], first["spread"]) == pytest.approx((-3, 0.3))
    assert (second["rank"], second["element"], second["gradient"]) == (2, "Al", pytest.approx(1))
    assert np.isnan(second["named"])
    # Nothing peaks at 8725: no rank, and the gradient there.
    (absent,) = mg[mg["named"] == 8725.0].to_dict("records")
    assert pd.isna(absent["rank"])
    assert absent["gradient"] == pytest.approx(0, abs=1e-9)
    assert peaks[peaks["label"] == "teff"]["named"].isna().all()
    assert peaks[(peaks["arm"] == "5500-5520") & (peaks["label"] == "mg_fe")].iloc[0]["named"] == 5510.0


def test_a_named_line_below_the_strongest_has_its_own_row():
    gradient = sum(profile(8702 + 2 * place, 15 - place) for place in range(15))
    peaks = identify_peaks(make_table(al_fe=gradient), LINES, {"al_fe": [8730.0]})
    arm = peaks[peaks["arm"] == "8700-8740"]
    assert arm["rank"].tolist() == [*range(1, STRONGEST + 1), 15]
    assert arm.iloc[-1]["named"] == 8730.0


def test_both_sides_of_a_wide_line_are_one_peak():
    gradient = profile(8709.65, -3.0) + profile(8710.25, -2.9) + profile(8730, 1)
    peaks = identify_peaks(make_table(mg_fe=gradient), LINES.iloc[[0, 2]], {"mg_fe": [8710.0]})
    arm = peaks[peaks["arm"] == "8700-8740"]
    assert arm["rank"].tolist() == [1, 2]
    assert arm["wavelength"].tolist() == pytest.approx([8709.65, 8730], abs=0.03)
    assert arm["ion"].tolist() == [1, 1]
    assert arm.iloc[0]["named"] == 8710.0


def test_lines_are_those_of_the_label_or_of_its_element():
    named = {"mg_fe": [2.0, 1.0], "al_fe": [3.0], "teff": [4.0]}
    assert lines_of("mg_fe", named) == lines_of("a_mg", named) == [1.0, 2.0]
    assert lines_of("teff", named) == [4.0]
    assert lines_of("logg", named) == lines_of("feh", named) == []


def test_the_map_is_in_air_and_averages_known_pixels(tmp_path):
    spectra = make_spectra([[1.0, 0.0, 0.0], [0.5, 0.8, np.nan]], "vacuum")
    gradients = np.array([[[1.0, 2.0, np.nan]], [[3.0, 2.0, np.nan]]])
    table = tabulate_gradients(spectra, gradients, ["teff"])
    assert table["wavelength"].tolist() == pytest.approx([5000, 5001, 5002], abs=1e-6)
    np.testing.assert_allclose(table["mean_flux"], [0.75, 0.8, np.nan], rtol=1e-6)
    np.testing.assert_allclose(table["teff"], [2, 2, np.nan])
    np.testing.assert_allclose(table["teff_spread"], [1, 0, np.nan])
    write_map(table, tmp_path / "cnn.parquet", stars=2, members=2)
    again, numbers = read_map(tmp_path / "cnn.parquet")
    pd.testing.assert_frame_equal(again, table)
    assert numbers == {"stars": 2, "members": 2}


def test_stars_are_drawn_from_those_that_can_be_used():
    spectra = make_spectra(np.ones((5, 3)), status=["", "no flux", "", "", ""])
    assert choose_stars(spectra, 10, seed=1).table["spectrum_id"].tolist() == ["s0", "s2", "s3", "s4"]
    few = choose_stars(spectra, 2, seed=1).table["spectrum_id"].tolist()
    assert len(few) == 2
    assert few == sorted(few) == choose_stars(spectra, 2, seed=1).table["spectrum_id"].tolist()
    assert "s1" not in few
