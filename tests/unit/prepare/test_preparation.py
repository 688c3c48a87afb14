"""Preparation loses no row, and no spectrum changes another."""

import numpy as np
import pandas as pd
import pytest
from astropy.io import fits

from spectrolabe.acquire.manifests import list_spectra
from spectrolabe.prepare.preparation import measure_snr, prepare_spectra
from spectrolabe.spectra.table import Spectrum

ARMS = [{"start": 5000, "stop": 5100, "step": 0.5}]
STEPS = [{"resample": {"arms": ARMS, "medium": "vacuum", "method": "conserve"}}]
NOISY = [*STEPS, {"add_noise": {"max": 0.05}}]


def write_spectrum(path, flux, start=4990.0, **header):
    primary = fits.PrimaryHDU(np.asarray(flux, np.float32))
    primary.header.update({"CRVAL1": start, "CDELT1": 0.25, "CTYPE1": "WAVE"} | header)
    sigma = fits.ImageHDU(np.full(np.shape(flux), 0.02, np.float32), name="SIGMA")
    fits.HDUList([primary, sigma]).writeto(path)


def draw_flux(seed, size=480):
    return np.random.default_rng(seed).normal(1, 0.02, size)


@pytest.fixture
def survey(tmp_path):
    """Good spectra a, m and z with one of each misfortune between them in the alphabet."""
    for seed, name in enumerate("amz"):
        write_spectrum(tmp_path / f"{name}.fits", draw_flux(seed))
    write_spectrum(tmp_path / "c_truncated.fits", draw_flux(4))
    content = (tmp_path / "c_truncated.fits").read_bytes()
    (tmp_path / "c_truncated.fits").write_bytes(content[:3500])
    (tmp_path / "d_text.fits").write_text("5000 1.0\n5001 1.0\n")
    (tmp_path / "e_empty.fits").touch()
    write_spectrum(tmp_path / "f_nan.fits", np.full(480, np.nan))
    write_spectrum(tmp_path / "g_half.fits", draw_flux(5, 240))
    write_spectrum(tmp_path / "n_unit.fits", draw_flux(6), CUNIT1="furlong")
    write_spectrum(tmp_path / "o_elsewhere.fits", draw_flux(7), start=6000.0)
    return tmp_path


def prepare(root, names, steps=STEPS, **options):
    manifest = list_spectra([f"{name}.fits" for name in names], root, "*.fits", "linear_1d")
    for name, values in options.pop("columns", {}).items():
        manifest[name] = values
    settings = {"arms": ARMS, "medium": "vacuum", "resolution": None, "seed": 7} | options
    return prepare_spectra(manifest, root, "linear_1d", steps, **settings)


GOOD = ["a", "g_half", "m", "z"]
ALL = ["a", "c_truncated", "d_text", "e_empty", "f_nan", "g_half", "m", "n_unit", "o_elsewhere", "z"]


def test_every_bad_file_is_a_row_with_a_sentence_that_names_it(survey):
    spectra = prepare(survey, ALL)
    status = dict(zip(spectra.table["spectrum_id"], spectra.table["status"], strict=True))
    assert {name: text for name, text in status.items() if not text} == dict.fromkeys(GOOD, "")
    assert status["c_truncated"].startswith("c_truncated.fits: file is truncated: expected 5760 bytes, found 3500")
    assert status["d_text"] == "d_text.fits: expected a FITS file, which starts with 'SIMPLE', found '5000 1.0\\n'"
    assert status["e_empty"] == "e_empty.fits: expected a FITS file, found an empty file (0 bytes)"
    assert status["f_nan"] == "f_nan.fits: expected a spectrum, found NaN or infinite flux in all 480 pixels"
    assert status["n_unit"].startswith("n_unit.fits: expected CUNIT1 to be one of angstrom, ")
    expected = "expected good pixels from 5000.0 to 5099.5 angstrom (vacuum), found them from 6000.0 to 6119.8 alone"
    assert status["o_elsewhere"] == f"o_elsewhere.fits: {expected}"


def test_bad_rows_are_zeros_of_the_right_size(survey):
    spectra = prepare(survey, ALL)
    bad = (spectra.table["status"] != "").to_numpy()
    assert spectra.flux.shape == spectra.ivar.shape == (10, 200)
    assert spectra.flux.dtype == spectra.ivar.dtype == np.float32
    assert not spectra.flux[bad].any()
    assert not spectra.ivar[bad].any()
    assert (spectra.ivar[~bad] > 0).any(axis=1).all()


def test_bad_files_change_no_bit_of_the_others(survey):
    alone, together = prepare(survey, GOOD, NOISY), prepare(survey, ALL, NOISY)
    rows = [ALL.index(name) for name in GOOD]
    np.testing.assert_array_equal(alone.flux, together.flux[rows])
    np.testing.assert_array_equal(alone.ivar, together.ivar[rows])
    pd.testing.assert_frame_equal(alone.table, together.table.iloc[rows].reset_index(drop=True))


def test_order_and_sharding_change_no_bit(survey):
    whole, reversed_order = prepare(survey, GOOD, NOISY), prepare(survey, GOOD[::-1], NOISY)
    np.testing.assert_array_equal(whole.flux, reversed_order.flux[::-1])
    np.testing.assert_array_equal(whole.flux[1], prepare(survey, ["g_half"], NOISY).flux[0])


def test_half_covered_spectrum_is_prepared_where_it_reaches(survey):
    spectra = prepare(survey, ["g_half"])
    # 240 pixels of 0.25 angstrom from 4990 reach 5049.875: output pixels up to 5049.5 are covered.
    known = spectra.ivar[0] > 0
    np.testing.assert_array_equal(np.flatnonzero(~known), np.arange(100, 200))
    assert not spectra.flux[0, ~known].any()
    assert spectra.table["status"][0] == ""


def test_resampled_flux_is_the_mean_of_the_pixels_below(survey):
    # Output pixel 5000 +- 0.25 holds native pixel 5000 whole and half of 4999.75 and 5000.25.
    flux = draw_flux(0).astype(np.float32).astype(float)
    expected = (0.5 * flux[39] + flux[40] + 0.5 * flux[41]) / 2
    assert prepare(survey, ["a"]).flux[0, 0] == pytest.approx(expected, rel=1e-6)


def test_all_columns_of_the_manifest_are_kept_in_order(survey):
    spectra = prepare(survey, ["a", "d_text"], columns={"teff": [5771.0, np.nan], "kind": ["G2V", "K"]})
    assert list(spectra.table.columns) == [
        "spectrum_id", "source_id", "path", "row", "ra", "dec", "snr", "rv", "resolution", "status", "teff", "kind",
    ]  # fmt: skip
    np.testing.assert_array_equal(spectra.table["teff"], [5771.0, np.nan])
    assert list(spectra.table["kind"]) == ["G2V", "K"]


def test_snr_is_measured_where_nothing_says_it(survey):
    # Flux 1 over errors of 0.02.
    spectra = prepare(survey, ["a", "d_text", "m"], columns={"snr": [np.nan, np.nan, 33.0]})
    np.testing.assert_allclose(spectra.table["snr"], [50, np.nan, 33], rtol=0.01)


def test_snr_counts_good_pixels_within_the_range_alone():
    wavelength = np.arange(1.0, 7.0)
    flux = np.array([100.0, 1.0, 2.0, 9.0, 3.0, 100.0])
    spectrum = Spectrum(wavelength, flux, np.array([1, 4, 4, 4, 4, 1.0]), np.arange(6) == 3, {})
    assert measure_snr(spectrum, 2, 5) == 4.0
    assert np.isnan(measure_snr(spectrum, 10, 20))


def test_resolution_comes_from_the_file_then_the_dataset(tmp_path):
    write_spectrum(tmp_path / "a.fits", draw_flux(0), SPEC_RES=40000.0)
    write_spectrum(tmp_path / "b.fits", draw_flux(1))
    assert list(prepare(tmp_path, "ab", resolution=20000).table["resolution"]) == [40000, 20000]
    assert list(prepare(tmp_path, "ab", resolution=None).table["resolution"]) == [40000, np.inf]


def test_a_spectrum_that_a_step_cannot_work_on_is_a_row_with_the_reason(tmp_path):
    write_spectrum(tmp_path / "a.fits", draw_flux(0))
    write_spectrum(tmp_path / "negative.fits", -draw_flux(1))
    steps = [*STEPS, {"normalise": {"asymmetric_clip": {"segment": 10, "low": 0.5, "high": 2.0}}}]
    spectra = prepare(tmp_path, ["a", "negative"], steps)
    assert spectra.table["status"][0] == ""
    assert spectra.table["status"][1].startswith("negative.fits: ")
    assert "continuum" in spectra.table["status"][1]
    assert not spectra.flux[1].any()


def test_a_shard_of_nothing_but_bad_files_is_a_shard(survey):
    spectra = prepare(survey, ["d_text", "e_empty"])
    assert spectra.flux.shape == (2, 200)
    assert (spectra.table["status"] != "").all()


def test_a_file_lost_since_the_manifest_was_made_is_a_row_with_the_reason(survey):
    manifest = list_spectra(["a.fits", "m.fits"], survey, "*.fits", "linear_1d")
    (survey / "a.fits").unlink()
    spectra = prepare_spectra(manifest, survey, "linear_1d", STEPS, ARMS, "vacuum", None, 7)
    assert list(spectra.table["status"]) == ["a.fits: expected a FITS file, found no such file", ""]


def test_mistakes_of_the_recipe_end_the_job(survey):
    with pytest.raises(ValueError, match="step 'resmaple' is not known, expected one of"):
        prepare(survey, ["a"], [{"resmaple": {}}])
    with pytest.raises(
        ValueError, match=r"expected the steps to end on the recipe's grid of 200 pixels in vacuum, found 480"
    ):
        prepare(survey, ["a"], [{"clean_zeros": {}}])


def test_real_spectra_are_all_prepared(real_data):
    files = sorted(path.relative_to(real_data).as_posix() for path in (real_data / "benchmark_stars").glob("*.fits"))
    manifest = list_spectra(files, real_data, "benchmark_stars/*.fits", "linear_1d")
    arms = [{"start": 5140, "stop": 5300, "step": 0.1, "resolution": 20000}]
    steps = [
        {"rest_frame": {}}, {"clean_zeros": {}}, {"broaden": {"arms": arms}},
        {"resample": {"arms": arms, "medium": "air", "method": "conserve"}},
        {"normalise": {"asymmetric_clip": {"segment": 10, "low": 0.5, "high": 2.0}}},
    ]  # fmt: skip
    spectra = prepare_spectra(manifest, real_data, "linear_1d", steps, arms, "air", 47000, 1)
    assert (spectra.table["status"] == "").all()
    assert (spectra.ivar > 0).all()
    assert (np.median(spectra.flux, axis=1) > 0.8).all()
    rows = dict(zip(spectra.table["spectrum_id"], spectra.flux, strict=True))
    # Two instruments, one Sun.
    assert np.std(rows["Sun_HARPS"] - rows["ATLAS.Sun_47000"]) < 0.02
