"""A simulated survey: read back as it was written, and each star the same whatever it is simulated with."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from astropy.table import Table

from spectrolabe.acquire.grids import Grid
from spectrolabe.acquire.layouts import WRITERS
from spectrolabe.acquire.manifests import list_spectra
from spectrolabe.acquire.readers import READERS, read_file
from spectrolabe.acquire.simulation import SIMULATIONS, simulate_survey
from spectrolabe.acquire.trouble import STRENGTHS
from spectrolabe.recipe import RECIPE_SCHEMA
from spectrolabe.recipe_simulation import LAYOUTS
from spectrolabe.spectra.wavelength import air_to_vacuum, build_grid, doppler, vacuum_to_air

ROOT = Path(__file__).resolve().parents[3]
SOLAR = ROOT / "resources" / "solar_abundances" / "grevesse2007.csv"
ARMS = [
    {"name": "BLUE", "start": 5498.0, "stop": 5532.0, "step": 0.05, "resolution": 20000},
    {"name": "RED", "start": 8640.0, "stop": 8680.0, "step": 0.05, "resolution": 16000},
]
LINES = (5515.0, 8662.14)
RANGES = {"teff": (3800, 7200), "logg": (0.8, 5), "feh": (-1.8, 0.8), "mg_fe": (-0.4, 0.9), "al_fe": (-1.1, 1.1)}
LAW = {"constant": 1.2, "teff": [0.3, 0.1], "logg": -0.2, "scatter": 0.1, "range": [0.8, 2.0]}
COLUMNS = {"source_id": "CNAME", "rv": "VRAD", "a_fe": "FE1", "teff": "TEFF", "tech": "TECH", "snr": "SNR"}
LAYOUT = {
    "reader": "gaia_eso",
    "files": "giraffe/*.fits",
    "catalogue": {"file": "giraffe.fits", "key": "NAME", "columns": COLUMNS},
}
BENCHMARKS = pd.DataFrame(
    {
        "name": ["18 Sco", "too hot"], "teff": [5810.0, 9000.0], "logg": [4.44, 4.0], "feh": [0.03, 0.0],
        "alpha_fe": [0.05, np.nan], "vsini": [2.2, np.nan],
    }
)  # fmt: skip


@pytest.fixture(scope="module")
def grid():
    """Nodes with one line in each of two windows, which deepens with [Fe/H] and with a lower temperature."""
    low, high = np.array(list(RANGES.values()), float).T
    unit = np.random.default_rng(1).uniform(size=(60, 5))
    unit[0], unit[1] = 0, 1
    labels = pd.DataFrame(low + unit * (high - low), columns=list(RANGES))
    labels["vmic"] = 1.0 + 0.5 * unit[:, 0]
    wavelength = np.concatenate([start * np.exp(1e-5 * np.arange(900)) for start in (5490.0, 8620.0)])
    depth = 0.4 + 0.1 * labels["feh"] - 4e-5 * (labels["teff"] - 5000)
    profile = np.exp(-0.5 * ((wavelength / np.array(LINES)[:, None] - 1) / 3e-5) ** 2).sum(axis=0)
    flux = (1 - np.outer(depth, profile)).astype(np.float32)
    return Grid(labels, flux, wavelength, "air", 50000.0, {}, {"vmic": LAW})


def settings(**changes):
    defaults = RECIPE_SCHEMA.fill_defaults(
        {"grid": "g", "stars": 1, "arms": ARMS}, RECIPE_SCHEMA.root["$defs"]["simulation"]
    )
    return {key: value for key, value in (defaults | changes).items() if key not in ("grid", "stars")}


@pytest.fixture(scope="module")
def survey(grid, tmp_path_factory):
    """Give a function (numbers, **settings) -> folder and table."""

    def make(numbers, **changes):
        folder = tmp_path_factory.mktemp("survey")
        table = simulate_survey(
            folder,
            numbers,
            grid=grid,
            benchmarks=BENCHMARKS,
            solar=SOLAR,
            settings=settings(**changes),
            layout=LAYOUT,
            seed=5,
        )
        return folder, table

    return make


QUIET = dict.fromkeys(STRENGTHS, 0.0)


def test_a_survey_is_read_back_with_its_catalogue(survey):
    folder, table = survey(range(12), repeats=3)
    files = sorted(f"giraffe/{path.name}" for path in (folder / "giraffe").iterdir())
    assert len(files) == 2 * len(table) == 2 * (11 + 3)
    catalogue = LAYOUT["catalogue"] | {"solar": SOLAR}
    pairs = [f"giraffe/{name}_BLUE.fits;giraffe/{name}_RED.fits" for name in table["spectrum_id"]]
    manifest = list_spectra(pairs, folder, LAYOUT["files"], "gaia_eso", catalogue, ["BLUE", "RED"])
    assert (manifest["status"] == "").all()
    assert (manifest["spectrum_id"] == table["spectrum_id"]).all()
    np.testing.assert_allclose(manifest["feh"], table["a_fe"] - 7.45, atol=1e-9)
    np.testing.assert_allclose(manifest["rv"], table["rv"])
    assert (manifest["trouble"] == table["trouble"]).all()
    assert manifest["resolution"].eq(16000).all()


def test_files_hold_the_arms_in_air_with_flux_near_the_continuum_and_its_errors(survey):
    folder, table = survey(range(3), trouble=QUIET, snr={"median": 90, "range": [80, 100]})
    (blue,) = read_file(folder / "giraffe" / "star-000001-0_BLUE.fits", "gaia_eso")
    np.testing.assert_allclose(vacuum_to_air(blue.wavelength), build_grid(ARMS[:1]), rtol=1e-12)
    assert blue.meta["source_id"] == "star-000001"
    assert blue.meta["resolution"] == 20000
    # Beyond the grid's window there is nothing but the continuum and its noise.
    far = blue.wavelength > air_to_vacuum(5525.0)
    assert np.median(blue.flux[far]) == pytest.approx(1, abs=0.02)
    noise = 1 / np.sqrt(np.median(blue.ivar[far]))
    assert np.std(blue.flux[far]) == pytest.approx(noise, rel=0.15)
    assert 1 / noise == pytest.approx(blue.meta["snr"], rel=0.02)


def test_lines_stand_at_the_star_s_true_velocity(survey):
    trouble = QUIET | {"wrong_rv": 1.0}
    folder, table = survey(range(20, 26), trouble=trouble, snr={"median": 900, "range": [800, 1000]})
    assert table["trouble"].eq("wrong_rv").all()
    errors = (table["rv"] - table["rv_true"]).abs()
    np.testing.assert_allclose(errors, table["trouble_strength"], atol=3)
    for star in table.itertuples():
        for arm, line in zip(("BLUE", "RED"), LINES, strict=True):
            (spectrum,) = read_file(folder / "giraffe" / f"{star.spectrum_id}_{arm}.fits", "gaia_eso")
            depth = np.clip(1 - spectrum.flux - 0.05, 0, None)
            centre = np.sum(depth * vacuum_to_air(spectrum.wavelength)) / depth.sum()
            assert centre == pytest.approx(line * doppler(star.rv_true), abs=0.03)


def test_a_star_depends_on_the_seed_and_its_number_alone(survey):
    first, whole = survey(range(40))
    second, part = survey(range(30, 35))
    again = whole[whole["spectrum_id"].isin(part["spectrum_id"])].reset_index(drop=True)
    assert len(again) == len(part)
    pd.testing.assert_frame_equal(again, part, check_exact=False, rtol=1e-12)
    for name in part["spectrum_id"]:
        path = f"giraffe/{name}_RED.fits"
        one, other = (read_file(folder / path, "gaia_eso")[0] for folder in (first, second))
        np.testing.assert_allclose(one.flux, other.flux, atol=1e-5)


def test_benchmark_stars_have_their_names_repeats_and_no_trouble(survey):
    _, table = survey(range(40), repeats=4, trouble=QUIET | {"continuum": 1.0})
    star = table[table["benchmark"] == "18 Sco"]
    assert star["spectrum_id"].tolist() == [f"star-000007-{repeat}" for repeat in range(4)]
    assert star["source_id"].eq("18 Sco").all()
    assert star["teff_true"].eq(5810).all()
    assert star["teff"].nunique() == 4
    assert star["trouble"].eq("").all()
    # The second one lies beyond the grid, so that nothing stands in its place.
    assert (table["benchmark"] != "").sum() == 4


def test_labels_outside_the_range_lie_beyond_one_limit_and_are_flagged(survey):
    _, table = survey(range(100, 130), trouble=QUIET | {"outside_range": 1.0})
    limits = settings()["limits"]
    outside = table[table["trouble"] == "outside_range"]
    beyond = sum((~outside[f"{name}_true"].between(*limits[name])).astype(int) for name in limits)
    assert len(outside) > 20
    assert (beyond == 1).all()
    assert outside["tech"].ne("").all()
    inside = table[table["trouble"] == ""]
    assert all(inside[f"{name}_true"].between(*limits[name]).all() for name in limits)


def test_columns_that_a_simulation_lacks_are_named(grid, tmp_path):
    layout = LAYOUT | {"catalogue": LAYOUT["catalogue"] | {"columns": {"a_ti": "TI1"}}}
    options = {"grid": grid, "benchmarks": BENCHMARKS, "solar": SOLAR, "settings": settings(), "seed": 1}
    with pytest.raises(ValueError, match="expected columns that a simulated survey has, found 'a_ti'"):
        simulate_survey(tmp_path, range(1), layout=layout, **options)


def test_limits_beyond_the_grid_are_refused(survey):
    limits = settings()["limits"] | {"feh": [-2.5, 0.5]}
    with pytest.raises(ValueError, match=r"simulate\.limits\.feh: expected a range within the grid's, -1\.8 to 0\.8"):
        survey(range(1), limits=limits)


def test_the_table_has_the_survey_s_names(survey):
    folder, _ = survey(range(2))
    names = Table.read(folder / "giraffe.fits").colnames
    assert {"NAME", *COLUMNS.values(), "mg_fe_true", "trouble"} <= set(names)
    assert not set(COLUMNS) & set(names)


def test_names_of_the_schema_are_those_of_the_code():
    parts = RECIPE_SCHEMA.root["$defs"]["simulation"]["properties"]
    assert list(parts["trouble"]["properties"]) == list(STRENGTHS)
    assert set(WRITERS) < set(LAYOUTS) == set(SIMULATIONS) <= set(READERS)
