"""A recipe of seconds for faults to be planted in, and what tests look at afterwards."""

import copy
import io
import json
import shutil
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
from workplace import Workplace

NAME = "faulty"
RESULTS = f"results/{NAME}"
CATALOGUE = f"{RESULTS}/predict/catalogue/cnn/survey.parquet"
STAGE = {"name": "only", "set": "synthetic", "batch": 32, "optimiser": {"adam": {"learning_rate": 0.003}}}
PREPARATION = [{"rest_frame": {}}, {"broaden": {}}, {"resample": {}}, {"normalise": {"asymmetric_clip": {}}}]
RECIPE = {
    "seed": 3,
    "labels": ["teff", "logg", "feh"],
    "wavelength": {"arms": [{"start": 5160, "stop": 5190, "step": 0.2}], "resolution": 10000, "medium": "air"},
    "datasets": {
        "marcs": {"kind": "grid", "grid": "fgk_mgb"},
        "survey": {
            "kind": "survey",
            "reader": "linear_1d",
            "files": "survey/*.fits",
            "catalogue": {"file": "survey/labels.csv"},
            "resolution": 80000,
            "prepare": PREPARATION,
            "shard_size": 5,
        },
    },
    "sets": {
        "synthetic": {
            "from": "marcs",
            "stars": 200,
            "shard_size": 100,
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
            "members": 1,
            "stages": [STAGE | {"epochs": 3}],
        },
        # Nothing is predicted by these two: they are trained where a test asks for them.
        "interrupted": {
            "extends": "cnn",
            "network": {"conv": {"dropout": 0.2}},
            "stages": [STAGE | {"epochs": 150, "schedule": {"plateau": {}}}],
        },
        "undisturbed": {"extends": "interrupted"},
    },
    "predict": [{"model": "cnn", "dataset": "survey"}],
    "validate": ["kiel"],
}


def copy_place(place: Workplace, folder: Path) -> Workplace:
    """Give a second workplace with all that was run in one, so that a fault planted there leaves the first alone."""
    shutil.copytree(place.folder, folder, symlinks=True)
    second = copy.copy(place)
    second.folder, second.data = folder, folder / "data"
    return second


def member(model: str) -> str:
    return f"{RESULTS}/train/models/{model}/only/0.keras"


def history(place: Workplace, model: str) -> pd.DataFrame:
    return pd.read_parquet(place.folder / RESULTS / "train" / "histories" / model / "only" / "0.parquet")


def checkpointed(place: Workplace, model: str) -> list[dict]:
    """Rows of the history in a model's checkpoint; none where there is no checkpoint."""
    path = place.folder / RESULTS / "train" / "checkpoints" / model / "only" / "0.npz"
    if not path.exists():
        return []
    with np.load(path) as saved:
        return json.loads(str(saved["progress"]))["history"]


def assert_same_weights(first: Path, second: Path) -> None:
    """Compare all arrays of two .keras files; their bytes differ by the dates in the archive."""
    weights, expected = _read_weights(first), _read_weights(second)
    assert len(weights) > 4
    assert weights.keys() == expected.keys()
    for name, values in expected.items():
        np.testing.assert_array_equal(weights[name], values, err_msg=name)


def _read_weights(path):
    with zipfile.ZipFile(path) as archive, h5py.File(io.BytesIO(archive.read("model.weights.h5"))) as file:
        arrays = {}
        file.visititems(lambda name, item: arrays.update({name: item[()]} if isinstance(item, h5py.Dataset) else {}))
        return arrays


def list_ids(place: Workplace) -> list[str]:
    """Names of the spectra in the survey's manifest."""
    path = place.folder / RESULTS / "acquire" / "manifests" / "survey.tsv"
    return pd.read_csv(path, sep="\t", keep_default_na=False)["spectrum_id"].tolist()


def assert_same_catalogue(place: Workplace, other: Workplace) -> None:
    """Compare two catalogues to the last bit, and their rows with the manifest's."""
    found, expected = (pd.read_parquet(each.folder / CATALOGUE) for each in (place, other))
    pd.testing.assert_frame_equal(found, expected, check_exact=True)
    assert found["spectrum_id"].tolist() == list_ids(place)


def list_unfinished(place: Workplace) -> list[str]:
    """Files that a writer has left behind under a temporary name."""
    return [str(path) for path in (place.folder / "results").rglob(".writing-*")]
