"""Checks of the continuum on spectra whose continuum is known."""

import numpy as np
import pandas as pd
import pytest

from spectrolabe.spectra.table import Spectra
from spectrolabe.validate.continuum_checks import (
    SIGMAS,
    find_continuum,
    fit_observed,
    fit_synthetic,
    instrument_shape,
    measure_bias,
    spread_rows,
    temperature_edges,
)
from spectrolabe.validate.continuum_figures import plot_continuum_bias, plot_continuum_fits
from spectrolabe.validate.style import save_figure

METHOD = {"asymmetric_clip": {"segment": 10, "low": 0.5, "high": 2.0}}
WAVELENGTH = 5000 + 0.1 * np.arange(1000)


def make_stars(teff):
    """Stars without lines, but for those below 5000 K, all of whose flux is 3 % below the continuum."""
    teff = np.asarray(teff, float)
    names = [f"star-{number}" for number in range(len(teff))]
    table = pd.DataFrame({"spectrum_id": names, "status": "", "teff": teff, "logg": 4.0, "feh": -0.5})
    flux = np.where(teff < 5000, 0.97, 1.0)[:, None] * np.ones(len(WAVELENGTH))
    return Spectra(WAVELENGTH, "air", flux, np.full_like(flux, 1e12), table)


def test_bias_is_that_of_the_lines_without_noise_and_grows_with_noise():
    bias = measure_bias(make_stars([4600, 4700, 5600, 5700, 5740]), METHOD, seed=1)
    assert list(bias) == ["teff_low", "teff_high", "sigma", "n", "bias"]
    cool, hot = bias[bias["teff_low"] == 4500], bias[bias["teff_low"] == 5500]
    assert len(cool) == len(hot) == len(SIGMAS) == 15
    assert set(cool["n"]) == {2}
    assert set(hot["n"]) == {3}
    assert hot["bias"].iloc[0] == pytest.approx(0, abs=1e-9)
    assert cool["bias"].iloc[0] == pytest.approx(-3, abs=1e-9)
    assert (np.diff(hot["bias"]) > 0).all()
    # Clipping of pure noise commutes with its scale: twice the noise, twice the bias.
    by_noise = hot.set_index("sigma")["bias"]
    assert by_noise[0.06] == pytest.approx(2 * by_noise[0.03], rel=1e-3)
    assert 2 < by_noise[0.07] < 14


@pytest.mark.parametrize(
    ("teff", "edges"),
    [([4010, 4990], [4000, 4250, 4500, 4750, 5000]), ([4000, 4250], [4000, 4250, 4500]), ([5100], [5000, 5250])],
)
def test_temperature_bins_are_round_and_hold_every_star(teff, edges):
    assert list(temperature_edges(teff)) == edges


def test_a_wide_range_has_wide_bins():
    assert list(np.diff(temperature_edges([2300, 11900]))) == [1000] * 10


def test_rows_spread_from_low_to_high():
    assert list(spread_rows(np.array([5.0, 1, 4, 2, 3, 0, 7, 6]), 4)) == [1, 4, 0, 6]
    assert list(spread_rows(np.array([2.0, 1]), 4)) == [1, 0]
    assert len(spread_rows(np.array([]), 4)) == 0


def test_the_instruments_shape_is_a_slope_with_whole_ripples():
    shape = instrument_shape(np.linspace(5000, 5100, 1001))
    assert shape[0] == pytest.approx(0.8)
    assert shape[-1] == pytest.approx(1.2)
    # Two ripples of 50 angstrom: the first crest after an eighth of the way.
    assert shape[125] == pytest.approx((1 + 0.4 * (0.125 - 0.5)) * 1.1)


def test_fits_follow_the_shape_of_stars_without_lines(tmp_path):
    stars = make_stars(np.linspace(5500, 7000, 9))
    fits = fit_synthetic(stars, METHOD, seed=1)
    assert fits["title"].iloc[0] == "5688 K, log g 4.0, [Fe/H] −0.5, noise 1 %"
    inner = slice(60, -60)
    error = [np.abs(row.found - row.true)[inner].mean() for row in fits.itertuples()]
    assert error[0] < 0.02
    assert error[0] < error[3]
    observed = make_stars([5000.0] * 3)
    observed.flux[:] *= 400
    observed.flux[0, :100], observed.ivar[0, :100] = 0, 0
    seen = fit_observed(observed, METHOD)
    assert np.isnan(seen["found"][0][:100]).all()
    np.testing.assert_allclose(seen["found"][1], 1, atol=1e-6)
    figure = plot_continuum_fits(WAVELENGTH, fits, seen)
    assert len(figure.axes) == 8
    save_figure(figure, tmp_path / "fits.png")
    save_figure(plot_continuum_bias(measure_bias(stars, METHOD, seed=1)), tmp_path / "bias.png")


def test_without_observed_spectra_there_is_one_column():
    fits = fit_synthetic(make_stars([5500, 6000]), METHOD, seed=1)
    assert len(plot_continuum_fits(WAVELENGTH, fits, fit_observed(make_stars([]), METHOD)).axes) == 2


def test_the_continuum_is_the_one_that_normalise_divides_by():
    stars = make_stars([5500, 4500])
    np.testing.assert_allclose(find_continuum(stars, METHOD), [[1.0] * 1000, [0.97] * 1000])
