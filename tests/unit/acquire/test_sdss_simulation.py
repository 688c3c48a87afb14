"""A simulated SDSS survey: in the survey's own files, read back as written, each star the same in any company."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from astropy.io import fits
from astropy.table import Table

from spectrolabe.acquire.grids import Grid
from spectrolabe.acquire.manifests import list_spectra
from spectrolabe.acquire.readers import read_file
from spectrolabe.acquire.sdss_files import COADD, LINES, SdssWriter, name_spectrum
from spectrolabe.acquire.sdss_light import dim, find_distance, planck, scale_to_magnitude
from spectrolabe.acquire.sdss_simulation import simulate_sdss
from spectrolabe.acquire.sdss_spectra import NODATA, SdssSpectrograph
from spectrolabe.acquire.sdss_stars import POPULATIONS, draw_stars
from spectrolabe.acquire.sdss_trouble import FULLREJECT, STRENGTHS, plant_trouble
from spectrolabe.recipe import RECIPE_SCHEMA
from spectrolabe.spectra.randomness import RowGenerators
from spectrolabe.spectra.wavelength import air_to_vacuum, doppler

REAL = Path(__file__).resolve().parents[4] / "shared" / "data" / "sdss"
LINE = 5500.0
LAW = {"constant": 1.2, "teff": [0.3, 0.1], "logg": -0.2, "scatter": 0.1, "range": [0.8, 2.0]}
RANGES = {"teff": (3850, 9650), "logg": (0.3, 5), "feh": (-2.5, 0.5), "alpha_fe": (-0.15, 0.55)}
COLUMNS = {"teff": "TEFF_ADOP", "teff_err": "TEFF_ADOP_UNC", "feh": "FEH_ADOP", "rv": "RV_ADOP", "snr": "SNR"}
LAYOUT = {
    "files": "spectra/*.fits",
    "catalogue": {
        "file": "ssppOut.fits",
        "key": "spec-{PLATE:04d}-{MJD:05d}-{FIBER:04d}",
        "columns": COLUMNS,
        "missing": [-9999],
    },
}
QUIET = dict.fromkeys(STRENGTHS, 0.0)


@pytest.fixture(scope="module")
def grid():
    """Nodes with one line, which deepens with [Fe/H]; 5 380 to 5 720 angstrom in air."""
    low, high = np.array(list(RANGES.values()), float).T
    unit = np.random.default_rng(1).uniform(size=(50, 4))
    unit[0], unit[1] = 0, 1
    labels = pd.DataFrame(low + unit * (high - low), columns=list(RANGES)).assign(vmic=1 + 0.5 * unit[:, 0])
    wavelength = 5380 * np.exp(20 / 299792.458 * np.arange(920))
    profile = np.exp(-0.5 * ((wavelength / LINE - 1) / 2e-4) ** 2)
    flux = (1 - np.outer(0.7 + 0.08 * labels["feh"], profile)).astype(np.float32)
    return Grid(labels, flux, wavelength, "air", 5000.0, {}, {"vmic": LAW})


def settings(**changes):
    part = RECIPE_SCHEMA.root["$defs"]["sdss_simulation"]
    defaults = RECIPE_SCHEMA.fill_defaults({"grid": "g", "stars": 1}, part)
    return {key: value for key, value in (defaults | changes).items() if key not in ("grid", "stars")}


@pytest.fixture(scope="module")
def survey(grid, tmp_path_factory):
    """Give a function (numbers, **settings) -> folder and table."""

    def make(numbers, **changes):
        folder = tmp_path_factory.mktemp("survey")
        return folder, simulate_sdss(folder, numbers, grid=grid, settings=settings(**changes), layout=LAYOUT, seed=5)

    return make


def read(folder, star):
    (spectrum,) = read_file(folder / "spectra" / f"{name_spectrum(star.PLATE, star.MJD, star.FIBER)}.fits", "sdss_spec")
    return spectrum


def formats(hdu):
    return {column.name: column.format for column in hdu.columns}


@pytest.mark.parametrize(("name", "instrument"), [("spec-0266-51602-0031", "SDSS"), ("spec-3586-55181-0500", "BOSS")])
def test_files_have_the_tables_of_real_ones(tmp_path, name, instrument):
    path = REAL / f"{name}.fits"
    if not path.is_file():
        pytest.skip(f"there is no {path.name} in ../shared/data/sdss")
    pixels = dict.fromkeys([column for column in COADD if column != "loglam"], np.ones(20))
    facts = {"PLATE": 266, "MJD": 51602, "FIBERID": 31, "PLUG_RA": 1.5, "PLUG_DEC": -2.5}
    SdssWriter(instrument)(tmp_path / "ours.fits", 35800, pixels, facts)
    with fits.open(path) as real, fits.open(tmp_path / "ours.fits") as ours:
        assert [hdu.name for hdu in ours] == [hdu.name for hdu in real][:4]
        assert [(c.name, c.format) for c in ours[1].columns] == [(c.name, c.format) for c in real[1].columns]
        known, own = formats(real[2]), formats(ours[2])
        assert own == {column: known[column] for column in own}
        assert formats(ours[3]) == formats(real[3]) == LINES
        assert ours[0].header["BUNIT"] == real[0].header["BUNIT"].strip()
        shared = ("PLATEID", "MJD", "FIBERID", "PLUG_RA", "PLUG_DEC", "COEFF0", "COEFF1", "VACUUM")
        assert all(type(ours[0].header[key]) is type(real[0].header[key]) for key in shared)


@pytest.mark.parametrize("instrument", ["SDSS", "BOSS"])
def test_a_file_gives_back_what_was_written(tmp_path, instrument):
    rng = np.random.default_rng(2)
    pixels = {name: rng.uniform(1, 9, 30).astype(np.float32) for name in ("flux", "ivar", "wdisp", "sky", "model")}
    pixels |= {"and_mask": np.zeros(30, int), "or_mask": np.full(30, 1 << 25)}
    pixels["and_mask"][4] = 1 << 23
    facts = {"PLATE": 4000, "MJD": 55500, "FIBERID": 7, "PLUG_RA": 210.5, "PLUG_DEC": -3.25, "CLASS": "STAR"}
    facts |= {"Z": 1e-4, "SN_MEDIAN_ALL": 21.5, "OBJID" if instrument == "BOSS" else "BESTOBJID": "1237650000000000042"}
    path = tmp_path / "s.fits"
    SdssWriter(instrument)(path, 36500, pixels, facts)
    (spectrum,) = read_file(path, "sdss_spec")
    np.testing.assert_allclose(spectrum.wavelength, 10 ** (3.65 + 1e-4 * np.arange(30)), rtol=1e-6)
    np.testing.assert_array_equal(spectrum.flux, pixels["flux"])
    np.testing.assert_array_equal(spectrum.ivar, pixels["ivar"])
    assert np.flatnonzero(spectrum.bad).tolist() == [4]
    expected = {"source_id": "1237650000000000042", "ra": 210.5, "dec": -3.25, "snr": 21.5}
    assert expected.items() <= spectrum.meta.items()
    assert spectrum.meta["rv"] == pytest.approx(29.979, abs=1e-3)
    with fits.open(path) as hdus:
        assert hdus[2].data["ANYORMASK"][0] == 1 << 25
        assert hdus[0].header["COEFF0"] == 3.65


def test_a_survey_is_read_back_with_its_catalogue(survey):
    folder, table = survey(range(30), repeats=0.5, missing=0.3)
    files = sorted(f"spectra/{path.name}" for path in (folder / "spectra").iterdir())
    assert len(files) == len(table) > 35
    manifest = list_spectra(files, folder, LAYOUT["files"], "sdss_spec", LAYOUT["catalogue"])
    assert (manifest["status"] == "").all()
    names = [name_spectrum(star.PLATE, star.MJD, star.FIBER) for star in table.itertuples()]
    found = manifest.set_index("spectrum_id").loc[names].reset_index()
    np.testing.assert_allclose(found["teff"], table["teff"].where(table["teff"] > 0))
    np.testing.assert_allclose(found["rv"], table["rv"])
    np.testing.assert_allclose(found["snr"], table["snr"], atol=1e-3)
    assert (found["trouble"] == table["trouble"]).all()
    # Both spectra of a star are of one object, whose truth they share.
    twice = found[found["source_id"].duplicated(keep=False)]
    assert len(twice) == 2 * (len(table) - 30)
    assert (twice.groupby("source_id")["teff_true"].nunique() == 1).all()


def test_a_star_depends_on_the_seed_and_its_number_alone(survey):
    first, whole = survey(range(40))
    second, part = survey(range(30, 35))
    key = ["PLATE", "MJD", "FIBER"]
    again = part[key].merge(whole, on=key, how="left")[part.columns]
    pd.testing.assert_frame_equal(again, part, check_exact=False, rtol=1e-4)
    for star in part.itertuples():
        one, other = read(first, star), read(second, star)
        np.testing.assert_allclose(one.flux, other.flux, rtol=1e-5, atol=1e-4)
        np.testing.assert_array_equal(one.bad, other.bad)


def test_spectra_have_their_magnitude_noise_and_velocity_and_nothing_beyond_the_grid(grid):
    rv = np.array([-400.0, 0.0, 300.0])
    stars = pd.DataFrame({"exposure": ["a", "b", "c"], "teff": 5800.0, "logg": 4.4, "feh": 0.0, "alpha_fe": 0.1})
    stars = stars.assign(
        rv=rv, g=[14.0, 14.5, 19.0], ebv=0.1, boss=[True, False, False], trouble="", trouble_strength=0
    )
    spectrograph = SdssSpectrograph(grid)
    record, wavelength = spectrograph.observe(stars, 1), spectrograph.wavelength
    known = record["ivar"] > 0
    ends = air_to_vacuum(grid.wavelength[[0, -1]])
    for row, shift in enumerate(doppler(rv)):
        seen = wavelength[known[row]]
        assert [seen[0], seen[-1]] == pytest.approx(ends * shift * doppler(np.array([160.0, -160.0])), rel=3e-4)
        depth = np.clip(1 - record["model"][row] / np.median(record["model"][row][known[row]]) - 0.2, 0, None)
        depth[~known[row]] = 0
        centre = (depth * wavelength).sum() / depth.sum()
        assert centre == pytest.approx(air_to_vacuum(LINE) * shift, abs=0.3)
    assert (record["flux"][~known] == 0).all()
    assert (record["and_mask"][~known] == NODATA).all()
    scaled = scale_to_magnitude(record["model"], wavelength, known, stars["g"].to_numpy())
    # But for errors of fluxing.
    np.testing.assert_allclose(scaled, 1, atol=0.12)
    quiet = known & (record["and_mask"] == 0)
    deviation = (record["flux"] - record["model"]) * np.sqrt(record["ivar"])
    assert np.std(deviation[quiet]) == pytest.approx(1, abs=0.07)
    # Sky lines above a faint star alone are masked.
    bright = (record["and_mask"] & 1 << 23 != 0).sum(axis=1)
    assert bright[2] > bright[0]
    assert abs(wavelength[record["and_mask"][2] & 1 << 23 != 0] - 5578.9).min() < 2


def test_light_follows_the_laws_of_physics():
    wavelength = np.linspace(500, 300000, 400000)[None, :]
    total = np.trapezoid(planck(wavelength, np.array([[5772.0]])), wavelength)
    assert total == pytest.approx(5.670374e-5 * 5772.0**4, rel=2e-3)
    assert -2.5 * np.log10(dim(np.array([5494.5]), 0.1)) == pytest.approx(0.31, abs=1e-3)
    # The Sun at 10 pc has g of 5.1.
    sun = find_distance(np.array([5772.0]), np.array([4.438]), np.array([1.0]), np.array([0.0]), np.array([5.11]))
    assert sun == pytest.approx(0.01, rel=0.1)


def test_stars_are_those_of_their_populations():
    limits = settings()["limits"] | {"alpha_fe": [-0.1, 0.5]}
    stars = draw_stars(range(3000), 1, limits, [14, 19])
    shares = stars["population"].value_counts(normalize=True)
    for name, population in POPULATIONS.items():
        own = stars[stars["population"] == name]
        assert shares[name] == pytest.approx(population.share, abs=0.03)
        assert own["feh"].mean() == pytest.approx(population.feh[0], abs=0.05)
    assert all(stars[label].between(*limit).all() for label, limit in limits.items())
    giants = stars[stars["kind"] == "giant"]
    assert np.corrcoef(giants["teff"], giants["logg"])[0, 1] > 0.5
    assert giants["logg"].max() < 4.2 < stars.loc[stars["kind"] == "dwarf", "logg"].quantile(0.6)
    assert stars["g"].between(14, 19).all()
    assert (stars["g"] > 16.5).mean() > 0.65
    assert stars["dec"].min() > -16


def test_the_catalogue_errs_as_much_as_it_says(survey):
    folder, table = survey(range(400), missing=0.25, repeats=0.0)
    known = table[table["teff"] != -9999]
    assert len(known) / len(table) == pytest.approx(0.75, abs=0.08)
    for label, error in settings()["label_errors"].items():
        stated = known[f"{label}_err"]
        assert stated.mean() == pytest.approx(error, rel=0.08)
        right = known["trouble"] != "wrong_rv"
        deviation = ((known[label] - known[f"{label}_true"]) / stated)[right]
        assert deviation.std() == pytest.approx(1, abs=0.12)
    names = Table.read(folder / "ssppOut.fits").colnames
    assert {"PLATE", "MJD", "FIBER", *COLUMNS.values(), "teff_true", "population", "trouble"} <= set(names)
    assert not set(COLUMNS) & set(names)


def test_wrong_velocities_are_wrong_by_the_strength(survey):
    _, table = survey(range(20), trouble=QUIET | {"wrong_rv": 1.0})
    np.testing.assert_allclose((table["rv"] - table["rv_true"]).abs(), table["trouble_strength"], atol=15)


def test_trouble_shows_in_the_pixels_that_it_says():
    kinds = ["cosmic_rays", "sky_residuals", "dead_pixels", "continuum", ""]
    strengths = [4.0, 0.2, 0.05, 0.15, np.nan]
    wavelength, shape = np.linspace(5900, 6100, 400), (5, 400)
    known = np.broadcast_to((wavelength > 5920) & (wavelength < 6080), shape)
    lines = np.zeros(shape)
    lines[:, 100] = 50
    spectra = pd.DataFrame({"trouble": kinds, "trouble_strength": strengths})
    start = np.full(shape, 10.0), np.full(shape, 4.0), np.zeros(shape, int)
    flux, ivar, mask = plant_trouble(*start, lines, wavelength, known, spectra, RowGenerators(1, kinds))
    assert flux[0].max() == pytest.approx(50)
    assert abs(flux[1, 100] - 10) == pytest.approx(0.2 * 50)
    dead = ivar[2] == 0
    assert 0.02 < dead[known[2]].mean() <= 0.05
    assert (mask[2, dead] == FULLREJECT).all()
    assert abs(flux[3] / 10 - 1).max() == pytest.approx(0.15, abs=0.01)
    assert (flux[4] == 10).all()
    assert (flux[:, ~known[0]] == 10).all()


def test_grids_that_cannot_serve_are_refused(grid, survey):
    with pytest.raises(ValueError, match=r"simulate\.limits\.feh: expected a range within the grid's"):
        survey(range(1), limits=settings()["limits"] | {"feh": [-3, 0]})
    coarse = Grid(grid.labels, grid.flux, grid.wavelength, "air", 2000.0, {}, {"vmic": LAW})
    with pytest.raises(ValueError, match="expected a grid of a resolution above 3250, to be broadened, found 2000"):
        SdssSpectrograph(coarse)


def test_columns_that_a_simulation_lacks_are_named(grid, tmp_path):
    layout = LAYOUT | {"catalogue": LAYOUT["catalogue"] | {"columns": {"vsini": "VSINI"}}}
    with pytest.raises(ValueError, match="expected columns that a simulated survey has, found 'vsini'"):
        simulate_sdss(tmp_path, range(1), grid=grid, settings=settings(), layout=layout, seed=1)


def test_names_of_the_schema_are_those_of_the_code():
    parts = RECIPE_SCHEMA.root["$defs"]["sdss_simulation"]["properties"]
    assert list(parts["trouble"]["properties"]) == list(STRENGTHS)
