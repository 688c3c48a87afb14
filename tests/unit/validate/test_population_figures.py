"""Every figure of populations is drawn from what its result writes, and says in words what is missing."""

import json

import numpy as np
import pandas as pd
import pytest

from spectrolabe.validate.ages import date_stars
from spectrolabe.validate.anticorrelation import compare_clusters
from spectrolabe.validate.discs import find_discs
from spectrolabe.validate.figure_names import POPULATION_RESULTS
from spectrolabe.validate.orbits import PUBLISHED as TRENDS
from spectrolabe.validate.orbits import fit_trend
from spectrolabe.validate.population_figures import POPULATION_FIGURES
from spectrolabe.validate.population_rows import COLUMNS, population_rows
from spectrolabe.validate.population_sample import read_sample, write_results
from spectrolabe.validate.repeats import compare_gravities, compare_repeats
from spectrolabe.validate.style import save_figure

ERRORS = {"teff": 40, "logg": 0.06, "mg_fe": 0.03, "al_fe": 0.06, "feh": 0.04}


def make_survey(folder, count=600):
    """A catalogue and a manifest of two discs, a cluster, benchmark stars and seismic ones, written and read again."""
    rng = np.random.default_rng(8)
    thick = np.arange(count) % 3 == 0
    truth = pd.DataFrame({"teff": rng.normal(5900, 100, count), "logg": 4.0, "feh": rng.normal(-0.3, 0.15, count)})
    truth["mg_fe"] = 0.05 + 0.25 * thick
    truth["al_fe"] = 0.2 - 2 * truth["mg_fe"] + rng.normal(0, 0.2, count)
    names = [f"s{number}" for number in range(count)]
    catalogue = pd.DataFrame({"spectrum_id": names, "source_id": names, "snr": 50.0, "flag": 0, "part": ""})
    catalogue["screening"] = np.where(np.arange(count) % 50 == 1, "outer", "inner")
    for label, error in ERRORS.items():
        values = truth[label] + rng.normal(0, error, count)
        catalogue = catalogue.assign(**{label: values, f"{label}_err": error, f"{label}_lo68": values - error})
        catalogue = catalogue.assign(**{f"{label}_true": truth[label], f"{label}_survey": truth[label] + 0.01})
        catalogue[f"{label}_survey_err"] = 2 * error
    manifest = pd.DataFrame({"spectrum_id": names, "population": np.where(thick, "thick", "thin")})
    manifest["benchmark"] = np.where(np.arange(count) < 6, "Sun", "")
    manifest["cluster"] = np.where(np.arange(count) % 20 == 7, "NGC 1", "")
    manifest["logg_seismic"] = np.where(np.arange(count) < 30, 4.02, np.nan)
    catalogue.to_parquet(folder / "catalogue.parquet", index=False)
    manifest.to_csv(folder / "manifest.tsv", sep="\t", index=False)
    return read_sample(folder / "catalogue.parquet", folder / "manifest.tsv")


def make_isochrones():
    ages, gravities = (values.ravel() for values in np.meshgrid(np.arange(2.0, 13), np.linspace(3.5, 4.4, 19)))
    return pd.DataFrame({"feh": -0.3, "age": ages, "teff": 6500 - 75 * ages, "logg": gravities})


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Folder of all results, written as the rules write them."""
    folder = tmp_path_factory.mktemp("populations")
    sample = make_survey(folder)
    discs, numbers = find_discs(sample, 30)
    orbits = discs[discs["disc"] != ""].assign(eccentricity=0.2, eccentricity_true=0.2)
    trend = fit_trend(orbits, "feh", "eccentricity")
    found = {"trends": {"thin": trend, "thick": None}, "truth": {"thin": trend}, "published": TRENDS}
    found["check"] = {"stars": 2, "median_difference": -0.0001, "median_absolute_difference": 0.0002}
    made = {
        "discs": (discs, numbers),
        "orbits": (orbits, found),
        "ages": date_stars(discs, sample, make_isochrones()),
        "clusters": compare_clusters(sample),
        "repeats": compare_repeats(sample),
        "seismic": compare_gravities(sample),
    }
    for name, (table, of_name) in made.items():
        write_results(table, of_name, folder / f"{name}.parquet", folder / f"{name}.json")
    return folder


@pytest.mark.parametrize("figure", POPULATION_RESULTS)
def test_every_figure_is_drawn(results, figure, tmp_path):
    result = results / POPULATION_RESULTS[figure]
    numbers = json.loads(result.with_suffix(".json").read_text())
    picture = POPULATION_FIGURES[figure](pd.read_parquet(result.with_suffix(".parquet")), numbers)
    assert picture.axes
    save_figure(picture, tmp_path / "figure.png")


@pytest.mark.parametrize("figure", POPULATION_RESULTS)
def test_what_is_missing_is_said_in_words(figure):
    picture = POPULATION_FIGURES[figure](pd.DataFrame(), {"missing": "No such stars"})
    assert [text.get_text() for text in picture.texts] == ["No such stars"]
    assert not picture.axes


@pytest.mark.parametrize("result", dict.fromkeys(POPULATION_RESULTS.values()))
def test_every_result_has_rows(results, result):
    rows = population_rows(results / f"{result}.json")
    assert rows
    assert all(list(row) == list(COLUMNS) and all(isinstance(cell, str) for cell in row.values()) for row in rows)


def test_rows_hold_the_numbers(results, tmp_path):
    numbers = json.loads((results / "discs.json").read_text())
    rows = {row["quantity"]: row for row in population_rows(results / "discs.json")}
    noise = rows["Share in neither disc, good set"]
    assert noise["found"] == f"{100 * numbers['high']['noise']:.1f} %"
    assert noise["published"] == "35.0 %"
    (tmp_path / "ages.json").write_text('{"missing": "Ages need isochrones"}')
    assert population_rows(tmp_path / "ages.json")[0]["quantity"] == "Ages need isochrones"
