"""Continua by asymmetric clipping."""

import numpy as np
import pytest

from spectrolabe.spectra.continuum import asymmetric_clip, normalise

GRID = np.arange(5000.0, 5100.0, 0.1)
CLIP = {"segment": 10, "low": 0.5, "high": 2.0}


def lines(count=60):
    centres = np.random.default_rng(4).uniform(5000, 5100, count)
    return 1 - sum(0.5 * np.exp(-(((GRID - c) / 0.15) ** 2)) for c in centres)


def test_clip_by_hand(make_spectra):
    # Median 10, deviation 2.86: 2 is below 8.57, the rest stays; then median 10, deviation 0: done.
    flux = np.array([10.0, 10, 2, 10, 10, 10, 10, 2, 10, 10])
    continuum = asymmetric_clip(make_spectra(np.arange(10.0), flux), segment=20)
    np.testing.assert_allclose(continuum, 10)


def test_clip_takes_the_median_of_what_it_keeps(make_spectra):
    # {1, 9, 10, 11, 12}: median 10, deviation 3.9: 1 goes (below 8.04), nothing above 17.8. {9..12}: median 10.5,
    # deviation 1.118: 9 goes (below 9.94). {10, 11, 12}: 11 and 0.816: 10 goes. {11, 12}: 11.5 and 0.5: 11 goes. 12 is
    # left.
    continuum = asymmetric_clip(make_spectra(np.arange(5.0), np.array([10.0, 1, 12, 9, 11])), segment=20)
    np.testing.assert_allclose(continuum, 12)


def test_lines_leave_the_continuum_alone(make_spectra):
    continuum = asymmetric_clip(make_spectra(GRID, lines()), **CLIP)
    np.testing.assert_allclose(continuum, 1, atol=2e-3)


def test_result_does_not_depend_on_shape_and_level(make_spectra):
    shape = 3e4 * (1 + 0.1 * np.sin(GRID / 25))
    flux = lines() + 0.01 * np.random.default_rng(1).standard_normal(len(GRID))
    plain = normalise(make_spectra(GRID, flux, ivar=1e4), None, asymmetric_clip=CLIP)
    shaped = normalise(make_spectra(GRID, flux * shape, ivar=1e4 / shape**2), None, asymmetric_clip=CLIP)
    inner = slice(100, -100)
    np.testing.assert_allclose(shaped.flux[0, inner], plain.flux[0, inner], atol=0.005)
    np.testing.assert_allclose(shaped.ivar[0, inner], plain.ivar[0, inner], rtol=0.01)


def test_ivar_follows_the_flux(make_spectra):
    normalised = normalise(make_spectra(GRID, np.full((1, 1000), 4.0), ivar=0.5), None, asymmetric_clip=CLIP)
    np.testing.assert_allclose(normalised.flux, 1)
    np.testing.assert_allclose(normalised.ivar, 8)


def test_segments_without_pixels_are_left_to_the_spline(make_spectra):
    slope = 2 + 0.01 * (GRID - 5000)
    ivar = np.where((GRID > 5038) & (GRID < 5062), 0, 1.0)
    continuum = asymmetric_clip(make_spectra(GRID, np.where(ivar > 0, slope, 0), ivar=ivar), **CLIP)
    np.testing.assert_allclose(continuum[0, 60:-60], slope[60:-60], rtol=5e-3)


def test_beyond_the_outermost_centres_the_continuum_is_constant(make_spectra):
    continuum = asymmetric_clip(make_spectra(GRID, 1 + 0.01 * (GRID - 5000)), **CLIP)
    assert np.ptp(continuum[0, :49]) == pytest.approx(0, abs=1e-9)
    assert np.ptp(continuum[0, -49:]) == pytest.approx(0, abs=1e-9)


def test_masked_lines_do_not_lower_the_continuum(make_spectra):
    flux = np.where((GRID > 5040) & (GRID < 5060), 0.2, 1.0)
    spectra = make_spectra(GRID, flux)
    assert asymmetric_clip(spectra, **CLIP)[0, 500] < 0.5
    np.testing.assert_allclose(asymmetric_clip(spectra, **CLIP, mask=[[5039, 5061]]), 1)


def test_segments_that_a_mask_empties_are_left_to_the_spline(make_spectra):
    # Half of the flux is lost over two segments and a little of their neighbours, from 5038 to 5062.
    slope = 2 + 0.01 * (GRID - 5000)
    flux = np.where((GRID > 5038) & (GRID < 5062), slope / 2, slope)
    continuum = asymmetric_clip(make_spectra(GRID, flux), **CLIP, mask=[[5037.9, 5062.1]])
    np.testing.assert_allclose(continuum[0, 60:-60], slope[60:-60], rtol=5e-3)
    # Where a fifth of a segment's pixels is left they count, where less is left the spline bridges them too.
    flat = np.where((GRID > 5040) & (GRID < 5050), 0.5, 1.0)
    some, few = (asymmetric_clip(make_spectra(GRID, flat), **CLIP, mask=[[5040, last]]) for last in (5047.5, 5048.5))
    assert some[0, 450] < 0.6
    np.testing.assert_allclose(few[0], 1)


def test_the_continuum_does_not_swing_over_a_wide_gap(make_spectra):
    # Levels that fall towards a gap of four segments on either side: a free cubic spline would go far below them.
    flux = 1 - 0.4 * np.exp(-(((GRID - 5050) / 18) ** 2))
    continuum = asymmetric_clip(make_spectra(GRID, flux), **CLIP, mask=[[5030, 5070]])
    assert continuum[0].min() > 0.6


def test_pixels_with_a_negative_continuum_are_without_information(make_spectra):
    flux = np.where(GRID < 5030, -1.0, 1.0)
    normalised = normalise(make_spectra(GRID, flux), None, asymmetric_clip=CLIP)
    assert (normalised.ivar[0, :200] == 0).all()
    np.testing.assert_allclose(normalised.flux[0, 600:], 1, atol=0.05)


def test_arms_have_a_continuum_each(make_spectra):
    grid = np.r_[np.arange(5000.0, 5050, 0.1), np.arange(6000.0, 6050, 0.1)]
    flux = np.where(grid < 5500, 1.0, 7.0)
    normalised = normalise(make_spectra(grid, flux), None, asymmetric_clip=CLIP)
    np.testing.assert_allclose(normalised.flux, 1)


def test_arm_without_pixels_loses_its_information(make_spectra):
    grid = np.r_[np.arange(5000.0, 5050, 0.1), np.arange(6000.0, 6050, 0.1)]
    ivar = np.where(grid < 6049, 1.0, 0) * (np.arange(1000) < 505)
    normalised = normalise(make_spectra(grid, np.full(1000, 2.0), ivar=ivar), None, asymmetric_clip=CLIP)
    np.testing.assert_allclose(normalised.flux[0, :500], 1)
    assert not normalised.ivar[0, 500:].any()


def test_a_spectrum_does_not_depend_on_its_neighbours(make_spectra):
    rng = np.random.default_rng(8)
    flux = (lines() + 0.02 * rng.standard_normal((5, 1000))).astype(np.float32)
    ivar = np.ones((5, 1000))
    ivar[2, 300:520] = 0
    together = normalise(make_spectra(GRID, flux, ivar=ivar), None, asymmetric_clip=CLIP)
    for row in range(5):
        alone = normalise(make_spectra(GRID, flux[row], ivar=ivar[row]), None, asymmetric_clip=CLIP)
        np.testing.assert_array_equal(alone.flux[0], together.flux[row])


@pytest.mark.parametrize(
    ("flux", "ivar", "reason"), [(1.0, 0.0, "it has no usable pixels"), (-1.0, 1.0, "its continuum is not positive")]
)
def test_spectrum_without_a_continuum_is_named(make_spectra, flux, ivar, reason):
    fluxes, ivars = np.ones((2, 1000)), np.ones((2, 1000))
    fluxes[1], ivars[1] = flux, ivar
    with pytest.raises(ValueError, match=f"the spectrum star-1 cannot be normalised: {reason}"):
        normalise(make_spectra(GRID, fluxes, ivar=ivars), None, asymmetric_clip=CLIP)
    marked = make_spectra(GRID, fluxes, ivar=ivars, status=["", "no file"])
    np.testing.assert_array_equal(normalise(marked, None, asymmetric_clip=CLIP).flux[1], fluxes[1])
    unusable = marked.select([1])
    np.testing.assert_array_equal(normalise(unusable, None, asymmetric_clip=CLIP).flux, unusable.flux)


def test_unknown_continuum_is_named(make_spectra):
    with pytest.raises(ValueError, match="unknown continuum 'polynomial': expected one of asymmetric_clip"):
        normalise(make_spectra(GRID, lines()), None, polynomial={})
