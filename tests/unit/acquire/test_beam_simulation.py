"""A simulated survey of two beams: read back as it was written, each star the same in any company."""

import numpy as np
import pandas as pd
import pytest
from astropy.io import fits

from spectrolabe.acquire.beam_simulation import STRENGTHS, TRUE_LABELS, simulate_beams
from spectrolabe.acquire.beam_spectra import BeamSpectrograph, place_features
from spectrolabe.acquire.beam_stars import ROLES, draw_stars
from spectrolabe.acquire.grids import Grid
from spectrolabe.acquire.layouts import LinearWriter
from spectrolabe.acquire.manifests import list_spectra
from spectrolabe.acquire.readers import read_file
from spectrolabe.prepare.selection import select_spectra
from spectrolabe.recipe import RECIPE_SCHEMA
from spectrolabe.spectra.randomness import RowGenerators
from spectrolabe.spectra.wavelength import build_grid, doppler, vacuum_to_air

ARMS = [
    {"name": "A", "start": 5132.0, "stop": 5160.0, "step": 0.1, "resolution": [8000, 16000]},
    {"name": "B", "start": 5161.0, "stop": 5189.0, "step": 0.1, "resolution": [12000, 10000]},
]
LINES = (5137.0, 5155.0, 5168.0)
RANGES = {"teff": (3900, 7000), "logg": (0.8, 5), "feh": (-2, 0.5), "alpha_fe": (-0.15, 0.55)}
LAW = {"constant": 1.2, "teff": [0.3, 0.1], "logg": -0.2, "scatter": 0.1, "range": [0.8, 2.0]}
LAYOUT = {
    "files": "spectra/*.fits",
    "catalogue": {"file": "survey.fits", "key": "spectrum_id", "columns": {"rv": "VRAD"}},
}
QUIET = {"fringes": 0.0, "features": {"share": 0.0, "number": 2, "strength": [0.1, 0.6]}, "trouble": {}}


@pytest.fixture(scope="module")
def grid():
    """Nodes with narrow lines, which deepen with [Fe/H]; 5 130 to 5 192 angstrom in air."""
    low, high = np.array(list(RANGES.values()), float).T
    unit = np.random.default_rng(1).uniform(size=(50, 4))
    unit[0], unit[1] = 0, 1
    labels = pd.DataFrame(low + unit * (high - low), columns=list(RANGES)).assign(vmic=1 + 0.5 * unit[:, 0])
    wavelength = 5130 * np.exp(1e-5 * np.arange(1200))
    profile = np.exp(-0.5 * ((wavelength / np.array(LINES)[:, None] - 1) / 1.2e-5) ** 2).sum(axis=0)
    flux = (1 - np.outer(0.5 + 0.1 * labels["feh"], profile)).astype(np.float32)
    return Grid(labels, flux, wavelength, "air", 36000.0, {}, {"vmic": LAW})


def settings(**changes):
    part = RECIPE_SCHEMA.root["$defs"]["beam_simulation"]
    options = {"grid": "g", "stars": 1, "arms": ARMS, "candidates": 10, "calibrators": 5}
    defaults = RECIPE_SCHEMA.fill_defaults(options, part)
    return {key: value for key, value in (defaults | changes).items() if key not in ("grid", "stars")}


@pytest.fixture(scope="module")
def survey(grid, tmp_path_factory):
    """Give a function (numbers, **settings) -> folder and table."""

    def make(numbers, **changes):
        folder = tmp_path_factory.mktemp("survey")
        return folder, simulate_beams(folder, numbers, grid=grid, settings=settings(**changes), layout=LAYOUT, seed=5)

    return make


def read(folder, star, arm):
    (spectrum,) = read_file(folder / "spectra" / f"{star}_{arm}.fits", "linear_1d")
    return spectrum


def spectrograph(grid, **changes):
    options = settings(**QUIET | changes)
    return BeamSpectrograph(grid, options["arms"], options["features"], options["fringes"], seed=5)


def stars_of(count, **columns):
    names = [f"star-{number}" for number in range(count)]
    plain = {"teff": 5800.0, "logg": 4.4, "feh": 0.0, "alpha_fe": 0.0, "vsini": 1.0, "rv": 0.0, "snr": 100.0}
    plain |= {"features": 0, "trouble": "", "trouble_strength": np.nan}
    return pd.DataFrame({"star": names}).assign(**plain | columns)


def test_files_are_images_in_air_with_their_errors(tmp_path):
    wavelength, rng = build_grid(ARMS[:1]), np.random.default_rng(3)
    flux, err = rng.uniform(1000, 9000, (2, len(wavelength))).astype(np.float32)
    star = {"source_id": "star-000007", "ra": 211.5, "dec": -3.25, "snr": 87.5}
    LinearWriter(wavelength, 12000.0, "A")(tmp_path / "a.fits", flux, err, star)
    (spectrum,) = read_file(tmp_path / "a.fits", "linear_1d")
    np.testing.assert_allclose(vacuum_to_air(spectrum.wavelength), wavelength, rtol=1e-12)
    np.testing.assert_array_equal(spectrum.flux, flux)
    np.testing.assert_allclose(spectrum.ivar, err**-2.0, rtol=1e-6)
    assert spectrum.meta == star | {"resolution": 12000.0}
    with fits.open(tmp_path / "a.fits") as hdus:
        hdus.verify("exception")
        assert [hdu.name for hdu in hdus] == ["PRIMARY", "SIGMA"]
        cards = {"CTYPE1": "AWAV", "CUNIT1": "Angstrom", "CRVAL1": 5132.0, "CDELT1": 0.1}
        assert cards.items() <= dict(hdus[0].header).items()
        assert cards.items() <= dict(hdus[1].header).items()


def test_a_survey_is_read_back_with_its_catalogue(survey):
    folder, table = survey(range(40))
    pairs = [f"spectra/{name}_A.fits;spectra/{name}_B.fits" for name in table["spectrum_id"]]
    assert len(list((folder / "spectra").iterdir())) == 2 * len(table) == 80
    manifest = list_spectra(pairs, folder, LAYOUT["files"], "linear_1d", LAYOUT["catalogue"], ["A", "B"])
    assert (manifest["status"] == "").all()
    for name in table:
        if table[name].dtype.kind == "f":
            np.testing.assert_allclose(manifest[name], table[name], rtol=1e-9)
        else:
            assert (manifest[name] == table[name]).all(), name
    chosen = select_spectra(
        manifest,
        name="observed",
        conditions=["role = 'survey'"],
        labels=["teff", "logg", "feh"],
        split={"validation": 0.1, "calibration": 0.1, "test": 0.2},
        seed=1,
    )
    assert (chosen.spectra["selected"] == (table["role"] == "survey")).all()


def test_a_star_depends_on_the_seed_and_its_number_alone(survey):
    first, whole = survey(range(30))
    second, part = survey(range(12, 20))
    pd.testing.assert_frame_equal(whole.iloc[12:20].reset_index(drop=True), part)
    for name in part["spectrum_id"]:
        for arm in ("A", "B"):
            one, other = read(first, name, arm), read(second, name, arm)
            np.testing.assert_allclose(one.flux, other.flux, rtol=1e-5, atol=0.05)


def test_roles_follow_the_numbers_and_have_their_kinds(survey):
    limits = settings()["limits"]
    stars = draw_stars(range(3000), 1, limits, candidates=732, calibrators=30)
    assert stars["role"].tolist() == ["calibrator"] * 30 + ["candidate"] * 732 + ["survey"] * 2238
    assert all(stars[label].between(*limit).all() for label, limit in limits.items())
    assert stars["rv"].abs().max() <= 100
    assert stars["vsini"].between(1, 8).all()
    evolved = stars.loc[stars["role"] == "candidate", "kind"].isin(["giant", "subgiant"])
    assert evolved.mean() == pytest.approx(1 - ROLES["candidate"][0], abs=0.05)
    # Ciardi et al. (2011, AJ 141, 108).
    teff, logg = stars["teff"], stars["logg"]
    dwarf = logg >= np.select([teff > 6000, teff < 4250], [3.5, 4.0], 5.2 - 2.8e-4 * teff)
    assert dwarf[stars["kind"] == "dwarf"].all()
    assert not dwarf[stars["kind"] == "giant"].any()
    assert dwarf[stars["kind"] == "subgiant"].mean() < 0.25
    dwarfs = stars[stars["kind"] == "dwarf"]
    assert dwarfs["teff"].between(4500, 6700).all()
    assert stars["feh"].groupby(stars["population"]).mean().diff()["thin"] > 0.3


def test_the_catalogue_errs_as_much_as_it_says_and_knows_no_candidates(survey):
    _, table = survey(range(600), candidates=100, arms=[ARMS[0]], features=QUIET["features"])
    candidates = table["role"] == "candidate"
    labels = [name for label in ("teff", "logg", "feh") for name in (label, f"{label}_err")]
    assert table.loc[candidates, labels].isna().all(axis=None)
    assert table.loc[~candidates, labels].notna().all(axis=None)
    assert table[["rv", "rv_err", *(f"{label}_true" for label in TRUE_LABELS)]].notna().all(axis=None)
    for label, error in settings()["label_errors"].items():
        known = table[table[label].notna()]
        assert known[f"{label}_err"].mean() == pytest.approx(error, rel=0.05)
        deviation = (known[label] - known[f"{label}_true"]) / known[f"{label}_err"]
        assert deviation.mean() == pytest.approx(0, abs=0.15)
        assert deviation.std() == pytest.approx(1, abs=0.1)


def test_noise_is_that_of_the_star_s_ratio_in_the_middle_of_arms(grid):
    device = spectrograph(grid)
    flux, errors = device.observe(stars_of(60, snr=80.0), seed=2)
    for arm in device.slices:
        # Far from lines.
        middle = slice((arm.start + arm.stop) // 2 - 25, (arm.start + arm.stop) // 2 + 25)
        ratio = flux[:, middle] / errors[:, middle]
        assert np.median(ratio) == pytest.approx(80, rel=0.02)
        assert np.median(flux[:, middle]) == pytest.approx(80**2, rel=0.02)
        scatter = np.diff(flux[:, middle], axis=1) / errors[:, middle][:, 1:] / np.sqrt(2)
        assert scatter.std() == pytest.approx(1, abs=0.05)
        assert (flux[:, arm.start : arm.start + 20].mean(axis=1) < 0.8 * flux[:, middle].mean(axis=1)).mean() > 0.9


def test_continua_have_smooth_errors_of_ten_to_twenty_per_cent(grid):
    device, stars = spectrograph(grid), stars_of(50)
    both = [device.continuum(stars, RowGenerators(seed, stars["star"])) for seed in (1, 2)]
    for arm in device.slices:
        centre = (arm.stop - arm.start) // 2
        assert all((part[:, arm][:, centre] == 1).all() for part in both)
        ratio = both[0][:, arm] / both[1][:, arm]
        spread = np.ptp(ratio, axis=1)
        assert 0.05 < spread.min() < spread.max() < 0.6


def test_lines_stand_at_the_velocity_and_widen_with_the_resolution_of_their_place(grid):
    device = spectrograph(grid)
    stars = stars_of(3, rv=[-90.0, 0.0, 60.0], vsini=0.01)
    depth, fwhm = 1 - device.expected(stars), 2 * np.sqrt(2 * np.log(2))
    own = fwhm * 1.2e-5
    for line in LINES:
        for row, rv in enumerate(stars["rv"]):
            place = line * doppler(rv)
            near = abs(device.wavelength - place) < 2.5
            light, wavelength = depth[row, near], device.wavelength[near]
            centre = (light * wavelength).sum() / light.sum()
            assert centre == pytest.approx(place, abs=0.01)
            width = np.sqrt((light * (wavelength - centre) ** 2).sum() / light.sum()) * fwhm / centre
            arm = next(arm for arm in ARMS if arm["start"] < place < arm["stop"])
            resolution = np.interp(place, [arm["start"], arm["stop"]], arm["resolution"])
            expected = np.sqrt(own**2 + resolution**-2 - 36000.0**-2)
            assert width == pytest.approx(expected, rel=0.03)


def test_fixed_features_shine_at_the_same_pixels_whatever_the_velocity(grid):
    shining = {"share": 1.0, "number": 3, "strength": [0.2, 0.5]}
    device = spectrograph(grid, features=shining)
    stars = stars_of(40, rv=np.linspace(-90, 90, 40), snr=2000.0, features=[1] * 30 + [0] * 10)
    flux, _ = device.observe(stars, seed=2)
    dark, _ = device.observe(stars.assign(features=0), seed=2)
    excess = flux / dark - 1
    features = place_features(device.slices, 3, 5)
    assert device.features == features
    assert len(features) == 2 * 3
    assert all(3 <= pixels.stop - pixels.start <= 6 for pixels in features)
    lit = np.zeros(len(device.wavelength), bool)
    for pixels in features:
        lit[pixels] = True
        highest = excess[:30, pixels].max(axis=1)
        assert 0.18 < highest.min() < highest.max() < 1.2
        assert np.ptp(highest) > 0.1
    assert abs(excess[:30, ~lit]).max() < 0.05
    assert abs(excess[30:]).max() < 1e-6
    assert place_features(device.slices, 3, 6) != features


def test_the_table_says_which_spectra_the_features_shine_in(survey):
    _, table = survey(range(300), arms=[ARMS[0]], features=QUIET["features"] | {"share": 0.3})
    assert table["features"].mean() == pytest.approx(0.3, abs=0.08)
    assert set(table["features"]) == {0, 1}


def test_fringes_are_weak_waves_of_the_interferometer(grid):
    device, smooth = spectrograph(grid, fringes=0.01), spectrograph(grid)
    stars = stars_of(5, snr=1e5)
    ratio = device.observe(stars, seed=2)[0] / smooth.observe(stars, seed=2)[0] - 1
    assert abs(ratio).max() == pytest.approx(0.01, abs=0.001)
    power = abs(np.fft.rfft(ratio[:, device.slices[0]], axis=1)).sum(axis=0)
    period = (device.slices[0].stop / np.argmax(power)) * 0.1
    assert period == pytest.approx(5146**2 / 7e7, abs=0.02)


def test_trouble_shows_in_the_counts(grid):
    kinds = ["cosmic_rays", "zero_pixels", ""]
    stars = stars_of(3, trouble=kinds, trouble_strength=[5.0, 0.03, np.nan], snr=1000.0)
    flux, errors = spectrograph(grid).observe(stars, seed=2)
    sound, _ = spectrograph(grid).observe(stars.assign(trouble=""), seed=2)
    assert 2.0 < (flux[0] - sound[0]).max() / 1e6 < 11
    assert np.mean(flux[1] == 0) == pytest.approx(0.03, abs=0.01)
    np.testing.assert_array_equal(flux[2], sound[2])
    assert (errors > 0).all()


def test_one_arm_alone_has_no_word_in_its_name(survey):
    folder, table = survey(range(2), arms=[ARMS[0]], **QUIET)
    assert sorted(path.stem for path in (folder / "spectra").iterdir()) == sorted(table["spectrum_id"])


def test_grids_that_cannot_serve_are_refused(grid, survey):
    with pytest.raises(ValueError, match=r"simulate\.limits\.feh: expected a range within the grid's"):
        survey(range(1), limits=settings()["limits"] | {"feh": [-3, 0]})
    poor = Grid(grid.labels.drop(columns="alpha_fe"), grid.flux, grid.wavelength, "air", 36000.0, {}, {"vmic": LAW})
    with pytest.raises(ValueError, match=r"simulate\.grid: expected a grid with the label alpha_fe, found teff"):
        simulate_beams("unused", range(1), grid=poor, settings=settings(), layout=LAYOUT, seed=1)
    coarse = Grid(grid.labels, grid.flux, grid.wavelength, "air", 11000.0, {}, {"vmic": LAW})
    with pytest.raises(ValueError, match=r"arm A: expected a resolution of at most 11000, the grid's, found 16000"):
        spectrograph(coarse)


def test_names_of_the_schema_are_those_of_the_code():
    parts = RECIPE_SCHEMA.root["$defs"]["beam_simulation"]["properties"]
    assert list(parts["trouble"]["properties"]) == list(STRENGTHS)
