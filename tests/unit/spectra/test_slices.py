"""Rows of many files in one order: places, slices, files that differ in columns."""

import numpy as np
import pandas as pd
import pytest

from spectrolabe.spectra import slices
from spectrolabe.spectra.slices import Order, Slices, choose_names, temporary_folder


def test_a_name_stands_where_it_comes_first():
    order = Order([["c", "a"], ["c", "b"]])
    assert (len(order), order.listed) == (3, 4)
    assert order.find(["a", "b", "c", "d"]).tolist() == [1, 2, 0, -1]
    assert (len(Order([])), Order([]).slices, Order([]).find(["a"]).tolist()) == (0, 1, [-1])


def test_slices_are_few(monkeypatch):
    monkeypatch.setattr(slices, "SLICE", 2)
    monkeypatch.setattr(slices, "MOST_SLICES", 3)
    orders = [Order([[str(name) for name in range(count)]]) for count in (1, 5, 7)]
    assert [(order.rows, order.slices) for order in orders] == [(2, 1), (2, 3), (3, 3)]


@pytest.mark.parametrize(("size", "chunk"), [(1, 1), (2, 2**25), (100, 1)])
def test_rows_come_in_order_with_the_columns_of_all_files(tmp_path, monkeypatch, size, chunk):
    monkeypatch.setattr(slices, "SLICE", size)
    monkeypatch.setattr(slices, "CHUNK", chunk)
    tables = [
        pd.DataFrame({"spectrum_id": ["b", "x", "d"], "teff": [1, 2, 3], "note": None}),
        pd.DataFrame(
            {"spectrum_id": ["c", "a", "b"], "logg": [4.0, np.nan, 6.0], "note": None, "text": ["", "?", "!"]}
        ),
    ]
    paths = [tmp_path / f"{place}.parquet" for place in range(2)]
    for table, path in zip(tables, paths, strict=True):
        table.to_parquet(path, index=False)
    found = Slices(paths, Order([["a", "b", "e", "c", "d"]]), tmp_path)
    rows = pd.concat(found)
    assert rows["spectrum_id"].tolist() == ["a", "b", "b", "c", "d"]
    np.testing.assert_array_equal(rows["teff"], [np.nan, 1, np.nan, np.nan, 3])
    np.testing.assert_array_equal(rows["logg"], [np.nan, np.nan, 6, 4, np.nan])
    assert rows["text"].fillna("-").tolist() == ["?", "-", "!", "", "-"]
    assert rows["note"].dtype == float
    assert list(Slices(paths, found.order, tmp_path, columns=["logg"]).read(0)) == ["spectrum_id", "logg"]


def test_a_share_of_the_names_depends_on_the_names_alone():
    names = [f"star {number}" for number in range(4000)]
    chosen = choose_names(names, 0.25)
    assert chosen.mean() == pytest.approx(0.25, abs=0.02)
    assert choose_names(names[::-1], 0.25).tolist() == chosen[::-1].tolist()
    assert choose_names(names, 1).all()


def test_what_a_killed_process_left_is_removed(tmp_path):
    (tmp_path / ".rows-survey.parquet").mkdir()
    (tmp_path / ".rows-survey.parquet" / "left").touch()
    with temporary_folder(tmp_path / "survey.parquet") as folder:
        assert list(folder.iterdir()) == []
    assert list(tmp_path.iterdir()) == []
