"""Published file layouts, written byte for byte as their surveys write them, and files that went wrong on the way."""

import gzip
import pickle

import numpy as np
import pytest
from astropy.io import fits

from spectrolabe.acquire.readers import ReadError, read_file
from spectrolabe.spectra.wavelength import LIGHT_SPEED

FITS_READERS = ("gaia_eso", "intrigoss", "lamost_lrs", "linear_1d", "phoenix_hires", "sdss_spec")
FLUX = np.array([3.0, 1.0, 2.0, 5.0, 4.0, 1.0, 7.0, 2.0, 6.0, 3.0, 5.0, 8.0])


def write_linear(path, flux=FLUX, extensions=(), **header):
    cards = {"CRVAL1": 5000.0, "CDELT1": 0.5} | header
    primary = fits.PrimaryHDU(np.asarray(flux, np.float32))
    for key, value in cards.items():
        if value is not None:
            primary.header[key.replace("_FLAG", "-FLAG")] = value
    images = [fits.ImageHDU(np.asarray(data, np.float32), name=name) for name, data in extensions]
    fits.HDUList([primary, *images]).writeto(path)
    return path


def write_lamost(path, rows, **header):
    cards = {"VACUUM": True, "COEFF0": 3.5682, "COEFF1": 1e-4} | header
    primary = fits.PrimaryHDU(np.asarray(rows, np.float32))
    for key, value in cards.items():
        if value is not None:
            primary.header[key] = value
    primary.writeto(path)
    return path


def write_sdss(path, result=None, **columns):
    data = {"flux": FLUX, "loglam": 3.5785 + 1e-4 * np.arange(FLUX.size), "ivar": np.ones(FLUX.size)} | columns
    data.setdefault("and_mask", np.zeros(FLUX.size))
    formats = {"and_mask": "J"}
    coadd = [fits.Column(name, formats.get(name, "E"), array=np.asarray(array)) for name, array in data.items()]
    hdus = [fits.PrimaryHDU(), fits.BinTableHDU.from_columns(coadd, name="COADD")]
    if result is not None:
        hdus.append(fits.BinTableHDU.from_columns(result, name="SPECOBJ"))
    fits.HDUList(hdus).writeto(path)
    return path


def read_one(path, reader):
    (spectrum,) = read_file(path, reader)
    return spectrum


def test_linear_vacuum_wavelengths_start_at_the_reference_pixel(tmp_path):
    spectrum = read_one(write_linear(tmp_path / "a.fits", CTYPE1="WAVE", CUNIT1="Angstrom", CRPIX1=3), "linear_1d")
    np.testing.assert_array_equal(spectrum.wavelength[:4], [4999.0, 4999.5, 5000.0, 5000.5])
    np.testing.assert_array_equal(spectrum.flux, FLUX)
    assert not spectrum.bad.any()
    assert spectrum.meta == {}


@pytest.mark.parametrize(
    ("unit", "start", "step"),
    [
        ("nm", 500, 0.05),
        ("NM", 500, 0.05),
        ("um", 0.5, 5e-5),
        ("m", 5e-7, 5e-11),
        ("Angstroms", 5000, 0.5),
        (None, 5000, 0.5),
    ],
)
def test_linear_units_become_angstrom(tmp_path, unit, start, step):
    path = write_linear(tmp_path / "a.fits", CTYPE1="WAVE", CUNIT1=unit, CRVAL1=start, CDELT1=step)
    np.testing.assert_allclose(read_one(path, "linear_1d").wavelength[[0, 1, 11]], [5000.0, 5000.5, 5005.5], rtol=1e-12)


def test_linear_unit_can_stand_in_iraf_attributes(tmp_path):
    attributes = "wtype=linear label=Wavelength units=nm"
    path = write_linear(tmp_path / "a.fits", VACUUM=True, CRVAL1=500.0, CDELT1=0.05, WAT1_001=attributes)
    np.testing.assert_allclose(read_one(path, "linear_1d").wavelength[0], 5000.0)


def test_linear_air_becomes_vacuum(tmp_path):
    # Morton (2000): 5000 angstrom in air are 5001.394 in vacuum.
    path = write_linear(tmp_path / "a.fits", CTYPE1="AWAV")
    assert read_one(path, "linear_1d").wavelength[0] == pytest.approx(5001.394, abs=2e-3)


def test_linear_without_a_medium_is_air(tmp_path):
    path = write_linear(tmp_path / "a.fits", CTYPE1="ANGSTROM", CDELT1=None, CD1_1=0.5)
    assert read_one(path, "linear_1d").wavelength[0] == pytest.approx(5001.394, abs=2e-3)


def test_linear_header_vacuum_wins_over_the_coordinate_type(tmp_path):
    path = write_linear(tmp_path / "a.fits", CTYPE1="AWAV", VACUUM=True)
    assert read_one(path, "linear_1d").wavelength[0] == 5000.0


def test_linear_falling_wavelengths_are_turned_round(tmp_path):
    path = write_linear(tmp_path / "a.fits", CTYPE1="WAVE", CDELT1=-0.5)
    spectrum = read_one(path, "linear_1d")
    np.testing.assert_array_equal(spectrum.wavelength[[0, 11]], [4994.5, 5000.0])
    np.testing.assert_array_equal(spectrum.flux, FLUX[::-1])


def test_linear_iraf_logarithm_is_base_ten(tmp_path):
    path = write_linear(tmp_path / "a.fits", VACUUM=True, CTYPE1="LINEAR", DC_FLAG=1, CRVAL1=3.7, CDELT1=0.01)
    np.testing.assert_allclose(read_one(path, "linear_1d").wavelength[[0, 10]], [5011.872336, 6309.573445], rtol=1e-9)


def test_linear_wave_log_is_the_standards_natural_logarithm(tmp_path):
    path = write_linear(tmp_path / "a.fits", CTYPE1="WAVE-LOG", CRVAL1=5000.0, CDELT1=500.0)
    np.testing.assert_allclose(read_one(path, "linear_1d").wavelength[10], 5000 * np.e, rtol=1e-12)


def test_linear_one_row_image_is_a_spectrum(tmp_path):
    assert read_one(write_linear(tmp_path / "a.fits", flux=FLUX[None]), "linear_1d").flux.shape == (12,)


@pytest.mark.parametrize("name", ["SIGMA", "ERR", "ERRS", "ERROR"])
def test_linear_errors_become_inverse_variances(tmp_path, name):
    sigma = np.full(12, 0.5)
    sigma[3] = 0
    path = write_linear(tmp_path / "a.fits", extensions=[(name, sigma)])
    ivar = read_one(path, "linear_1d").ivar
    np.testing.assert_array_equal(ivar, np.where(np.arange(12) == 3, 0.0, 4.0))


def test_linear_noise_comes_from_the_flux_where_no_errors_are(tmp_path):
    flux = np.random.default_rng(1).normal(100, 2, 5000)
    spectrum = read_one(write_linear(tmp_path / "a.fits", flux=flux), "linear_1d")
    np.testing.assert_allclose(1 / np.sqrt(spectrum.ivar), 2, rtol=0.15)


def test_linear_noise_follows_the_counts(tmp_path):
    rng = np.random.default_rng(2)
    flux = np.concatenate([rng.normal(10, 0.1, 4000), rng.normal(1000, 10, 4000)])
    sigma = 1 / np.sqrt(read_one(write_linear(tmp_path / "a.fits", flux=flux), "linear_1d").ivar)
    np.testing.assert_allclose(sigma[[100, -100]], [0.1, 10], rtol=0.15)


def test_linear_zeros_and_nan_are_bad(tmp_path):
    flux = np.r_[FLUX, 0.0, np.nan]
    spectrum = read_one(write_linear(tmp_path / "a.fits", flux=flux), "linear_1d")
    np.testing.assert_array_equal(np.flatnonzero(spectrum.bad), [12, 13])


def test_linear_meta(tmp_path):
    header = {"OBJECT": " HD  22879 ", "RA": 55.09, "DEC": -3.2, "SNR": 120.0, "SPEC_RES": 115000.0}
    meta = read_one(write_linear(tmp_path / "a.fits", **header), "linear_1d").meta
    assert meta == {"source_id": "HD 22879", "ra": 55.09, "dec": -3.2, "snr": 120.0, "resolution": 115000.0}


def test_linear_placeholders_name_no_star(tmp_path):
    meta = read_one(write_linear(tmp_path / "a.fits", OBJECT="STAR", RA="17:14:54.1"), "linear_1d").meta
    assert meta == {}


def test_lamost_dr1_wavelengths_come_from_the_header(tmp_path):
    continuum_subtracted = np.linspace(5, -5, 12)
    andmask = np.zeros(12)
    andmask[5] = 1
    header = {
        "EXTEN0": "Flux Inverse Subcontinuum Andmask Ormask", "DESIG": "LAMOST J063715.90+271356.5",
        "RA": 99.3, "DEC": 27.2, "CLASS": "STAR", "Z": -0.0001, "SN_G": 71.4,
    }  # fmt: skip
    rows = [FLUX, np.full(12, 4.0), continuum_subtracted, andmask, np.ones(12)]
    spectrum = read_one(write_lamost(tmp_path / "a.fits", rows, **header), "lamost_lrs")
    # 10**3.5682 and 10**3.5692
    np.testing.assert_allclose(spectrum.wavelength[[0, 10]], [3699.98563, 3708.51485], rtol=1e-7)
    np.testing.assert_array_equal(np.flatnonzero(spectrum.bad), [5])
    np.testing.assert_array_equal(spectrum.ivar, 4.0)
    assert spectrum.meta == {
        "source_id": "J063715.90+271356.5", "ra": 99.3, "dec": 27.2, "snr": 71.4, "rv": pytest.approx(-29.9792458),
    }  # fmt: skip


def test_lamost_dr6_header_and_wavelength_row_agree(tmp_path):
    wavelength = (10 ** (3.5682 + 1e-4 * np.arange(12))).astype(np.float32)
    rows = [FLUX, np.ones(12), wavelength, np.zeros(12), np.zeros(12)]
    spectrum = read_one(write_lamost(tmp_path / "a.fits", rows, SNRG=153.7, CLASS="GALAXY", Z=0.001), "lamost_lrs")
    np.testing.assert_allclose(spectrum.wavelength, 10 ** (3.5682 + 1e-4 * np.arange(12)), rtol=1e-14)
    assert spectrum.meta == {"snr": 153.7}


@pytest.mark.parametrize("row", [4000 + 2.0 * np.arange(12), np.log10(4000 + 2.0 * np.arange(12))])
def test_lamost_wavelength_row_serves_where_the_header_has_none(tmp_path, row):
    rows = [FLUX, np.ones(12), row, np.zeros(12), np.zeros(12)]
    spectrum = read_one(write_lamost(tmp_path / "a.fits", rows, COEFF0=None, COEFF1=None), "lamost_lrs")
    np.testing.assert_allclose(spectrum.wavelength[[0, 11]], [4000.0, 4022.0], atol=0.01)


def test_lamost_in_air_becomes_vacuum(tmp_path):
    rows = [FLUX, np.ones(12), 5000 + 2.0 * np.arange(12), np.zeros(12), np.zeros(12)]
    spectrum = read_one(write_lamost(tmp_path / "a.fits", rows, COEFF0=None, VACUUM=False), "lamost_lrs")
    assert spectrum.wavelength[0] == pytest.approx(5001.394, abs=2e-3)


def test_lamost_failed_redshift_is_no_velocity(tmp_path):
    rows = [FLUX, np.ones(12), FLUX, np.zeros(12), np.zeros(12)]
    spectrum = read_one(write_lamost(tmp_path / "a.fits", rows, CLASS="STAR", Z=-9999.0, SNRG=-9999.0), "lamost_lrs")
    assert spectrum.meta == {}


def test_lamost_other_shapes_are_named(tmp_path):
    with pytest.raises(ReadError, match=r"a\.fits: expected 5 rows \(flux, ivar, .*, found shape \(3, 12\)"):
        read_file(write_lamost(tmp_path / "a.fits", np.ones((3, 12))), "lamost_lrs")


def test_sdss_spectrum_and_star(tmp_path):
    mask = np.zeros(12, np.int64)
    mask[[1, 2, 3, 4]] = [1 << 23, 1 << 19, 1 << 18, (1 << 16) + (1 << 27)]
    result = [
        fits.Column("BESTOBJID", "19A", array=["1237648721216405598"]), fits.Column("PLUG_RA", "D", array=[147.32107]),
        fits.Column("PLUG_DEC", "D", array=[-0.00657]), fits.Column("CLASS", "6A", array=["STAR"]),
        fits.Column("Z", "E", array=[0.001]), fits.Column("SN_MEDIAN_ALL", "E", array=[7.25]),
    ]  # fmt: skip
    path = write_sdss(tmp_path / "a.fits", result, and_mask=mask)
    spectrum = read_one(path, "sdss_spec")
    np.testing.assert_allclose(spectrum.wavelength[[0, 10]], [10**3.5785, 10**3.5795], rtol=1e-6)
    # The uniform grid that float32 rounded.
    np.testing.assert_allclose(np.diff(np.log10(spectrum.wavelength)), 1e-4, rtol=1e-3)
    assert np.ptp(np.diff(np.log10(spectrum.wavelength))) < 1e-13
    # BRIGHTSKY and FULLREJECT are unusable; PARTIALREJECT, NEARBADPIXEL and BADSKYCHI are warnings.
    np.testing.assert_array_equal(np.flatnonzero(spectrum.bad), [1, 3])
    assert spectrum.meta.pop("rv") == pytest.approx(LIGHT_SPEED / 1000)
    assert spectrum.meta == {"source_id": "1237648721216405598", "ra": 147.32107, "dec": -0.00657, "snr": 7.25}


def test_sdss_star_without_a_photometric_object_is_named_by_its_position(tmp_path):
    result = [
        fits.Column("BESTOBJID", "19A", array=[""]), fits.Column("PLUG_RA", "D", array=[7.25]),
        fits.Column("PLUG_DEC", "D", array=[-0.5]), fits.Column("CLASS", "6A", array=["QSO"]),
        fits.Column("Z", "E", array=[0.001]),
    ]  # fmt: skip
    spectrum = read_one(write_sdss(tmp_path / "a.fits", result), "sdss_spec")
    assert spectrum.meta == {"source_id": "J007.2500-00.5000", "ra": 7.25, "dec": -0.5}
    np.testing.assert_allclose(spectrum.wavelength[0], 10**3.5785, rtol=1e-6)


def test_sdss_missing_columns_are_named(tmp_path):
    path = tmp_path / "a.fits"
    column = fits.Column("flux", "E", array=FLUX)
    fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU.from_columns([column])]).writeto(path)
    with pytest.raises(ReadError, match=r"a\.fits: expected columns .*, found no loglam, ivar, and_mask"):
        read_file(path, "sdss_spec")


def test_unknown_unit_names_the_accepted_ones(tmp_path):
    with pytest.raises(ReadError, match=r"a\.fits: expected CUNIT1 to be one of angstrom, .*nm.*, found 'furlong'"):
        read_file(write_linear(tmp_path / "a.fits", CUNIT1="furlong"), "linear_1d")


@pytest.mark.parametrize(
    ("flux", "header", "reason"),
    [
        (np.full(50, np.nan), {}, r"found NaN or infinite flux in all 50 pixels"),
        (np.zeros(50), {}, r"found flux 0 in all 50 pixels that have a value"),
        (FLUX[:9], {}, r"expected at least 10 usable pixels, found 9 of 9"),
        (np.ones((4, 50)), {}, r"expected shape \(n,\) or \(1, n\) in the primary extension, found \(4, 50\)"),
        (FLUX, {"CRVAL1": None}, r"expected numbers CRVAL1 and CDELT1"),
        (FLUX, {"CDELT1": 0.0}, r"expected numbers CRVAL1 and CDELT1"),
        (FLUX, {"CTYPE1": "FREQ"}, r"expected wavelengths along the first axis, found CTYPE1 'FREQ'"),
        (FLUX, {"CTYPE1": "LOG-LAM"}, r"expected CRVAL1 to be log10 of a wavelength, as the header says, found 5000"),
        (FLUX, {"CRVAL1": -5000.0, "VACUUM": True}, r"expected wavelengths that are positive"),
        (FLUX, {"CRVAL1": 1e308, "CDELT1": 9e307, "VACUUM": True}, r"overflow|expected wavelengths that are positive"),
    ],
)
def test_unusable_spectra_are_read_errors(tmp_path, flux, header, reason):
    path = write_linear(tmp_path / "a.fits", flux=flux, **header)
    with pytest.raises(ReadError, match=rf"a\.fits: .*{reason}"):
        read_file(path, "linear_1d")


def test_errors_of_another_length_are_named(tmp_path):
    path = write_linear(tmp_path / "a.fits", extensions=[("SIGMA", np.ones(5))])
    with pytest.raises(ReadError, match="expected 12 values in SIGMA, as in the flux, found 5"):
        read_file(path, "linear_1d")


@pytest.mark.parametrize("reader", FITS_READERS)
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", r"found an empty file \(0 bytes\)"),
        (b"wavelength flux\n5000 1\n", r"which starts with 'SIMPLE', found 'wavelengt'"),
        (b"SIMPLE  = but then nothing of the kind", r"."),
        (b"\x1f\x8bno gzip at all", r"."),
        (None, r"found no such file"),
    ],
)
def test_files_that_are_not_fits_are_read_errors(tmp_path, reader, content, reason):
    path = tmp_path / "a.fits"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ReadError, match=rf"a\.fits: .*{reason}"):
        read_file(path, reader)


def test_truncated_file_says_how_much_is_missing(tmp_path):
    path = write_linear(tmp_path / "a.fits", flux=np.ones(2000), extensions=[("SIGMA", np.ones(2000))])
    whole = path.read_bytes()
    path.write_bytes(whole[:6000])
    with pytest.raises(ReadError, match=r"a\.fits: file is truncated: expected 11520 bytes, found 6000"):
        read_file(path, "linear_1d")


@pytest.mark.parametrize("length", [100, 2880, 2881, 11600, 14400, 20000])
def test_truncation_anywhere_is_a_read_error(tmp_path, length):
    flux = 1 + np.arange(2000) % 7
    path = write_linear(tmp_path / "a.fits", flux=flux, extensions=[("SIGMA", np.ones(2000))])
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(ReadError):
        read_file(path, "linear_1d")


def test_absurd_sizes_are_refused_before_memory_is_asked_for(tmp_path):
    path = write_linear(tmp_path / "a.fits")
    card = b"NAXIS1  =                   12"
    path.write_bytes(path.read_bytes().replace(card, b"NAXIS1  =         999999999999"))
    with pytest.raises(ReadError, match=r"a\.fits: "):
        read_file(path, "linear_1d")


def test_compressed_files_are_read(tmp_path):
    path = write_linear(tmp_path / "a.fits")
    packed = tmp_path / "a.fits.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    np.testing.assert_array_equal(read_one(packed, "linear_1d").flux, FLUX)


def test_unknown_reader_names_the_known_ones(tmp_path):
    known = "ambre, ferre, gaia_eso, intrigoss, lamost_lrs, linear_1d, mpia_nlte, phoenix_hires, sdss_spec"
    with pytest.raises(ValueError, match=f"reader 'fits' is not known, expected one of {known}"):
        read_file(tmp_path / "a.fits", "fits")


def test_read_errors_pass_between_processes():
    error = pickle.loads(pickle.dumps(ReadError("a.fits", "is\n broken")))
    assert (str(error), error.reason) == ("a.fits: is broken", "is broken")


def test_real_benchmark_stars_have_their_lines_where_vacuum_has_them(real_data):
    # Mg b1: 5183.604 in air, 5185.048 in vacuum; none of these stars moves by more than 1 km/s in its file.
    paths = sorted((real_data / "benchmark_stars").glob("*.fits"))
    for path in paths:
        spectrum = read_one(path, "linear_1d")
        near = np.abs(spectrum.wavelength - 5185.048) < 0.6
        core = spectrum.flux[near]
        assert core.argmin() / core.size == pytest.approx(0.5, abs=0.1), path.name
        assert np.median(spectrum.flux[near]) < np.median(spectrum.flux[np.abs(spectrum.wavelength - 5185) < 20])
        assert 50 < np.median(spectrum.flux[near] * np.sqrt(spectrum.ivar[near])) < 2000


def test_real_lamost_spectra_are_on_their_published_grid(real_data):
    old = read_one(real_data / "lamost_dr1" / "spec-55862-B6212_sp06-003.fits", "lamost_lrs")
    new = read_one(real_data / "lamost_mrs" / "spec-58397-EG014118N254444M01_sp03-031.fits", "lamost_lrs")
    assert (old.flux.size, new.flux.size) == (3904, 3909)
    np.testing.assert_array_equal(old.wavelength, new.wavelength[:3904])
    assert old.meta["rv"] == pytest.approx(-21.4, abs=0.005)
    assert (new.meta["source_id"], new.meta["snr"]) == ("J013730.44+252537.7", 153.72)


def test_real_sdss_and_boss_spectra_share_one_grid(real_data):
    sdss = read_one(real_data / "sdss" / "spec-0266-51602-0031.fits", "sdss_spec")
    boss = read_one(real_data / "sdss" / "spec-3586-55181-0500.fits", "sdss_spec")
    assert (sdss.flux.size, boss.flux.size) == (3842, 4625)
    assert (int(sdss.bad.sum()), int(boss.bad.sum())) == (219, 14)
    offset = np.log10(sdss.wavelength[0] / boss.wavelength[0]) * 1e4
    assert offset == pytest.approx(round(offset), abs=1e-3)
    assert boss.meta["rv"] == pytest.approx(-30.351, abs=0.001)
    assert (sdss.meta["source_id"], boss.meta["source_id"]) == ("1237648721216405598", "1237663784200306761")
