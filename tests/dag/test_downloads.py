"""A survey that is downloaded: a run without its files names the command that fetches them."""

import pandas as pd
import pytest
from download_servers import HttpServer, serving

CATALOGUE = "PLATE,MJD,FIBER,RUN2D,TEFF\n266,51602,31,26,5500\n266,51602,32,26,6000\n266,51602,33,26,-1\n"
NAME = "spec-0266-51602-00{}.fits"


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    with serving(HttpServer()) as server:
        yield server


@pytest.fixture
def recipe(place, server):
    survey = {
        "kind": "survey",
        "reader": "sdss_spec",
        "files": "downloads/sdss/*.fits",
        "catalogue": {"file": "sdss.csv", "key": "spec-{PLATE:04d}-{MJD:05d}-{FIBER:04d}"},
        "download": {"sdss": {"mirror": server.url, "select": ["TEFF > 0"]}},
        "prepare": [{"resample": {}}],
    }
    place.add_recipe("fetched", {"extends": "demo", "datasets": {"fetched_survey": survey}})
    yield "fetched"
    (place.folder / "config" / "recipes" / "fetched.yaml").unlink()


def test_one_command_fetches_what_the_run_lacks(place, server, recipe, tmp_path):
    status, output = place.run("--dry-run", "--nolock", recipes=recipe, data=tmp_path)
    assert status == 1
    assert "Building DAG" not in output
    sentence = (
        f"recipe 'fetched': key 'datasets.fetched_survey.files': no file matches {tmp_path}/downloads/sdss/*.fits;"
        f" set the folder by data=FOLDER (`make survey RECIPE=fetched DATA={tmp_path}` fetches its files)"
    )
    assert sentence in output.splitlines()
    (tmp_path / "sdss.csv").write_text(CATALOGUE)
    server.files[f"sdss/spectro/redux/26/spectra/lite/0266/{NAME.format(31)}"] = b"SIMPLE  ="
    status, output = place.run("fetch", recipes=recipe, data=tmp_path)
    assert status == 0, output
    fared = pd.read_csv(place.folder / "results/fetched/acquire/downloads/fetched_survey.tsv", sep="\t")
    assert dict(zip(fared["path"], fared["status"].fillna(""), strict=True)) == {
        NAME.format(31): "", NAME.format(32): "not published",
    }  # fmt: skip
    jobs = place.count_jobs(
        "--nolock", "results/fetched/acquire/manifests/fetched_survey.tsv", recipes=recipe, data=tmp_path
    )
    assert jobs == {"list_spectra": 1, "join_manifests": 1}


def test_a_recipe_without_downloads_has_nothing_to_fetch(place):
    status, output = place.run("fetch", "--dry-run", "--nolock", recipes="demo")
    assert status != 0
    assert "no survey of demo has the key download: there is nothing to fetch" in output
