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


def survey(path, value):
    changed = copy.deepcopy(SURVEY)
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
        ("reader", "linear_1d", r"datasets\.survey\.reader.*gaia_eso"),
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
