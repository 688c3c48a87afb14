"""Mistakes in a simulated survey end in one sentence before any job starts."""

import copy

import pytest

from spectrolabe.recipe import RECIPE_SCHEMA
from spectrolabe.recipe_files import RecipeError
from spectrolabe.recipe_simulation import check_simulations

ARM = {"start": 5340, "stop": 5612, "step": 0.05, "resolution": 19800}
ARMS = [ARM | {"name": "HR10"}, ARM | {"name": "HR21", "start": 8470, "stop": 8942}]
SIMULATION = RECIPE_SCHEMA.fill_defaults(
    {"grid": "g", "stars": 10, "arms": ARMS}, RECIPE_SCHEMA.root["$defs"]["simulation"]
)
SURVEY = {
    "kind": "survey", "reader": "gaia_eso", "files": "giraffe/*.fits", "join": ["HR10", "HR21"],
    "catalogue": {"file": "giraffe.fits", "key": "NAME", "columns": {}, "solar": "grevesse2007"},
    "simulate": SIMULATION,
}  # fmt: skip

SDSS = {
    "kind": "survey", "reader": "sdss_spec", "files": "spectra/*.fits",
    "catalogue": {
        "file": "ssppOut.fits", "key": "spec-{PLATE:04d}-{MJD:05d}-{FIBER:04d}", "columns": {}, "missing": [-9999],
    },
    "simulate": RECIPE_SCHEMA.fill_defaults({"grid": "g", "stars": 10}, RECIPE_SCHEMA.root["$defs"]["sdss_simulation"]),
}  # fmt: skip
BEAM = {"start": 5132, "stop": 5249, "step": 0.1, "resolution": [10000, 12000]}
BEAM_ARMS = [BEAM | {"name": "A"}, BEAM | {"name": "B", "start": 5250, "stop": 5367}]
BEAMS = {
    "kind": "survey", "reader": "linear_1d", "files": "spectra/*.fits", "join": ["A", "B"],
    "catalogue": {"file": "survey.fits", "key": "spectrum_id", "columns": {}, "missing": []},
    "simulate": RECIPE_SCHEMA.fill_defaults(
        {"grid": "g", "stars": 10, "arms": BEAM_ARMS}, RECIPE_SCHEMA.root["$defs"]["beam_simulation"]
    ),
}  # fmt: skip


def survey(path, value, base=SURVEY):
    changed = copy.deepcopy(base)
    *folders, last = path.split(".")
    node = changed
    for name in folders:
        node = node[name]
    if value is None:
        del node[last]
    else:
        node[last] = value
    return {"datasets": {"survey": changed}}


def test_a_sound_one_passes():
    check_simulations("recipe 'r'", {"datasets": {"survey": SURVEY}})
    alone = survey("simulate.arms", ARMS[:1])
    del alone["datasets"]["survey"]["join"]
    check_simulations("recipe 'r'", alone)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("reader", "lamost_lrs", r"datasets\.survey\.reader.*gaia_eso"),
        ("catalogue.solar", None, r"datasets\.survey\.catalogue\.solar.*absolute abundances"),
        ("join", ["HR10", "HR15"], r"datasets\.survey\.join.*the names of simulate\.arms"),
        ("join", None, r"datasets\.survey\.join.*the names of simulate\.arms"),
        ("simulate.arms", ARMS[:1], r"datasets\.survey\.join.*no such key"),
        ("files", "giraffe/GES_*.fits", r"datasets\.survey\.files.*star-000000-0"),
        ("files", "giraffe/*/*.fits", r"datasets\.survey\.files.*in one folder"),
        ("files", ["a/*.fits", "b/*.fits"], r"datasets\.survey\.files.*one pattern"),
        ("simulate.arms", ARMS[::-1], r"arms\[1\]\.start.*5340.*8942"),
        ("simulate.trouble", {"emission": 0.7, "continuum": 0.5}, r"simulate\.trouble.*1\.2.*at most 1"),
        ("simulate.populations", {"thin": 0, "thick": 0, "clusters": 0}, r"simulate\.populations.*above 0"),
        ("simulate.snr", {"median": 300, "range": [10, 200]}, r"simulate\.snr.*median 300.*within the range"),
    ],
)
def test_mistakes_end_in_a_sentence(path, value, message):
    with pytest.raises(RecipeError, match=message):
        check_simulations("recipe 'r'", survey(path, value))


def test_the_reader_decides_which_keys_there_are():
    part = RECIPE_SCHEMA.root["$defs"]["survey_dataset"]
    filled = RECIPE_SCHEMA.fill_defaults({"reader": "sdss_spec", "simulate": {"grid": "g", "stars": 10}}, part)
    assert filled["simulate"] == SDSS["simulate"]
    options = {"grid": "g", "stars": 10, "arms": BEAM_ARMS}
    filled = RECIPE_SCHEMA.fill_defaults({"reader": "linear_1d", "simulate": options}, part)
    assert filled["simulate"] == BEAMS["simulate"]
    filled = RECIPE_SCHEMA.fill_defaults({"reader": "gaia_eso", "simulate": {"arms": ARMS}}, part)
    assert filled["simulate"]["populations"] == SIMULATION["populations"]
    mixed = {
        "reader": "sdss_spec",
        "files": "a/*.fits",
        "prepare": [],
        "simulate": {"grid": "g", "stars": 1, "snr": {}},
    }
    with pytest.raises(RecipeError, match=r"datasets\.survey\.simulate': found 'snr'; expected one of grid, stars"):
        RECIPE_SCHEMA.check_part("recipe 'r'", ["datasets", "survey"], mixed, part)


def test_a_sound_sdss_survey_passes():
    check_simulations("recipe 'r'", {"datasets": {"survey": SDSS}})
    check_simulations("recipe 'r'", survey("catalogue.key", "spec-{PLATE:04d}-{MJD}-{FIBER:04d}.fits", SDSS))


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("join", ["A", "B"], r"datasets\.survey\.join.*no such key"),
        ("catalogue", None, r"datasets\.survey\.catalogue.*nothing"),
        ("catalogue.solar", "grevesse2007", r"catalogue\.solar.*no such key"),
        ("catalogue.key", "NAME", r"catalogue\.key.*'NAME'.*spec-\{PLATE:04d\}"),
        ("catalogue.key", "spec-{PLATE}-{NIGHT}", r"catalogue\.key.*PLATE, MJD and FIBER"),
        ("catalogue.missing", [], r"catalogue\.missing.*-9999"),
        ("files", "spectra/lamost-*.fits", r"datasets\.survey\.files.*spec-0266-51602-0031\.fits"),
        ("simulate.trouble", {"cosmic_rays": 0.7, "continuum": 0.5}, r"simulate\.trouble.*1\.2.*at most 1"),
    ],
)
def test_mistakes_in_an_sdss_survey_end_in_a_sentence(path, value, message):
    with pytest.raises(RecipeError, match=message):
        check_simulations("recipe 'r'", survey(path, value, SDSS))


def test_a_sound_survey_of_beams_passes():
    check_simulations("recipe 'r'", {"datasets": {"survey": BEAMS}})
    alone = survey("simulate.arms", BEAM_ARMS[1:], BEAMS)
    del alone["datasets"]["survey"]["join"]
    check_simulations("recipe 'r'", alone)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("join", None, r"datasets\.survey\.join.*the names of simulate\.arms"),
        ("catalogue", None, r"datasets\.survey\.catalogue.*nothing"),
        ("catalogue.solar", "grevesse2007", r"catalogue\.solar.*no such key"),
        ("catalogue.key", "{PLATE}-{FIBER}", r"catalogue\.key.*a column's name"),
        ("files", "spectra/*-0_*.fits", r"datasets\.survey\.files.*star-000000_A\.fits"),
        ("simulate.arms", BEAM_ARMS[::-1], r"simulate\.arms\[1\]\.start.*5132.*5367"),
        ("simulate.candidates", 11, r"simulate\.stars.*found 10.*at least 11"),
        ("simulate.snr", {"range": [0, 200]}, r"simulate\.snr\.range\[0\].*above 0"),
        ("simulate.features.strength", [-0.1, 0.5], r"features\.strength\[0\].*-0\.1.*above 0"),
        ("simulate.features.number", 59, r"features\.number.*found 59.*at most 58 in the arm A.*20 pixels"),
        ("simulate.trouble", {"cosmic_rays": 0.7, "zero_pixels": 0.5}, r"simulate\.trouble.*1\.2.*at most 1"),
    ],
)
def test_mistakes_in_a_survey_of_beams_end_in_a_sentence(path, value, message):
    with pytest.raises(RecipeError, match=message):
        check_simulations("recipe 'r'", survey(path, value, BEAMS))
