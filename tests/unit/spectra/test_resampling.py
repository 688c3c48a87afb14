"""Resampling by overlap and by splines."""

import numpy as np
import pytest

from spectrolabe.spectra.resampling import _overlaps, conserve, cubic, resample, to_log_grid
from spectrolabe.spectra.wavelength import is_log_uniform, vacuum_to_air

ARMS = [{"start": 10.5, "stop": 14.5, "step": 2}]  # pixels 9.5-11.5, 11.5-13.5


def test_two_pixels_become_one():
    wavelength = np.arange(10.0, 14)  # pixels 9.5-10.5 ... 12.5-13.5
    flux, ivar = conserve(np.array([[1.0, 3, 5, 11]]), np.array([[1.0, 1, 4, 4]]), wavelength, np.array([10.5, 12.5]))
    np.testing.assert_allclose(flux, [[2, 8]])
    # Variance of a mean of two: (1 + 1) / 4 and (1/4 + 1/4) / 4.
    np.testing.assert_allclose(ivar, [[2, 8]])


def test_bad_pixels_have_no_weight():
    ivar = np.array([[0.0, 1, 0, 0], [1, 1, 1, 1]])
    flux = np.array([[99.0, 3, 99, 99], [1, 3, 5, 11]])
    flux, ivar = conserve(flux, ivar, np.arange(10.0, 14), np.array([10.5, 12.5]))
    np.testing.assert_allclose(flux, [[3, 0], [2, 8]])
    np.testing.assert_allclose(ivar, [[1, 0], [2, 2]])


@pytest.mark.parametrize("method", [conserve, cubic])
def test_outside_the_spectrum_there_is_no_information(method):
    flux, ivar = method(np.full((1, 6), 7.0), np.ones((1, 6)), np.arange(10.0, 16), np.arange(8.0, 18))
    np.testing.assert_allclose(flux, [[0, 0, 7, 7, 7, 7, 7, 7, 0, 0]])
    np.testing.assert_allclose(ivar, [[0, 0, 1, 1, 1, 1, 1, 1, 0, 0]])


@pytest.mark.parametrize("method", [conserve, cubic])
def test_gap_between_arms_is_not_filled(method):
    wavelength = np.r_[np.arange(10.0, 15), np.arange(40.0, 45)]
    _, ivar = method(np.ones((1, 10)), np.ones((1, 10)), wavelength, np.arange(11.0, 44, 4))
    assert (ivar[0] > 0).tolist() == [True, False, False, False, False, False, False, False, True]


def test_conserve_agrees_with_specutils():
    pytest.importorskip("specutils")
    from astropy import units
    from astropy.nddata import InverseVariance
    from specutils import Spectrum
    from specutils.manipulation import FluxConservingResampler

    rng = np.random.default_rng(5)
    wavelength = 5000 + np.cumsum(rng.uniform(0.05, 0.1, 400))
    grid = np.linspace(5003, 5020, 77)
    flux, ivar = rng.uniform(0, 2, 400), rng.uniform(1, 9, 400)
    ours, our_ivar = conserve(flux[None], ivar[None], wavelength, grid)
    spectrum = Spectrum(flux=flux * units.adu, spectral_axis=wavelength * units.AA, uncertainty=InverseVariance(ivar))
    theirs = FluxConservingResampler()(spectrum, grid * units.AA)
    np.testing.assert_allclose(ours[0], theirs.flux.value, rtol=1e-10)
    np.testing.assert_allclose(our_ivar[0], theirs.uncertainty.array, rtol=1e-10)


def test_cubic_follows_a_parabola():
    wavelength, grid = np.arange(10.0, 30), np.array([12.3, 17.7, 25.5])
    flux, ivar = cubic(wavelength[None] ** 2, np.full((1, 20), 4.0), wavelength, grid)
    np.testing.assert_allclose(flux[0], grid**2)
    np.testing.assert_allclose(ivar[0], 4)


def test_cubic_bridges_bad_pixels():
    wavelength = np.arange(10.0, 30)
    flux, ivar = 2 * wavelength[None], np.ones((1, 20))
    flux[0, 8], ivar[0, 8] = 1e6, 0
    flux, ivar = cubic(flux, ivar, wavelength, np.arange(17.0, 20))
    np.testing.assert_allclose(flux[0], [34, 0, 38])
    np.testing.assert_allclose(ivar[0], [1, 0, 1])


def test_step_converts_the_medium(make_spectra):
    vacuum = np.arange(5000.0, 5020, 0.1)
    spectra = make_spectra(vacuum, np.exp(-(((vacuum - 5010) / 0.5) ** 2)), ivar=1.0)
    spectra = type(spectra)(vacuum, "vacuum", spectra.flux, spectra.ivar, spectra.table)
    arms = [{"start": 5005, "stop": 5012, "step": 0.05}]
    resampled = resample(spectra, None, arms=arms, medium="air", method="cubic")
    assert resampled.medium == "air"
    line = resampled.wavelength[np.argmax(resampled.flux[0])]
    assert line == pytest.approx(vacuum_to_air(np.array([5010.0]))[0], abs=0.03)


@pytest.mark.parametrize("method", ["conserve", "cubic"])
def test_step_keeps_the_type_and_the_rows(make_spectra, method):
    spectra = make_spectra(np.arange(10.0, 14), np.ones((3, 4), np.float32))
    resampled = resample(spectra, None, arms=ARMS, medium="air", method=method)
    assert resampled.flux.dtype == np.float32
    assert resampled.flux.shape == (3, 2)
    assert resampled.flux.flags.c_contiguous
    np.testing.assert_allclose(resampled.flux, 1)


def test_unknown_method_is_named(make_spectra):
    spectra = make_spectra(np.arange(10.0, 14), np.ones((1, 4)))
    with pytest.raises(ValueError, match="unknown resampling method 'linear': expected one of conserve, cubic"):
        resample(spectra, None, arms=ARMS, medium="air", method="linear")


def test_a_mask_on_the_old_grid_is_no_longer_counted(make_spectra):
    spectra = make_spectra(np.arange(10.0, 14), np.ones((1, 4)))
    spectra.table["masked_share"] = 0.25
    assert "masked_share" not in resample(spectra, None, arms=ARMS, medium="air").table
    assert "masked_share" in spectra.table


def test_equal_grids_share_one_matrix():
    before = _overlaps.cache_info().hits
    for _ in range(2):
        conserve(np.ones((1, 4)), np.ones((1, 4)), np.arange(110.0, 114), np.arange(111.0, 113))
    assert _overlaps.cache_info().hits == before + 1


def test_log_grid_keeps_range_and_information(make_spectra):
    wavelength = np.linspace(4800, 6800, 20001)
    spectra = to_log_grid(make_spectra(wavelength, np.ones(20001), ivar=10.0))
    assert is_log_uniform(spectra.wavelength)
    assert 6799.5 < spectra.wavelength[-1] <= 6800
    np.testing.assert_allclose(spectra.flux, 1)
    # 0.1 angstrom a pixel at 10 a pixel: 100 per angstrom, 200 000 in all.
    assert spectra.ivar.sum() == pytest.approx(200000, rel=1e-3)


def test_ends_take_the_nearest_good_pixel(make_spectra):
    wavelength = np.arange(10.0, 30)
    flux, ivar = np.tile(2 * wavelength, (3, 1)), np.ones((3, 20))
    # Bad ends, and a bad pixel inside; a spectrum that lies elsewhere; one without information.
    flux[0, [0, 1, 9, 19]], ivar[0, [0, 1, 9, 19]], ivar[0, 18] = 1e6, 0, 5
    ivar[1, 4:], ivar[2] = 0, 0
    arms = [{"start": 8, "stop": 32, "step": 1}]
    done = resample(
        make_spectra(wavelength, flux, ivar=ivar), None, arms=arms, medium="air", method="cubic", ends="nearest"
    )
    expected = np.r_[[24.0] * 4, np.arange(24, 38, 2), 0, np.arange(40, 58, 2), [56] * 3]
    np.testing.assert_allclose(done.flux[0], expected)
    assert done.ivar[0].tolist() == [1] * 11 + [0] + [1] * 8 + [5] * 4
    np.testing.assert_allclose(done.flux[1], np.r_[20, 20, 20, 22, 24, [26] * 19])
    assert not done.ivar[2].any()
    assert not done.flux[2].any()


def test_ends_of_a_spectrum_that_is_not_on_the_grid_stay_missing(make_spectra):
    spectra = make_spectra(np.arange(10.0, 30), np.ones((1, 20)))
    arms = [{"start": 40, "stop": 50, "step": 1}]
    assert not resample(spectra, None, arms=arms, medium="air", method="cubic", ends="nearest").ivar.any()


def test_ends_that_a_method_does_not_have_are_refused(make_spectra):
    spectra = make_spectra(np.arange(10.0, 14), np.ones((1, 4)))
    with pytest.raises(ValueError, match="resampling by conserve has no ends 'nearest': expected one of missing"):
        resample(spectra, None, arms=ARMS, medium="air", ends="nearest")
