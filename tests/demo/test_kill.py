"""A training that is killed goes on where it was, to the same network."""

import io
import json
import time
import zipfile

import h5py
import numpy as np
import pandas as pd
import pytest
from workplace import PATIENCE, kill

EPOCHS = 30


def targets(model):
    return f"results/small/train/models/{model}/long/0.keras"


def epochs_in(checkpoint):
    """Rows of the history in a checkpoint; none where there is no checkpoint yet."""
    if not checkpoint.exists():
        return []
    with np.load(checkpoint) as saved:
        return json.loads(str(saved["progress"]))["history"]


def read_weights(path):
    """All arrays of a .keras file by name; its bytes differ from run to run by the dates in the archive."""
    with zipfile.ZipFile(path) as archive, h5py.File(io.BytesIO(archive.read("model.weights.h5"))) as file:
        arrays = {}
        file.visititems(lambda name, item: arrays.update({name: item[()]} if isinstance(item, h5py.Dataset) else {}))
        return arrays


@pytest.fixture(scope="module")
def interrupted(place, results):
    """The history that the checkpoint held when the run was killed."""
    checkpoint = results / "train" / "checkpoints" / "interrupted" / "long" / "0.npz"
    process = place.start(targets("interrupted"), recipes="small")
    started = time.monotonic()
    try:
        while len(epochs_in(checkpoint)) < 3:
            assert process.poll() is None, process.communicate()[0]
            assert time.monotonic() - started < PATIENCE
            time.sleep(0.05)
    finally:
        kill(process)
    assert not (results / "train" / "models" / "interrupted" / "long" / "0.keras").exists()
    return epochs_in(checkpoint)


def test_a_killed_training_ends_in_the_same_network(place, results, interrupted):
    assert 3 <= len(interrupted) < EPOCHS
    assert place.run("--unlock", recipes="small")[0] == 0
    status, output = place.run(targets("interrupted"), targets("undisturbed"), recipes="small")
    assert status == 0, output
    resumed, whole = (
        pd.read_parquet(results / "train" / "histories" / model / "long" / "0.parquet")
        for model in ("interrupted", "undisturbed")
    )
    # No epoch takes exactly as long a second time: these were not run again.
    pd.testing.assert_frame_equal(resumed.head(len(interrupted)), pd.DataFrame(interrupted), check_exact=True)
    pd.testing.assert_frame_equal(resumed.drop(columns="seconds"), whole.drop(columns="seconds"), check_exact=True)
    assert len(whole) == EPOCHS
    weights, expected = (read_weights(place.folder / targets(model)) for model in ("interrupted", "undisturbed"))
    assert weights.keys() == expected.keys()
    assert len(weights) > 4
    for name, values in expected.items():
        np.testing.assert_array_equal(weights[name], values, err_msg=name)
