"""Published synthetic spectra, written line by line and card by card as their authors write them, and damaged ones."""

import gzip
import re

import numpy as np
import pytest
from astropy.io import fits
from published_files import (
    FERRE,
    LABELS,
    write_ambre,
    write_ferre,
    write_intrigoss,
    write_mpia,
    write_phoenix,
    write_wave,
)

from spectrolabe.acquire.readers import ReadError, iterate_file, read_file
from spectrolabe.spectra.wavelength import vacuum_to_air

WAVELENGTH = 5000 + 0.01 * np.arange(20)
FLUX = 1e6 * (1 + 0.1 * (np.arange(20) % 7))
WAVE = "WAVE_PHOENIX-ACES-AGSS-COND-2011.fits"
AMBRE_NAME = "p5000_g+4.5_m0.0_t02_z-0.50_a+0.20.AMBRE"


def read_one(path, reader):
    (spectrum,) = read_file(path, reader)
    return spectrum


def test_phoenix_wavelengths_are_in_a_file_of_their_own_in_vacuum(tmp_path):
    write_wave(tmp_path / WAVE, WAVELENGTH)
    folder = tmp_path / "PHOENIX-ACES-AGSS-COND-2011" / "Z-0.5.Alpha=+0.20"
    path = write_phoenix(folder / "lte05000-4.50-0.5.Alpha=+0.20.PHOENIX-ACES-AGSS-COND-2011-HiRes.fits", 1e9 * FLUX)
    spectrum = read_one(path, "phoenix_hires")
    np.testing.assert_array_equal(spectrum.wavelength, WAVELENGTH)
    np.testing.assert_allclose(spectrum.flux, 1e9 * FLUX, rtol=1e-7)
    assert spectrum.meta == LABELS
    assert not spectrum.bad.any()


def test_synthetic_flux_has_no_noise_whatever_its_unit(tmp_path):
    write_wave(tmp_path / WAVE, WAVELENGTH)
    spectrum = read_one(write_phoenix(tmp_path / "lte.fits", 1e9 * FLUX), "phoenix_hires")
    # 1e12 where the continuum is 1; the median flux, 1.3e15, stands for the continuum.
    np.testing.assert_allclose(spectrum.ivar, 1e12 / 1.3e15**2, rtol=1e-6)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda folder: (folder / WAVE).unlink(), rf"expected {WAVE} beside it or up to 3 folders above, found none"),
        (lambda folder: write_wave(folder / WAVE, WAVELENGTH[:19]), rf"expected 19 pixels, as in {WAVE}, found 20"),
        (lambda folder: write_phoenix(folder / "lte.fits", FLUX, PHXM_H=None), "in the header, found no PHXM_H"),
        (lambda folder: write_phoenix(folder / "lte.fits", FLUX, PHXTEFF="-"), "in the header, found no PHXTEFF"),
        (lambda folder: write_phoenix(folder / "lte.fits", np.full(20, np.nan)), "found NaN or infinite flux"),
        (lambda folder: write_phoenix(folder / "lte.fits", np.ones((4, 5))), r"found shape \(4, 5\)"),
    ],
)  # fmt: skip
def test_damaged_phoenix_files_end_in_one_sentence(tmp_path, spoil, reason):
    write_wave(tmp_path / WAVE, WAVELENGTH)
    path = write_phoenix(tmp_path / "lte.fits", FLUX)
    spoil(tmp_path)
    with pytest.raises(ReadError, match=rf"lte\.fits: .*{reason}"):
        read_file(path, "phoenix_hires")


def test_a_damaged_phoenix_wave_file_is_the_one_that_is_named(tmp_path):
    (tmp_path / WAVE).write_bytes(b"")
    with pytest.raises(ReadError, match=rf"{WAVE}: expected a FITS file, found an empty file"):
        read_file(write_phoenix(tmp_path / "lte.fits", FLUX), "phoenix_hires")


def test_intrigoss_table_is_in_air(tmp_path):
    spectrum = read_one(write_intrigoss(tmp_path / "a.fits", WAVELENGTH, FLUX), "intrigoss")
    np.testing.assert_allclose(vacuum_to_air(spectrum.wavelength), WAVELENGTH, rtol=1e-12)
    assert spectrum.wavelength[0] == pytest.approx(5001.394, abs=2e-3)
    np.testing.assert_array_equal(spectrum.flux, FLUX)
    assert spectrum.meta == LABELS


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"names": ("wavelength", "flux")}, "expected columns wavelength, surface_flux, found wavelength, flux"),
        ({"LOG_G": None}, "expected numbers TEFF, LOG_G, FEH, ALPHA, VT in the header, found no LOG_G"),
    ],
)
def test_other_intrigoss_tables_end_in_one_sentence(tmp_path, options, reason):
    path = write_intrigoss(tmp_path / "a.fits", WAVELENGTH, FLUX, **options)
    with pytest.raises(ReadError, match=rf"a\.fits: {reason}"):
        read_file(path, "intrigoss")


def test_intrigoss_without_a_table_ends_in_one_sentence(tmp_path):
    fits.PrimaryHDU(FLUX).writeto(tmp_path / "a.fits")
    with pytest.raises(ReadError, match=r"a\.fits: expected a binary table in extension 1, found none"):
        read_file(tmp_path / "a.fits", "intrigoss")


@pytest.mark.parametrize("reader", ["phoenix_hires", "intrigoss"])
def test_truncated_fits_files_are_read_errors(tmp_path, reader):
    write_wave(tmp_path / WAVE, 5000 + 0.01 * np.arange(5000))
    flux = 1 + np.arange(5000.0) % 7
    whole = {
        "phoenix_hires": lambda: write_phoenix(tmp_path / "a.fits", flux),
        "intrigoss": lambda: write_intrigoss(tmp_path / "a.fits", 5000 + 0.01 * np.arange(5000), flux),
    }[reader]()
    whole.write_bytes(whole.read_bytes()[:20000])
    with pytest.raises(ReadError, match=r"a\.fits: file is truncated"):
        read_file(whole, reader)


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        (AMBRE_NAME, (5000, 4.5, -0.5, 0.2, 2)),
        ("s4000_g-0.5_m1.0_t05_z+0.25_a-0.40.AMBRE_Extended", (4000, -0.5, 0.25, -0.4, 5)),
        ("p5000_g+3.0_m0.0_t01_st_z+0.00_a+0.00_c+0.00.AMBRE", (5000, 3, 0, 0, 1)),
        ("M_s3200g0.0z-1.00t2.0_a0.40c0.00n0.00o0.40r0.00s0.00_VIS.spec", (3200, 0, -1, 0.4, 2)),
    ],
)
def test_ambre_labels_are_in_the_file_name(tmp_path, name, labels):
    spectrum = read_one(write_ambre(tmp_path / name, WAVELENGTH, FLUX), "ambre")
    assert spectrum.meta == dict(zip(("teff", "logg", "feh", "alpha_fe", "vmic"), labels, strict=True))


def test_ambre_flux_is_the_larger_column_in_air(tmp_path):
    path = write_ambre(tmp_path / AMBRE_NAME, WAVELENGTH, FLUX)
    swapped = tmp_path / "p5000_g+4.5_m0.0_t01_z-0.50_a+0.20.AMBRE"
    np.savetxt(swapped, np.loadtxt(path)[:, [0, 2, 1]])
    for file in (path, swapped):
        spectrum = read_one(file, "ambre")
        np.testing.assert_allclose(spectrum.flux, FLUX, rtol=1e-5)
        np.testing.assert_allclose(vacuum_to_air(spectrum.wavelength), WAVELENGTH, rtol=1e-12)


def test_compressed_text_is_read(tmp_path):
    path = write_ambre(tmp_path / AMBRE_NAME, WAVELENGTH, FLUX)
    packed = tmp_path / f"{AMBRE_NAME}.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    np.testing.assert_array_equal(read_one(packed, "ambre").flux, read_one(path, "ambre").flux)
    packed.write_bytes(packed.read_bytes()[:-30])
    with pytest.raises(ReadError, match=r"AMBRE\.gz: file is truncated or damaged"):
        read_file(packed, "ambre")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("spectrum.AMBRE", b"5000 1 1e6\n", r"expected labels in the file's name, as in p4500_\S+, found none"),
        (AMBRE_NAME, b"", r"found an empty file \(0 bytes\)"),
        (AMBRE_NAME, None, "found no such file"),
        (AMBRE_NAME, b"# nothing\n", "expected 2 columns of numbers, found no line of them"),
        (AMBRE_NAME, b"5000\n5001\n", "expected 2 columns of numbers, found 1"),
        (
            AMBRE_NAME,
            b"5000.00 1.0 1e6\n5000.01 1.0 1e6\n5000.02 0.9",
            "expected 3 numbers in every line, found '5000.02 0.9'",
        ),
        (AMBRE_NAME, b"5000.00 1 1e6\n5000.01 ** 1e6\n", r"in every line, found '5000\.01 \*\* 1e6'"),
        (AMBRE_NAME, b"\x00\xff\xfe rubbish", "expected 2 numbers in every line, found"),
        (AMBRE_NAME, b"5000.00 1.0 nan\n5000.01 1.0 nan\n", "found NaN or infinite flux in all 2 pixels"),
    ],
)
def test_damaged_ambre_files_end_in_one_sentence(tmp_path, name, content, reason):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ReadError, match=rf"{re.escape(name)}: .*{reason}"):
        read_file(tmp_path / name, "ambre")


def test_mpia_parameters_are_in_the_comments_and_wavelengths_in_air(tmp_path):
    spectrum = read_one(write_mpia(tmp_path / "spectrum.txt", WAVELENGTH, FLUX), "mpia_nlte")
    np.testing.assert_allclose(vacuum_to_air(spectrum.wavelength), WAVELENGTH, rtol=1e-12)
    np.testing.assert_allclose(spectrum.flux, FLUX)
    assert spectrum.meta == pytest.approx(LABELS)


def test_mpia_wavelengths_that_its_digits_make_equal_are_kept_once(tmp_path):
    # To three digits, 5000.0000 and 5000.0004 are one; so are 5000.0010 and 5000.0014, and so on.
    wavelength = (5000 + 0.001 * np.arange(20)[:, None] + [0.0, 0.0004]).ravel()
    flux = np.arange(1.0, 41)
    spectrum = read_one(write_mpia(tmp_path / "a.txt", wavelength, flux), "mpia_nlte")
    np.testing.assert_array_equal(spectrum.flux, flux[::2])


def test_mpia_alpha_elements_are_unknown_where_none_was_changed(tmp_path):
    spectrum = read_one(write_mpia(tmp_path / "a.txt", WAVELENGTH, FLUX, abundances=False), "mpia_nlte")
    assert "alpha_fe" not in spectrum.meta


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ([5000.0, 4.5, -0.5], "expected a comment line with Teff, log g, .* as numbers, found 10 comment lines"),
        ([5000.0, 4.5, -0.5, 1.5, 3.0, 0.0], "expected macroturbulence and v sin i 0, found 3 and 0 km/s"),
    ],
)
def test_other_mpia_comments_end_in_one_sentence(tmp_path, parameters, reason):
    path = write_mpia(tmp_path / "a.txt", WAVELENGTH, FLUX, parameters=parameters)
    with pytest.raises(ReadError, match=rf"a\.txt: {reason}"):
        read_file(path, "mpia_nlte")


def test_ferre_last_label_varies_fastest(tmp_path):
    spectra = read_file(write_ferre(tmp_path / "f_nsc1.dat"), "ferre")
    assert len(spectra) == 12
    nodes = [[spectrum.meta[name] for name in ("feh", "logg", "teff")] for spectrum in spectra]
    assert nodes[:4] == [[-1, 4, 4000], [-1, 4, 4500], [-1, 4, 5000], [-1, 5, 4000]]
    assert nodes[11] == [-0.5, 5, 5000]
    np.testing.assert_array_equal(spectra[3].flux, 4000 + np.arange(12))
    assert spectra[0].meta["resolution"] == 100000
    # log10 of the wavelength in air.
    np.testing.assert_allclose(vacuum_to_air(spectra[0].wavelength)[[0, 10]], [10**3.7, 10**3.7001], rtol=1e-12)


def test_ferre_header_may_be_written_in_other_ways(tmp_path):
    header = (
        FERRE.replace("LABEL(1) = 'METALS'", "LABEL = '[Fe/H]' 'LOGG'\n 'TEFF'")
        .replace(" LABEL(2) = 'LOGG'\n LABEL(3) = 'TEFF'\n", "")
        .replace("N_P = 2 2 3", "n_p= 2, 2,\n 3, 12*0")
        .replace("STEPS = 0.5 1.0 500.0", "STEPS = 5.0D-01, 1.0D+00, 5.0D+02")
        .replace("WAVE = 3.7 1.0E-5\n LOGW = 1", "WAVE = 5000. 0.1\n LOGW = 0\n VACUUM = 1")
    )
    spectra = read_file(write_ferre(tmp_path / "f.dat", header), "ferre")
    assert spectra[4].meta == {"feh": -1.0, "logg": 5.0, "teff": 4500.0, "resolution": 100000.0}
    np.testing.assert_allclose(spectra[0].wavelength, 5000 + 0.1 * np.arange(12))


def test_ferre_dimensions_in_logarithms_and_alpha_elements(tmp_path):
    changes = {
        "'METALS'": "'O Mg Si S Ca Ti'",
        "'LOGG'": "'LOG10VDOP'",
        "N_OF_DIM = 3": "N_OF_DIM = 5",
        "N_P = 2 2 3": "N_P = 2 2 3 1 1",
        "4.0 4000.0": "0 4000.0 4.5 -2",
        "500.0": "500.0 1 1\n LABEL(4) = 'LOGG'\n LABEL(5) = 'METALS'",
    }
    header = FERRE
    for old, new in changes.items():
        header = header.replace(old, new)
    spectrum = read_file(write_ferre(tmp_path / "f.dat", header), "ferre")[3]
    labels = {"alpha_fe": -1.0, "vmic": 10.0, "teff": 4000.0, "logg": 4.5, "feh": -2.0}
    assert spectrum.meta == labels | {"resolution": 100000.0}


def test_ferre_pieces_of_several_headers_stand_side_by_side(tmp_path):
    first = FERRE.replace("NPIX = 12", "NPIX = 5").replace("WAVE = 3.7 1.0E-5\n LOGW = 1", "WAVE = 5000 0.1\n LOGW = 0")
    second = FERRE.replace("NPIX = 12", "NPIX = 7").replace(
        "WAVE = 3.7 1.0E-5\n LOGW = 1", "WAVE = 6000 0.2\n LOGW = 0"
    )
    header = FERRE.replace(" ID =", " MULTI = 2\n ID =") + first + second
    spectrum = read_file(write_ferre(tmp_path / "f.dat", header), "ferre")[0]
    expected = np.r_[5000 + 0.1 * np.arange(5), 6000 + 0.2 * np.arange(7)]
    np.testing.assert_allclose(vacuum_to_air(spectrum.wavelength), expected, rtol=1e-12)


def test_ferre_spectra_that_were_not_computed_are_passed_over(tmp_path):
    spectra = [np.full(12, -9.0) if number == 2 else np.full(12, float(number)) for number in range(1, 13)]
    path = write_ferre(tmp_path / "f.dat", FERRE.replace(" ID =", " INVALID_CODE = -9\n ID ="), spectra)
    taken = read_file(path, "ferre")
    assert [spectrum.flux[0] for spectrum in taken] == [1, *range(3, 13)]
    assert taken[1].meta["teff"] == 5000


def test_ferre_spectra_come_one_by_one(tmp_path):
    lines = [" ".join(["1.0"] * 12) + "\n" for _ in range(3)]
    path = tmp_path / "f.dat"
    path.write_text(FERRE + "".join(lines))
    stream = iterate_file(path, "ferre")
    assert [next(stream).meta["teff"] for _ in range(3)] == [4000, 4500, 5000]
    with pytest.raises(ReadError, match=r"f\.dat: file is truncated: expected 12 spectra, one a line, found 3"):
        next(stream)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda text: "rubbish\n" + text, r"expected a FERRE grid, which starts with '&SYNTH', found 'rubbish'"),
        (lambda text: text[:200], "file is truncated: expected a line '/' that ends the header, found none"),
        (lambda text: text[:-60], r"expected 12 numbers in spectrum 12 of 12, found 8"),
        (lambda text: text.replace("5.00000E+03", "******", 1), "expected 12 numbers in spectrum 5 of 12, found 0"),
        (lambda text: text + "1 2 3\n", "expected 12 spectra, one a line, as N_P says, found more"),
        (lambda text: text.replace("'LOGG'", "'C'"), r"expected LABEL\(2\) to be one of TEFF, LOGG, .*, found 'C'"),
        (lambda text: text.replace("'LOGG'", "'MICRO'"), "expected the labels teff, logg, feh, found no logg"),
        (lambda text: text.replace("STEPS =", "STEP ="), "expected STEPS to be 3 numbers in the header, found ''"),
        (lambda text: text.replace("NPIX = 12", "NPIX = x"), "expected NPIX to be a number in the header, found 'x'"),
        (lambda text: text.replace("LOGW = 1", "LOGW = 7"), "expected LOGW 0, 1 or 2 and NPIX 2 to 5000000, found 7"),
        (lambda text: text.replace("LOGW", "TRANSPOSED = 1\n LOGW"), r"a grid of plain spectra \(TRANSPOSED 0\)"),
        (lambda text: text.replace("LOGW", "NPCA = 30 30\n LOGW"), r"expected a grid of plain spectra \(NPCA 0\)"),
        (lambda text: "", r"found an empty file \(0 bytes\)"),
    ],
)  # fmt: skip
def test_damaged_ferre_files_end_in_one_sentence(tmp_path, change, reason):
    path = write_ferre(tmp_path / "f.dat")
    path.write_text(change(path.read_text()))
    with pytest.raises(ReadError, match=rf"f\.dat: .*{reason}"):
        read_file(path, "ferre")
