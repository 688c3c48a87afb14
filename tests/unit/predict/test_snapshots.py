"""Labels at several epochs of a training: of the best kept member, in order, beside what it was trained on."""

import numpy as np
import pandas as pd
import pytest

from spectrolabe.predict.snapshots import list_epochs, predict_epochs
from spectrolabe.train.heads import HEADS
from spectrolabe.train.members import build, build_model, save_member
from spectrolabe.train.scaling import LabelScaling

LABELS = ["teff", "logg"]
KEPT = {"members": ["0", "2"], "validation_loss": {"0": 0.5, "1": 0.1, "2": 0.4}}


@pytest.fixture
def files(tmp_path, make_set):
    """Histories, folders of snapshots and members of three members; all networks differ in their offsets."""
    spectra = make_set(64, 1)
    scaling = LabelScaling.fit(spectra.table[LABELS].to_numpy(np.float32), LABELS)
    model = build_model(spectra.flux, {"perceptron": {"units": [4]}}, build(HEADS, {"point": {}}), scaling, seed=1)
    start = model.get_weights()

    def save(path, offset):
        model.set_weights([*start[:-1], start[-1] + offset])
        save_member(model, path)

    for member in range(3):
        pd.DataFrame({"epoch": [1, 2, 3], "val_loss": [3.0, 1, 2]}).to_parquet(tmp_path / f"{member}.parquet")
        save(tmp_path / f"{member}.keras", 20 + member)
        for epoch in (3, 1):
            save(tmp_path / str(member) / f"{epoch}.keras", 10 * epoch + member)
    names = [[f"{member}{ending}" for member in range(3)] for ending in (".parquet", "", ".keras")]
    return [[str(tmp_path / name) for name in each] for each in names]


def test_the_best_kept_member_tells_its_epochs_in_order(files):
    epochs = [(epoch, path.parent.name, path.stem, kept) for epoch, path, kept in list_epochs(KEPT, *files)]
    folder = epochs[1][1]
    assert epochs == [(1, "2", "1", False), (2, folder, "2", True), (3, "2", "3", False)]


def test_the_epoch_that_was_kept_stands_once(files, tmp_path):
    pd.DataFrame({"epoch": [1, 2, 3], "val_loss": [3.0, 2, 1]}).to_parquet(tmp_path / "2.parquet")
    assert [(epoch, kept) for epoch, _, kept in list_epochs(KEPT, *files)] == [(1, False), (3, True)]


def test_epochs_begin_before_the_first_and_end_with_the_mean_of_the_weights(files, tmp_path):
    (tmp_path / "2" / "1.keras").rename(tmp_path / "2" / "0.keras")
    losses = {"epoch": [1, 2, 3], "val_loss": [3.0, 1, 2], "val_loss_averaged": [np.nan, np.nan, 1.5]}
    pd.DataFrame(losses).to_parquet(tmp_path / "2.parquet")
    epochs = [(epoch, path.name, kept) for epoch, path, kept in list_epochs(KEPT, *files)]
    assert epochs == [(0, "0.keras", False), (3, "2.keras", True)]


def test_labels_of_every_epoch_stand_beside_those_trained_on(files, make_set):
    validation = make_set(5, 3)
    table = predict_epochs(validation, list_epochs(KEPT, *files), {"point": {}}, LABELS)
    assert table["epoch"].tolist() == [1] * 5 + [2] * 5 + [3] * 5
    assert table["kept"].tolist() == [False] * 5 + [True] * 5 + [False] * 5
    assert table["spectrum_id"].tolist() == validation.table["spectrum_id"].tolist() * 3
    np.testing.assert_array_equal(table["teff_reference"], np.tile(validation.table["teff"], 3))
    # Offsets of 12, 22 and 32 scaled units; one unit is the spread of the training labels.
    first, second, third = (table.loc[table["epoch"] == epoch, "logg"].to_numpy() for epoch in (1, 2, 3))
    spread = make_set(64, 1).table["logg"].std(ddof=0)
    np.testing.assert_allclose(second - first, 10 * spread, rtol=1e-4)
    np.testing.assert_allclose(third - second, 10 * spread, rtol=1e-4)
