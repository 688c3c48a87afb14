"""The check before a run names what was planted: wrong units, media, errors, labels, copies, broken files."""

import numpy as np
import pandas as pd
import pytest
from astropy.io import fits

from spectrolabe.acquire.survey_checks import Survey, check_survey, sample_files

ARMS = [{"start": 5150.0, "stop": 5190.0, "step": 0.1, "scale": "linear", "resolution": 20000}]
STEPS = [{"rest_frame": {}}, {"resample": {"arms": ARMS, "medium": "air", "method": "conserve"}}]
BROADEN = [{"broaden": {"arms": ARMS}}]
EXPECTED = {
    "sets": ["labelled"], "labels": ["teff"], "taught": False, "ranges": {}, "snr": [None, None], "shift": None,
    "min_snr": 10, "max_bad_share": 0.2,
}  # fmt: skip
TAUGHT = EXPECTED | {
    "sets": [], "labels": [], "taught": True, "ranges": {"teff": [4000, 7000]}, "snr": [30, 150], "shift": 3.0,
}  # fmt: skip


def write(path, seed, *, sigma=10.0, factor=1.0, **cards):
    """Write 50 angstrom of a flat spectrum of 1000 counts, S/N 100, from 5145 angstrom in air."""
    header = fits.Header({"CRVAL1": 5145.0 * factor, "CDELT1": 0.05 * factor, "CTYPE1": "AWAV", "SPEC_RES": 47000})
    header.update(cards)
    flux = 1000 + 10 * np.random.default_rng(seed).normal(size=1000)
    primary = fits.PrimaryHDU(flux.astype(np.float32), header)
    path.parent.mkdir(exist_ok=True, parents=True)
    fits.HDUList([primary, fits.ImageHDU(np.full(1000, sigma, np.float32), name="SIGMA")]).writeto(path)


def write_labels(root, text="filename,teff,rv\na,5000,10\nb,6000,-5\nc,5500,0\n"):
    (root / "s" / "labels.csv").write_text(text)
    return {"file": "s/labels.csv", "key": "filename"}


@pytest.fixture
def root(tmp_path):
    for seed, name in enumerate("abc"):
        write(tmp_path / "s" / f"{name}.fits", seed)
    return tmp_path


def check(root, *, expected=EXPECTED, steps=STEPS, arms=ARMS, catalogue=None, spectra=100, **options):
    files = sorted(str(path.relative_to(root)) for path in (root / "s").rglob("*.fits"))
    survey = Survey(files, root, "s/**/*.fits", "linear_1d", steps, catalogue, **options)
    table = check_survey(survey, arms=arms, medium="air", expected=expected, spectra=spectra, seed=1)
    assert not table.isna().any().any()
    return table


def verdict(table, what):
    rows = table[table["what"] == what]
    assert len(rows) == 1, table
    return rows["verdict"].iloc[0], rows["found"].iloc[0]


def test_a_sound_survey_has_neither_errors_nor_warnings(root):
    table = check(root, catalogue=write_labels(root))
    assert set(table["verdict"]) == {"ok"}, table
    assert verdict(table, "air or vacuum")[1] == "air (by CTYPE1 AWAV) in 3"
    assert verdict(table, "label teff")[1] == "known in 3 of 3, 5000 to 6000 K"
    # 5145 and 5194.95 angstrom in air are 1.43 and 1.45 longer in vacuum.
    assert verdict(table, "wavelengths")[1] == "5146.4-5196.4 angstrom (vacuum)"
    assert verdict(table, "velocity")[1] == "rv -5 to 10 km/s"


def test_a_medium_that_no_header_names(root):
    write(root / "s" / "d.fits", 4, CTYPE1="LINEAR")
    found = "air (by CTYPE1 AWAV) in 3; air (assumed: the header does not say) in 1"
    assert verdict(check(root), "air or vacuum") == ("warning", found)


def test_nanometres_without_their_unit(tmp_path):
    write(tmp_path / "s" / "a.fits", 1, factor=0.1)
    kind, found = verdict(check(tmp_path), "wavelengths")
    assert kind == "error"
    assert found.endswith("1 of 1 (s/a.fits) cover nothing of it, and would if their unit were nm")


def test_one_file_in_another_unit_and_one_of_another_window(root):
    write(root / "s" / "d.fits", 4, CRVAL1=7000.0)
    assert verdict(check(root), "wavelengths")[0] == "warning"
    (root / "s" / "d.fits").unlink()
    write(root / "s" / "d.fits", 4, factor=0.1)
    kind, found = verdict(check(root), "wavelengths")
    assert kind == "error"
    assert found.endswith("1 of 4 (s/d.fits) cover nothing of it, and would if their unit were nm")


def test_half_of_an_arm_is_named(root):
    write(root / "s" / "d.fits", 4, CRVAL1=5170.0)
    kind, found = verdict(check(root), "wavelengths")
    assert (kind, found.split("; ")[1]) == ("warning", "1 of 4 (s/d.fits) cover less than 95% of an arm")


def test_pixels_coarser_than_the_recipes(root):
    arms = [ARMS[0] | {"step": 0.02}]
    steps = [{"resample": {"arms": arms, "medium": "air", "method": "conserve"}}]
    assert verdict(check(root, arms=arms, steps=steps), "sampling") == ("warning", "0.05 to 0.05 angstrom a pixel")


@pytest.mark.parametrize(("sigma", "kind"), [(10.0, "ok"), (0.01, "error"), (1.0, "warning")])
def test_an_inverse_variance_given_as_sigma(tmp_path, sigma, kind):
    # Noise of 10: an inverse variance of 0.01. A sigma of 1 is wrong in neither way that can be guessed.
    write(tmp_path / "s" / "a.fits", 1, sigma=sigma)
    found = verdict(check(tmp_path), "errors")
    assert found[0] == kind
    assert found[1].endswith("and an ivar would fit them") == (kind == "error")


def test_files_without_errors(root):
    path = root / "s" / "d.fits"
    fits.PrimaryHDU(fits.getdata(root / "s" / "a.fits"), fits.getheader(root / "s" / "a.fits")).writeto(path)
    kind, found = verdict(check(root), "errors")
    assert kind == "warning"
    assert "none (the scatter of neighbouring pixels) in 1" in found


def test_a_copied_file_and_a_name_in_two_folders(root):
    (root / "s" / "copy.fits").write_bytes((root / "s" / "a.fits").read_bytes())
    write(root / "s" / "night" / "b.fits", 7)
    assert verdict(check(root), "duplicates") == (
        "warning", "1 file the same as another (s/a.fits = s/copy.fits); 5 files compared",
    )  # fmt: skip
    found = verdict(check(root, catalogue=write_labels(root)), "duplicates")[1]
    assert "1 name in several folders (b)" in found


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("filename,logg\na,4\nb,4\nc,4\n", "error", "no such column; numbers there are: snr, rv, resolution, logg"),
        ("filename,teff\na,5000\nb,-9999\nc,5500\n", "error", "known in 3 of 3, -9999 to 5500 K; 1 of no star (-9999)"),
        ("filename,teff,logg\na,,1\nb,5100,1\nc,,1\n", "warning", "known in 1 of 3, 5100 to 5100 K"),
        ("filename,teff,logg\na,5000,1\nb,5100,1\nc,,1\n", "ok", "known in 2 of 3, 5000 to 5100 K"),
    ],
)
def test_labels_that_a_set_needs(root, text, kind, found):
    assert verdict(check(root, catalogue=write_labels(root, text)), "label teff") == (kind, found)


def test_a_catalogue_of_other_stars_and_one_that_cannot_be_read(root):
    other = write_labels(root, "filename,teff\nx,5000\n")
    assert verdict(check(root, catalogue=other), "catalogue") == ("error", "rows for 0 of 3 spectra")
    some = write_labels(root, "filename,teff\na,5000\n")
    assert verdict(check(root, catalogue=some), "catalogue") == ("warning", "rows for 1 of 3 spectra")
    kind, found = verdict(check(root, catalogue=some | {"key": "name"}), "catalogue")
    assert kind == "error"
    assert "expected a column 'name', found filename, teff" in found


def test_files_that_cannot_be_read_are_named(root):
    (root / "s" / "empty.fits").touch()
    assert verdict(check(root), "unreadable file") == (
        "warning", "s/empty.fits: expected a FITS file, found an empty file (0 bytes)",
    )  # fmt: skip


def test_a_folder_of_unreadable_files(tmp_path):
    (tmp_path / "s").mkdir()
    for number in range(12):
        (tmp_path / "s" / f"{number}.fits").touch()
    table = check(tmp_path)
    assert verdict(table, "readable files") == ("error", "none of the sample")
    assert (table["what"] == "unreadable file").sum() == 11
    assert table["found"].iloc[11] == "2 more"


@pytest.mark.parametrize(
    ("power", "steps", "kind"),
    [
        (47000, [*BROADEN, *STEPS], "ok"),
        (19000, [*BROADEN, *STEPS], "warning"),
        (15000, [*BROADEN, *STEPS], "error"),
        (47000, STEPS, "warning"),
        (20000, STEPS, "ok"),
        (None, [*BROADEN, *STEPS], "warning"),
    ],
)
def test_resolution_beside_the_recipes(tmp_path, power, steps, kind):
    write(tmp_path / "s" / "a.fits", 1, SPEC_RES=power)
    assert verdict(check(tmp_path, expected=TAUGHT, steps=steps), "resolution")[0] == kind
    # Networks that learn from the survey see it as it is.
    assert verdict(check(tmp_path, steps=steps), "resolution")[0] == "ok"


@pytest.mark.parametrize(
    ("own", "power", "kind"),
    [
        ([9000], 10000, "ok"),
        ([9000], 8500, "warning"),
        ([9000], 8000, "error"),
        ([9000, None], 10000, "ok"),
        ([30000, None], 21000, "ok"),
        ([30000], 21000, "error"),
    ],
)
def test_resolution_beside_that_of_the_step_broaden(tmp_path, own, power, kind):
    # The arms' is 20 000, which a step without a resolving power of its own brings spectra to.
    broaden = [BROADEN[0] if target is None else {"broaden": {"resolution": target}} for target in own]
    write(tmp_path / "s" / "a.fits", 1, SPEC_RES=power)
    table = check(tmp_path, expected=TAUGHT, steps=[*broaden, *STEPS])
    assert verdict(table, "resolution")[0] == kind
    expected = table.loc[table["what"] == "resolution", "expected"].iloc[0]
    assert expected.startswith(f"{20000 if own == [30000, None] else own[0]} or more")


@pytest.mark.parametrize(
    ("rv", "steps", "kind"),
    [
        ("20,1,1", STEPS, "ok"),
        ("20,1,", STEPS, "warning"),
        ("2,1,1", STEPS[1:], "ok"),
        ("20,1,1", STEPS[1:], "warning"),
    ],
)
def test_velocities_beyond_the_trainings(root, rv, steps, kind):
    rows = "".join(f"{name},1,{value}\n" for name, value in zip("abc", rv.split(","), strict=True))
    catalogue = write_labels(root, f"filename,x,rv\n{rows}")
    assert verdict(check(root, expected=TAUGHT, steps=steps, catalogue=catalogue), "velocity")[0] == kind


def test_labels_and_snr_outside_the_trainings(root):
    write(root / "s" / "d.fits", 4, SNR=8.0)
    catalogue = write_labels(root, "filename,teff\na,5000\nb,7500\nc,6000\nd,6000\n")
    table = check(root, expected=TAUGHT, catalogue=catalogue)
    assert verdict(table, "range of teff") == ("warning", "5000 to 7500; 1 of 4 outside")
    kind, found = verdict(table, "S/N per pixel")
    assert kind == "warning"
    assert found.endswith("1 of 4 below 10; 1 outside the training's")


def test_many_masked_pixels(root):
    with fits.open(root / "s" / "a.fits", mode="update") as hdus:
        hdus[0].data[300:600] = 0
    kind, found = verdict(check(root), "masked pixels")
    assert kind == "warning"
    assert found.endswith("above 20% in 1")


def test_the_sample_is_spread_over_all_files():
    files = [f"{number:03d}" for number in range(1000)]
    chosen = sample_files(files, 10, seed=3)
    assert [int(name) // 100 for name in chosen] == list(range(10))
    assert sample_files(files, 10, seed=3) == chosen != sample_files(files, 10, seed=4)
    assert sample_files(files[:5], 10, seed=3) == files[:5]


def test_real_stars_are_sound(real_data):
    paths = sorted((real_data / "benchmark_stars").glob("*.fits"))
    if not paths:
        pytest.skip("no benchmark stars among the real spectra")
    files = [str(path.relative_to(real_data)) for path in paths]
    survey = Survey(files, real_data, "benchmark_stars/*.fits", "linear_1d", [*BROADEN, *STEPS], resolution=47000)
    table = check_survey(survey, arms=ARMS, medium="air", expected=TAUGHT, spectra=100, seed=1)
    assert "error" not in set(table["verdict"]), table
    assert verdict(table, "air or vacuum") == (
        "warning", "air (by CTYPE1 AWAV) in 5; air (assumed: the header does not say) in 1",
    )  # fmt: skip
    assert isinstance(table, pd.DataFrame)
