"""Downloads of surveys in recipes: their defaults, and what goes together."""

import pytest
from tiny_recipe import changed, load

from spectrolabe.recipe import RecipeError
from spectrolabe.recipe_catalogues import check_catalogues

SDSS = {
    "datasets.survey.reader": "sdss_spec",
    "datasets.survey.files": "downloads/sdss/*.fits",
    "datasets.survey.catalogue": {"file": "downloads/sdss/ssppOut-dr12.fits", "key": "spec-{PLATE:04d}-{FIBER}"},
    "datasets.survey.download": {"sdss": {}},
}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "recipes").mkdir()
    return tmp_path / "recipes"


def test_the_default_is_the_coadded_spectra_of_all_stars_of_release_12(folder):
    download = load(folder, changed(SDSS))["datasets"]["survey"]["download"]
    assert download == {"sdss": {"mirror": "https://data.sdss.org/sas/dr12", "select": [], "spectra": "lite"}}


def test_a_difference_takes_the_download_away_by_null(folder):
    load(folder, changed(SDSS), "parent")
    child = {"extends": "parent", "datasets": {"survey": {"download": None}}}
    assert "download" not in load(folder, child)["datasets"]["survey"]


def test_a_simulated_survey_is_not_downloaded():
    dataset = {"kind": "survey", "reader": "sdss_spec", "download": {"sdss": {}}, "simulate": {"grid": "g"}}
    with pytest.raises(RecipeError, match=r"^r: key 'datasets.s.download': found a download of a survey that is sim"):
        check_catalogues("r", {"datasets": {"s": dataset}})


@pytest.mark.parametrize("files", ["downloads/*.fits", "downloads/sdss/*.fit", "downloads/sdss/*/*.fits", "sdss/*/*"])
def test_files_must_be_those_that_are_downloaded(folder, files):
    with pytest.raises(
        RecipeError, match=r"key 'datasets.survey.files': found .* expected a pattern such as downloads"
    ):
        load(folder, changed(SDSS | {"datasets.survey.files": files}))
