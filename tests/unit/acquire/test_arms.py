"""Arms: files that together are one spectrum, by their names and by what they hold."""

import numpy as np
import pytest
from astropy.io import fits

from spectrolabe.acquire.arms import read_arms
from spectrolabe.acquire.manifests import list_spectra, read_manifest, write_manifest
from spectrolabe.acquire.readers import ReadError
from spectrolabe.acquire.sharding import assign_shards, group_files, split_word
from spectrolabe.prepare.preparation import prepare_spectra

WORDS = ["HR10", "HR21"]
ARMS = [{"start": 5001, "stop": 5009, "step": 1}, {"start": 8001, "stop": 8009, "step": 2}]
STEPS = [{"resample": {"arms": ARMS, "medium": "vacuum", "method": "conserve"}}]


def write_arm(path, start, level, **header):
    """40 pixels of 0.25 angstrom in vacuum, of one flux and of errors of a tenth of it."""
    primary = fits.PrimaryHDU(np.full(40, level, np.float32))
    primary.header.update({"CRVAL1": start, "CDELT1": 0.25, "CTYPE1": "WAVE"} | header)
    sigma = fits.ImageHDU(np.full(40, level / 10, np.float32), name="SIGMA")
    path.parent.mkdir(exist_ok=True)
    fits.HDUList([primary, sigma]).writeto(path)


@pytest.fixture
def survey(tmp_path):
    """Two arms of a; one of b; c of two stars; d of arms that overlap; e with a broken arm; f of two broken ones."""
    folder = tmp_path / "s"
    write_arm(folder / "a_HR21.fits", 8000, 30.0, OBJECT="HD 1", SPEC_RES=16200.0, RA=2.0, DEC=1.0)
    write_arm(folder / "a_HR10.fits", 5000, 10.0, OBJECT="HD 1", SPEC_RES=19800.0, SNR=50.0)
    write_arm(folder / "b_HR21.fits", 8000, 30.0, OBJECT="HD 2")
    write_arm(folder / "c_HR10.fits", 5000, 10.0, OBJECT="HD 3")
    write_arm(folder / "c_HR21.fits", 8000, 30.0, OBJECT="HD 4")
    write_arm(folder / "d_HR10.fits", 5000, 10.0)
    write_arm(folder / "d_HR21.fits", 5005, 30.0)
    write_arm(folder / "e_HR10.fits", 5000, 10.0)
    write_arm(folder / "whole.fits", 5000, 10.0)
    for name in ("e_HR21", "f_HR10", "f_HR21"):
        (folder / f"{name}.fits").write_text("no FITS")
    return tmp_path


def paths_in(root):
    return list(group_files(sorted(f"s/{path.name}" for path in (root / "s").iterdir()), WORDS).values())


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("s/a_HR10.fits", ("s/a.fits", "HR10")),
        ("s/HR21-a.fits", ("s/a.fits", "HR21")),
        ("s/a.HR21.fits", ("s/a.fits", "HR21")),
        ("s/a_HR10_1.fits", ("s/a_1.fits", "HR10")),
        ("HR10/a.fits", ("HR10/a.fits", "")),
        ("s/a_HR100.fits", ("s/a_HR100.fits", "")),
        ("s/aHR10.fits", ("s/aHR10.fits", "")),
        ("s/HR10.fits", ("s/HR10.fits", "")),
        ("s/a_HR10_HR21.fits", ("s/a_HR10_HR21.fits", "")),
    ],
)
def test_a_word_goes_with_one_sign_beside_it(file, expected):
    assert split_word(file, WORDS) == expected


def test_files_of_one_name_are_one_spectrum_in_the_order_of_the_words():
    files = ["s/a_HR10.fits", "s/a_HR21.fits", "s/b_HR21.fits", "s/c.fits"]
    assert group_files(files, ["HR21", "HR10"]) == {
        "s/a.fits": "s/a_HR21.fits;s/a_HR10.fits", "s/b.fits": "s/b_HR21.fits", "s/c.fits": "s/c.fits",
    }  # fmt: skip
    assert group_files(files, []) == {file: file for file in files}


@pytest.mark.parametrize(
    "files", [["s/HR10_a.fits", "s/a_HR10.fits"], ["s/a.fits", "s/a_HR10.fits"], ["s/a_HR10.fits", "s/a.fits"]]
)
def test_two_files_for_one_place_are_a_fault(files):
    with pytest.raises(ValueError, match=f"expected one file for each word and spectrum, found {' and '.join(files)}"):
        group_files(files, WORDS)


def test_a_name_with_a_semicolon_is_a_fault():
    with pytest.raises(ValueError, match="expected names of files without ';', found a;b_HR10.fits"):
        group_files(["a;b_HR10.fits"], WORDS)


def test_an_arm_that_comes_later_moves_no_spectrum():
    files = [f"s/{number:03d}_{word}.fits" for number in range(100) for word in WORDS]
    both, one = (group_files(some, WORDS) for some in (files, files[::2]))
    assert assign_shards(list(both), 30) == assign_shards(list(one), 30)
    # 100 spectra of two files each in shards of 30 are 4 shards.
    assert list(assign_shards(list(both), 30)) == ["000", "001", "002", "003"]


def test_arms_ascend_and_share_what_is_known(survey):
    [spectrum], missing = read_arms("s/a_HR21.fits;s/a_HR10.fits", survey, "linear_1d", WORDS)
    assert missing == ""
    np.testing.assert_allclose(spectrum.wavelength[[0, 39, 40, 79]], [5000, 5009.75, 8000, 8009.75])
    np.testing.assert_allclose(spectrum.flux, np.repeat([10, 30], 40))
    np.testing.assert_allclose(spectrum.ivar, np.repeat([1, 1 / 9], 40), rtol=1e-6)
    assert spectrum.meta == {"source_id": "HD 1", "snr": 50.0, "resolution": 16200.0, "ra": 2.0, "dec": 1.0}


def test_the_first_arm_that_knows_a_number_counts(survey):
    write_arm(survey / "s" / "g_HR10.fits", 5000, 10.0, SNR=50.0)
    write_arm(survey / "s" / "g_HR21.fits", 8000, 30.0, SNR=70.0, RA=1.0)
    for path, snr in (("s/g_HR10.fits;s/g_HR21.fits", 50), ("s/g_HR21.fits;s/g_HR10.fits", 70)):
        assert read_arms(path, survey, "linear_1d", WORDS)[0][0].meta["snr"] == snr


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("c", "expected arms of one star, found 'HD 3' and 'HD 4'"),
        ("d", "expected arms that do not overlap, found one from 5005.0 and one to 5009.8 angstrom (vacuum)"),
        ("f", "HR10: expected a FITS file, which starts with 'SIMPLE', found 'no FITS'; HR21: expected a FITS file, "
         "which starts with 'SIMPLE', found 'no FITS'"),
    ],
)  # fmt: skip
def test_arms_that_cannot_be_joined_say_why(survey, name, reason):
    with pytest.raises(ReadError) as caught:
        read_arms(f"s/{name}_HR10.fits;s/{name}_HR21.fits", survey, "linear_1d", WORDS)
    assert caught.value.reason == reason


def test_a_manifest_has_a_row_per_spectrum(survey, tmp_path):
    paths = paths_in(survey)
    catalogue = {"file": "labels.csv", "key": "name"}
    (survey / "labels.csv").write_text("name,teff\na,5000\nb_HR21.fits,6000\ns/e_HR10.fits,7000\n")
    write_manifest(list_spectra(paths, survey, "s/*.fits", "linear_1d", catalogue, WORDS), tmp_path / "m.tsv")
    manifest = read_manifest(tmp_path / "m.tsv").set_index("spectrum_id")
    assert list(manifest.index) == ["a", "b", "c", "d", "e", "f", "whole"]
    assert manifest.loc["a", "path"] == "s/a_HR10.fits;s/a_HR21.fits"
    assert list(manifest["missing_arm"]) == ["", "HR10", "", "", "HR21", "", ""]
    assert list(manifest["source_id"]) == ["HD 1", "HD 2", "c", "d", "e", "f", "whole"]
    assert list(manifest["status"] == "") == [True, True, False, False, True, False, True]
    assert (
        manifest.loc["c", "status"] == "s/c_HR10.fits;s/c_HR21.fits: expected arms of one star, found 'HD 3' and 'HD 4'"
    )
    np.testing.assert_array_equal(manifest["teff"].iloc[[0, 1, 4]], [5000, 6000, 7000])


def test_a_missing_arm_is_without_information_and_no_spectrum_is_lost(survey):
    manifest = list_spectra(paths_in(survey), survey, "s/*.fits", "linear_1d", None, WORDS)
    (survey / "s" / "a_HR21.fits").unlink()
    spectra = prepare_spectra(manifest, survey, "linear_1d", STEPS, ARMS, "vacuum", None, 1, WORDS)
    assert list(spectra.table["spectrum_id"]) == ["a", "b", "c", "d", "e", "f", "whole"]
    assert list(spectra.table["missing_arm"]) == ["HR21", "HR10", "", "", "HR21", "", ""]
    assert list(spectra.table["status"] == "") == [True, True, False, False, True, False, True]
    assert spectra.table["status"][3].startswith("s/d_HR10.fits;s/d_HR21.fits: expected arms that do not overlap")
    # Eight pixels of the first arm, four of the second.
    np.testing.assert_allclose(spectra.flux[[0, 1, 5]], [[10] * 8 + [0] * 4, [0] * 8 + [30] * 4, [0] * 12])
    np.testing.assert_array_equal(spectra.ivar[[0, 1, 5]] > 0, spectra.flux[[0, 1, 5]] > 0)


def test_nothing_leaks_over_the_gap(survey):
    # The last pixel of one arm and the first of the other are 3000 angstrom apart and keep their own flux.
    arms = [{"start": 5000, "stop": 5012, "step": 1}, {"start": 7997, "stop": 8009, "step": 1}]
    steps = [{"resample": {"arms": arms, "medium": "vacuum", "method": "conserve"}}]
    manifest = list_spectra(["s/a_HR10.fits;s/a_HR21.fits"], survey, "s/*.fits", "linear_1d", None, WORDS)
    spectra = prepare_spectra(manifest, survey, "linear_1d", steps, arms, "vacuum", None, 1, WORDS)
    np.testing.assert_allclose(spectra.flux[0], [10.0] * 10 + [0] * 5 + [30] * 9, rtol=1e-6)


@pytest.mark.parametrize("path", ["../a.fits", "/a.fits", "s/../../a.fits", "s/a_HR10.fits;../a_HR21.fits"])
@pytest.mark.parametrize("words", [(), WORDS])
def test_paths_that_leave_the_data_folder_are_refused(survey, path, words):
    with pytest.raises(ReadError, match="expected a path that stays in the folder of the data"):
        read_arms(path, survey, "linear_1d", words)
