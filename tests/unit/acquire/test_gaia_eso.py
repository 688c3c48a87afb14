"""Gaia-ESO spectra in the tables of the ESO archive."""

import numpy as np
import pytest
from astropy.io import fits
from published_files import write_gaia_eso

from spectrolabe.acquire.readers import ReadError, read_file
from spectrolabe.spectra.wavelength import vacuum_to_air

AIR = 500 + 0.005 * np.arange(15)  # nm
FLUX = 100.0 + np.arange(15)
COLUMNS = {"FLUX": FLUX, "ERR": np.full(15, 2.0), "QUAL": np.zeros(15, int)}


def read(path):
    (spectrum,) = read_file(path, "gaia_eso")
    return spectrum


def test_uves_spectrum_in_nanometres_of_air(tmp_path):
    spectrum = read(write_gaia_eso(tmp_path / "a.fits", AIR, COLUMNS))
    np.testing.assert_allclose(vacuum_to_air(spectrum.wavelength), 10 * AIR, rtol=1e-12)
    np.testing.assert_array_equal(spectrum.flux, FLUX)
    np.testing.assert_array_equal(spectrum.ivar, 0.25)
    assert spectrum.meta == {
        "source_id": "12345678-1234567", "ra": 189.49, "dec": -12.58, "snr": 50.0, "resolution": 47000.0,
    }  # fmt: skip


def test_giraffe_spectrum_in_angstrom_with_inverse_variances(tmp_path):
    columns = {"FLUX": FLUX, "IVAR": np.r_[0.0, np.full(14, 4.0)]}
    path = write_gaia_eso(tmp_path / "a.fits", 10 * AIR, columns, unit="Angstrom", INSTRUME="GIRAFFE", SPEC_RES=19800.0)
    spectrum = read(path)
    np.testing.assert_allclose(vacuum_to_air(spectrum.wavelength), 10 * AIR, rtol=1e-12)
    np.testing.assert_array_equal(spectrum.ivar, columns["IVAR"])
    assert spectrum.meta["resolution"] == 19800


@pytest.mark.parametrize(
    ("options", "vacuum"),
    [
        ({"ucd": "em.wl"}, True),
        ({"ucd": None}, False),
        ({"ucd": None, "VACUUM": True}, True),
        ({"ucd": "em.wl", "VACUUM": False}, False),
    ],
)
def test_header_says_whether_wavelengths_are_in_vacuum(tmp_path, options, vacuum):
    first = read(write_gaia_eso(tmp_path / "a.fits", AIR, COLUMNS, **options)).wavelength[0]
    assert first == pytest.approx(5000.0 if vacuum else 5001.394, abs=2e-3)


def test_columns_without_a_unit_are_in_nanometres(tmp_path):
    spectrum = read(write_gaia_eso(tmp_path / "a.fits", AIR, COLUMNS, unit=None))
    assert vacuum_to_air(spectrum.wavelength)[0] == pytest.approx(5000.0)


def test_flagged_pixels_and_zeros_are_bad(tmp_path):
    quality = np.zeros(15, int)
    quality[3] = 2
    flux = FLUX.copy()
    flux[7] = 0
    spectrum = read(write_gaia_eso(tmp_path / "a.fits", AIR, COLUMNS | {"QUAL": quality, "FLUX": flux}))
    np.testing.assert_array_equal(np.flatnonzero(spectrum.bad), [3, 7])


def test_calibrated_flux_is_preferred_and_each_flux_has_its_own_errors(tmp_path):
    reduced = {"FLUX_REDUCED": 1000 * FLUX, "ERR_REDUCED": np.full(15, 100.0)}
    both = read(write_gaia_eso(tmp_path / "a.fits", AIR, reduced | COLUMNS))
    np.testing.assert_array_equal(both.ivar, 0.25)
    alone = read(write_gaia_eso(tmp_path / "b.fits", AIR, reduced))
    np.testing.assert_array_equal(alone.flux, 1000 * FLUX)
    np.testing.assert_allclose(alone.ivar, 1e-4)


def test_errors_that_are_missing_come_from_the_signal_to_noise_ratio(tmp_path):
    columns = COLUMNS | {"ERR": np.full(15, np.nan)}
    # The median flux is 107, at a signal-to-noise ratio of 50.
    np.testing.assert_allclose(read(write_gaia_eso(tmp_path / "a.fits", AIR, columns)).ivar, (50 / 107) ** 2)


def test_errors_come_from_the_scatter_where_nothing_is_said(tmp_path):
    noisy = np.random.default_rng(1).normal(100, 2, 3000)
    path = write_gaia_eso(tmp_path / "a.fits", 500 + 0.005 * np.arange(3000), {"FLUX": noisy}, SNR=None)
    np.testing.assert_allclose(1 / np.sqrt(read(path).ivar), 2, rtol=0.15)


@pytest.mark.parametrize(
    ("columns", "options", "reason"),
    [
        ({"COUNTS": FLUX}, {}, "expected columns WAVE and FLUX or FLUX_REDUCED, found WAVE, COUNTS"),
        (COLUMNS | {"ERR": np.ones(7)}, {}, "expected 15 values in ERR, as in WAVE, found 7"),
        (COLUMNS, {"unit": "furlong"}, "expected TUNIT1 to be nm or angstrom, found 'furlong'"),
        (COLUMNS | {"FLUX": np.full(15, np.nan)}, {}, "found NaN or infinite flux in all 15 pixels"),
        (COLUMNS | {"FLUX": np.zeros(15)}, {}, "found flux 0 in all 15 pixels"),
        (COLUMNS | {"QUAL": np.ones(15, int)}, {}, "expected at least 10 usable pixels, found 0 of 15"),
    ],
)
def test_damaged_tables_end_in_one_sentence(tmp_path, columns, options, reason):
    with pytest.raises(ReadError, match=rf"a\.fits: .*{reason}"):
        read_file(write_gaia_eso(tmp_path / "a.fits", AIR, columns, **options), "gaia_eso")


def test_a_table_of_pixels_is_not_a_row_of_arrays(tmp_path):
    table = fits.BinTableHDU.from_columns([fits.Column("WAVE", "D", array=AIR), fits.Column("FLUX", "D", array=FLUX)])
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(tmp_path / "a.fits")
    with pytest.raises(ReadError, match=r"a\.fits: expected one row of arrays .*, found 15 rows"):
        read_file(tmp_path / "a.fits", "gaia_eso")
    fits.PrimaryHDU(FLUX).writeto(tmp_path / "b.fits")
    with pytest.raises(ReadError, match=r"b\.fits: expected a binary table in extension 1, found none"):
        read_file(tmp_path / "b.fits", "gaia_eso")


def test_truncation_is_a_read_error(tmp_path):
    size = 3000
    path = write_gaia_eso(tmp_path / "a.fits", 500 + 0.005 * np.arange(size), {"FLUX": np.full(size, 5.0)})
    path.write_bytes(path.read_bytes()[:20000])
    with pytest.raises(ReadError, match=r"a\.fits: file is truncated"):
        read_file(path, "gaia_eso")
