"""Surveys whose spectra have files of several arms, or no files yet because they are simulated."""

import re

import pytest
from workplace import Workplace

from spectrolabe.acquire.sharding import assign_shards, read_file_list

CONDITIONS = ["snr >= 30", "missing_arm = ''"]
JOINED = {
    "labels": ["teff", "feh"],
    "wavelength": {"arms": [{"start": 5350, "stop": 5600, "step": 0.06}, {"start": 8480, "stop": 8930, "step": 0.1}]},
    "datasets": {
        "survey": {
            "kind": "survey",
            "reader": "gaia_eso",
            "files": "arms/*.fits",
            "join": ["HR10", "HR21"],
            "catalogue": {"file": "arms.fits", "key": "NAME", "solar": "grevesse2007", "columns": {"a_fe": "FE1"}},
            "shard_size": 10,
            "prepare": [{"resample": {}}],
        }
    },
    "sets": {"stars": {"from": "survey", "select": CONDITIONS}},
    "models": {
        "cnn": {
            "network": {"conv": {}},
            "head": {"point": {}},
            "members": 1,
            "stages": [{"name": "train", "set": "stars", "epochs": 1}],
        }
    },
    "predict": [{"model": "cnn", "dataset": "stars-test"}, {"model": "cnn", "dataset": "survey"}],
    "validate": ["losses"],
}
SETTINGS = [
    {"name": "HR10", "start": 5345, "stop": 5605, "step": 0.05, "resolution": 19800},
    {"name": "HR21", "start": 8475, "stop": 8935, "step": 0.05, "resolution": 16200},
]
SIMULATED = {
    "extends": "joined",
    "datasets": {"survey": {"files": "giraffe/*.fits", "simulate": {"grid": "fgk_mgb", "stars": 25, "arms": SETTINGS}}},
}
PLATES = {
    "extends": "joined",
    "datasets": {
        "survey": {
            "reader": "sdss_spec",
            "files": "spectra/*.fits",
            "join": None,
            "catalogue": {
                "key": "spec-{PLATE:04d}-{MJD:05d}-{FIBER:04d}", "columns": None, "missing": [-9999], "solar": None,
            },
            "simulate": {"grid": "fgk_mgb", "stars": 25, "label_errors": {"teff": 50}},
        }
    },
    "sets": {"stars": {"select": None}},
}  # fmt: skip
BEAMS = [{"name": "A", "start": 5345, "stop": 5605, "step": 0.1, "resolution": [10000, 12000]}]
BEAMS += [BEAMS[0] | {"name": "B", "start": 8475, "stop": 8935}]
TWO_BEAMS = {
    "extends": "joined",
    "datasets": {
        "survey": {
            "reader": "linear_1d",
            "files": "spectra/*.fits",
            "join": ["A", "B"],
            "catalogue": {"file": "survey.fits", "key": "spectrum_id", "columns": None, "solar": None},
            "simulate": {"grid": "fgk_mgb", "stars": 25, "candidates": 5, "arms": BEAMS},
        }
    },
    "sets": {"stars": {"select": ["role = 'survey'"]}},
}
SHARDS = ["000", "001", "002"]


@pytest.fixture(scope="module")
def surveys(tmp_path_factory):
    """40 spectra of two arms, of one of which an arm is missing, and one whose name has no word."""
    place = Workplace(tmp_path_factory.mktemp("joined"))
    (place.data / "arms").mkdir()
    for number in range(40):
        for word in JOINED["datasets"]["survey"]["join"][: 1 if number == 7 else 2]:
            (place.data / "arms" / f"star-{number:02d}_{word}.fits").touch()
    (place.data / "arms" / "single.fits").touch()
    (place.data / "arms.fits").touch()
    place.add_recipe("joined", JOINED)
    place.add_recipe("simulated", SIMULATED)
    place.add_recipe("plates", PLATES)
    place.add_recipe("two_beams", TWO_BEAMS)
    return place


CODE = re.compile(r"results/code/|workflow/")


def inputs_of(place, rule, *targets, recipe):
    """The inputs of each job of a rule, without those that are code."""
    status, output = place.run("--dry-run", *targets, recipes=recipe)
    assert status == 0, output
    found = re.findall(rf"rule {rule}:\n    input: (.*)\n", output)
    return [[path for path in text.split(", ") if not CODE.match(path)] for text in found]


def test_the_files_of_a_spectrum_are_read_by_one_job(surveys):
    names = [f"arms/star-{number:02d}.fits" for number in range(40)] + ["arms/single.fits"]
    shards = assign_shards(sorted(names), 10)
    # Anything but a dry run writes the lists of files.
    status, output = surveys.run("--list-rules", recipes="joined")
    assert status == 0, output
    found = inputs_of(surveys, "list_spectra", recipe="joined")
    assert len(found) == len(shards) > 3
    folder = "results/joined/acquire/files/survey/"
    lists = [surveys.folder / path for paths in found for path in paths if path.startswith(folder)]
    files = [read_file_list(path) for path in lists]
    stars = [{path.split("_")[0] for path in paths if path.startswith("arms/star")} for paths in files]
    assert sum(map(len, stars)) == len(set.union(*stars)) == 40
    files = [path for paths in files for path in paths]
    assert len(files) == len(set(files)) == 2 * 40 - 1 + 1
    assert "arms/star-07_HR21.fits" not in files
    assert all("resources/solar_abundances/grevesse2007.csv" in paths for paths in found)


def test_one_job_selects_for_all_shards_of_a_set(surveys):
    jobs = surveys.count_jobs(recipes="joined")
    assert jobs["select_spectra"] == 1
    assert jobs["list_spectra"] == jobs["prepare_spectra"] == jobs["build_set"]
    found = inputs_of(surveys, "build_set", recipe="joined")
    assert all("results/joined/prepare/selection/stars.parquet" in paths for paths in found)


def test_a_set_without_conditions_waits_for_no_selection(surveys):
    surveys.add_recipe("unselected", {"extends": "joined", "sets": {"stars": {"select": None}}})
    assert "select_spectra" not in surveys.count_jobs(recipes="unselected")


def test_two_files_for_one_arm_end_in_one_sentence(surveys):
    (surveys.data / "twice").mkdir()
    for name in ("a_HR10", "HR10_a"):
        (surveys.data / "twice" / f"{name}.fits").touch()
    surveys.add_recipe("twice", {"extends": "joined", "datasets": {"survey": {"files": "twice/*.fits"}}})
    status, output = surveys.run("--dry-run", recipes="twice")
    assert status == 1
    assert (
        "recipe 'twice': key 'datasets.survey.join': expected one file for each word and spectrum, found "
        "twice/HR10_a.fits and twice/a_HR10.fits\n"
    ) in output


def test_a_simulated_survey_needs_no_files(surveys):
    jobs = surveys.count_jobs(recipes="simulated")
    # 25 stars in shards of 10.
    rules = ("simulate_survey", "list_spectra", "prepare_spectra", "build_set")
    assert [jobs[rule] for rule in rules] == [3, 3, 3, 3]
    folder = "results/simulated/acquire/simulated/survey"
    for rule in ("list_spectra", "prepare_spectra"):
        found = inputs_of(surveys, rule, recipe="simulated")
        assert sorted(path for paths in found for path in paths if folder in path) == [f"{folder}/{s}" for s in SHARDS]
        assert not any(path.startswith("data/") for paths in found for path in paths)


@pytest.mark.parametrize("recipe", ["plates", "two_beams"])
def test_a_simulated_survey_without_benchmark_stars_needs_a_grid_alone(surveys, recipe):
    found = inputs_of(surveys, "simulate_survey", recipe=recipe)
    assert len(found) == len(SHARDS)
    assert all(paths == ["resources/grids/fgk_mgb.fits.sha256"] for paths in found)


def test_raw_spectra_of_a_simulated_survey_come_from_all_its_shards(surveys):
    [paths] = inputs_of(surveys, "sample_raw", "results/simulated/prepare/raw/survey.parquet", recipe="simulated")
    folder = "results/simulated/acquire/simulated/survey"
    assert paths == ["results/simulated/acquire/manifests/survey.tsv", *(f"{folder}/{shard}" for shard in SHARDS)]
