"""One run of a small recipe from grid and survey to report, which the tests of this folder look at."""

import pytest
from observing import write_survey
from workplace import Workplace

STAGE = {"set": "synthetic", "batch": 32, "optimiser": {"adam": {"learning_rate": 0.003}}}
PREPARATION = [
    {"rest_frame": {}},
    {"clean_zeros": {}},
    {"broaden": {}},
    {"resample": {}},
    {"normalise": {"asymmetric_clip": {}}},
]
SURVEY = {
    "kind": "survey",
    "reader": "linear_1d",
    "catalogue": {"file": "survey/labels.csv"},
    "resolution": 80000,
    "prepare": PREPARATION,
}
RECIPE = {
    "seed": 3,
    "labels": ["teff", "logg", "feh"],
    "wavelength": {"arms": [{"start": 5160, "stop": 5190, "step": 0.2}], "resolution": 10000, "medium": "air"},
    "datasets": {
        "marcs": {"kind": "grid", "grid": "fgk_mgb"},
        "survey": SURVEY | {"files": "survey/*.fits", "shard_size": 4},
        # The same survey in one shard, without the files that cannot be read.
        "clean": SURVEY | {"files": ["survey/star_*.fits", "survey/half.fits"], "shard_size": 100},
    },
    "sets": {
        "synthetic": {
            "from": "marcs",
            "stars": 300,
            "shard_size": 120,
            "ranges": {"teff": [4200, 6800], "logg": [1, 4.8], "feh": [-2, 0.4], "alpha_fe": [-0.1, 0.5]},
            "steps": [
                {"broaden": {}},
                {"resample": {}},
                {"add_noise": {"snr": [50, 150]}},
                {"normalise": {"asymmetric_clip": {}}},
            ],
        },
    },
    "models": {
        "cnn": {
            "network": {"conv": {"filters": [4], "kernel": 8, "strides": [2], "dense": [16]}},
            "head": {"gaussian": {}},
            "members": 2,
            "stages": [
                STAGE | {"name": "first", "epochs": 4},
                STAGE | {"name": "second", "epochs": 2, "start_from": "first"},
            ],
        },
        # Nothing is predicted by these two: they are trained where a test asks for them.
        "interrupted": {
            "extends": "cnn",
            "network": {"conv": {"dropout": 0.2}},
            "members": 1,
            "stages": [STAGE | {"name": "long", "epochs": 30, "schedule": {"plateau": {}}}],
        },
        "undisturbed": {"extends": "interrupted"},
    },
    "predict": [{"model": "cnn", "dataset": name} for name in ("synthetic-test", "survey", "clean")],
    "validate": ["residuals", "kiel", "losses"],
}


@pytest.fixture(scope="session")
def place(tmp_path_factory) -> Workplace:
    """A workplace in which the recipe `small` has been run; its library is a copy, which tests may edit."""
    place = Workplace(tmp_path_factory.mktemp("demo"), copied=["workflow"])
    write_survey(place.data / "survey")
    place.add_recipe("small", RECIPE)
    status, output = place.run(recipes="small")
    assert status == 0, output
    return place


@pytest.fixture(scope="session")
def results(place):
    return place.folder / "results" / "small"
