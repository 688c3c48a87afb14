"""Fixed features: what stays where it is in the observed frame is found, what moves with the stars is not."""

import json

import numpy as np
import pytest
from astropy.io import fits

from spectrolabe.acquire.manifests import list_spectra
from spectrolabe.prepare.fixed_features import find_fixed_features, read_sample
from spectrolabe.spectra.table import Spectrum
from spectrolabe.spectra.wavelength import LIGHT_SPEED, vacuum_to_air

GRID = 5140 + 0.1 * np.arange(800)
PLACES = {60: 3, 200: 6, 341: 4, 480: 5, 700: 6}  # first pixel: pixels


def planted(grid=GRID):
    masked = np.zeros(len(grid), bool)
    for first, width in PLACES.items():
        masked |= (grid > GRID[first] - 0.05) & (grid < GRID[first + width - 1] + 0.05)
    return masked


def make_sample(count=300, share=0.2, grids=(GRID,), seed=3):
    """Spectra of stars with lines of their own depths and velocities, in a share of which five features shine."""
    rng = np.random.default_rng(seed)
    lines = rng.uniform([GRID[0] - 5, 0.05], [GRID[-1] + 5, 0.7], (90, 2))
    sample = []
    for number in range(count):
        grid = grids[number % len(grids)]
        centres = lines[:, 0] * (1 + rng.normal(0, 30) / LIGHT_SPEED)
        profiles = np.exp(-0.5 * ((grid - centres[:, None]) / 0.2) ** 2)
        flux = np.prod(1 - rng.uniform(0.2, 1.2) * lines[:, 1, None].clip(0, 0.8) * profiles, axis=0)
        flux *= (1 + 0.2 * (grid - grid[0]) / 80) * (1 + rng.standard_normal(len(grid)) / rng.uniform(50, 200))
        if number % round(1 / share) == 0:
            flux[planted(grid)] += rng.uniform(0.7, 1.5)
        sample.append(Spectrum(grid, flux * rng.uniform(1e2, 1e4), np.ones(len(grid)), np.zeros(len(grid), bool)))
    return sample


def find(sample, medium="vacuum", **options):
    return find_fixed_features(sample, **{"sigma": 4, "share": 0.05, "medium": medium} | options)


def pixels_of(mask, grid=GRID):
    return np.any([(grid >= low) & (grid <= high) for low, high in mask.ranges.to_numpy()], axis=0)


def test_features_in_a_fifth_of_the_spectra_are_all_found_and_hardly_anything_else():
    mask = find(make_sample())
    found, true = pixels_of(mask), planted()
    assert found[true].all()
    assert (found & ~true).sum() <= 3
    assert mask.summary["spectra"] == 300
    assert all(0.15 < feature["share"] < 0.25 for feature in mask.summary["features"])
    assert len(mask.summary["features"]) == len(mask.ranges)
    json.dumps(mask.summary)


def test_without_features_nothing_is_masked():
    mask = find(make_sample(share=0.001)[1:])
    assert mask.summary["masked_share"] < 0.003
    assert list(mask.ranges) == ["start", "stop"]


def test_spectra_of_different_wavelengths_are_compared_where_they_were_observed():
    shifted = make_sample(grids=(GRID, GRID[:-40] + 0.03, GRID[30:] - 0.02))
    found, true = pixels_of(find(shifted)), planted()
    assert found[true].mean() > 0.95
    assert (found & ~true).sum() <= 12


def test_ranges_are_in_the_medium_that_is_asked_for():
    vacuum, air = (find(make_sample(100), medium) for medium in ("vacuum", "air"))
    np.testing.assert_allclose(air.ranges.to_numpy(), vacuum_to_air(vacuum.ranges.to_numpy()), atol=2e-4)


def test_pixels_without_information_say_nothing():
    sample = make_sample(100)
    spoilt = [
        Spectrum(s.wavelength, np.where(planted(), 1e9, s.flux), s.ivar, planted()) if number % 2 else s
        for number, s in enumerate(sample)
    ]
    shares = [feature["share"] for feature in find(spoilt).summary["features"]]
    # Of the fifty that know the pixels ten shine in them.
    assert np.median(shares) == pytest.approx(0.2, abs=0.05)


def test_no_spectrum_and_too_low_a_limit_are_refused():
    with pytest.raises(ValueError, match="found none that can be read"):
        find([])
    with pytest.raises(ValueError, match="more than a share of 0.05 stands out by -9 sigma in every pixel"):
        find(make_sample(20), sigma=-9)


def test_a_sample_is_read_from_native_files_and_leaves_out_those_that_fail(tmp_path):
    for name in ("a", "b"):
        image = fits.PrimaryHDU(np.full(200, 5.0, np.float32))
        image.header.update({"CRVAL1": 5000.0, "CDELT1": 0.1, "CTYPE1": "WAVE"})
        image.writeto(tmp_path / f"{name}.fits")
    (tmp_path / "c.fits").write_text("no FITS")
    manifest = list_spectra(["a.fits", "b.fits", "c.fits"], tmp_path, "*.fits", "linear_1d")
    (tmp_path / "b.fits").write_text("broken since")
    sample = read_sample(manifest, root=tmp_path, reader="linear_1d")
    assert [len(spectrum.flux) for spectrum in sample] == [200]
