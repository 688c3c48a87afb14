"""Which members are kept, and what their histories say."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from spectrolabe.train.selection import choose_members, judge_history, label_ranges, read_histories, read_labels

LOSSES = {"0": 0.3, "1": 0.1, "2": 0.4, "3": 0.1}


@pytest.mark.parametrize(
    ("keep", "members"),
    [
        (None, ["0", "1", "2", "3"]),
        ({"best": 1}, ["1"]),  # of equal ones the first
        ({"best": 3}, ["0", "1", "3"]),
        ({"best": 4}, ["0", "1", "2", "3"]),
        ({"drop_worst": 1}, ["0", "1", "3"]),
        ({"drop_worst": 2}, ["1", "3"]),
    ],
)
def test_members_are_kept_by_loss_in_their_own_order(keep, members):
    assert choose_members(LOSSES, keep) == members


def test_histories_give_the_best_epoch_of_each_member(tmp_path):
    for member, losses in {"0": [0.5, 0.2, 0.3], "1": [0.4]}.items():
        epochs = np.arange(1, len(losses) + 1)
        history = pd.DataFrame({"epoch": epochs, "val_loss": losses, "seconds": [2.0] * len(losses)})
        table = pa.Table.from_pandas(history).replace_schema_metadata({"parameters": "123"})
        pq.write_table(table, tmp_path / f"{member}.parquet")
    histories = read_histories([tmp_path / "0.parquet", tmp_path / "1.parquet"])
    assert histories.losses == {"0": 0.2, "1": 0.4}
    assert histories.parameters == 123
    assert histories.seconds == 8


def test_a_mean_of_weights_stands_for_the_last_epoch_with_its_own_loss():
    history = pd.DataFrame({"epoch": [1, 2, 3], "val_loss": [0.5, 0.1, 0.3]})
    assert judge_history(history) == (2, 0.1)
    assert judge_history(history.assign(val_loss_averaged=[np.nan, np.nan, 0.2])) == (3, 0.2)


def test_ranges_of_labels_leave_missing_ones_out(tmp_path):
    # Of the whole label, whatever preparation removed of it.
    columns = {"teff": pa.array([5000.0, None, 6000.0]), "teff_removed": [1.0, 2.0, 3.0], "logg": [4.0, 2.0, 3.0]}
    table = pa.table(columns | {"flux": [1.0, 1.0, 1.0]})
    pq.write_table(table, tmp_path / "training.parquet")
    labels = read_labels(tmp_path / "training.parquet", ["teff", "logg"])
    np.testing.assert_array_equal(labels["teff"], [5000, np.nan, 6000])
    assert label_ranges(labels) == {"teff": [5000, 6000], "logg": [2, 4]}
