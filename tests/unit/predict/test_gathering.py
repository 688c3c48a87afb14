"""What a catalogue is made from: no spectrum lost, in the manifest's order, with the verdicts of the screening."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from spectrolabe.predict.gathering import (
    add_screening,
    order_by_manifest,
    read_models,
    read_predictions,
    read_screening,
)

NAN = np.nan
STATUS = "dir/c.fits: file is truncated"
PREDICTED = pd.DataFrame({"spectrum_id": ["a", "b", "c"]})


def test_shards_of_several_models_become_a_table_each(tmp_path):
    for model, shard, names in (("x", "000", ["a"]), ("x", "001", ["b"]), ("y", "000", ["a"]), ("y", "001", ["b"])):
        path = tmp_path / model / "survey" / f"{shard}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        table = pa.table({"spectrum_id": names, "teff": [5000.0 if model == "x" else 5100.0]})
        pq.write_table(table.replace_schema_metadata({"spectra_per_second": "10"}), path)
    first, second = read_models(sorted(tmp_path.rglob("*.parquet")))
    assert first["spectrum_id"].tolist() == second["spectrum_id"].tolist() == ["a", "b"]
    assert (first["teff"].unique().tolist(), second["teff"].unique().tolist()) == ([5000], [5100])


def write_manifest(path, names):
    path.write_text("spectrum_id\tpath\n" + "".join(f"{name}\t{name}.fits\n" for name in names))
    return path


def test_what_the_manifest_says_of_clusters_is_carried_on(tmp_path):
    lines = ["spectrum_id\tcluster\tcluster_feh\tcluster_age", "c\t\t\t", "a\tNGC 104\t-0.72\t12.8", "b\t47\t-0.5\t"]
    (tmp_path / "survey.tsv").write_text("\n".join(lines) + "\n")
    rows = order_by_manifest(pd.DataFrame({"spectrum_id": ["a", "b", "c"]}), tmp_path / "survey.tsv")
    assert rows["spectrum_id"].tolist() == ["c", "a", "b"]
    assert rows["cluster"].tolist() == ["", "NGC 104", "47"]
    np.testing.assert_array_equal(rows["cluster_feh"], [NAN, -0.72, -0.5])
    np.testing.assert_array_equal(rows["cluster_age"], [NAN, 12.8, NAN])


@pytest.fixture
def screened(tmp_path):
    """Files that screen the spectra a (inner), b (outer) and c (which cannot be read and is not in the map)."""
    placed = pd.DataFrame({"spectrum_id": ["b", "a"], "inner": [False, True], "x": 0.0})
    verdicts = pd.DataFrame(
        {"spectrum_id": ["a", "c", "b"], "sound": [True, False, False], "reason": ["", STATUS, "émission"]}
    )
    verdicts["part"] = ["test", "", ""]
    paths = [tmp_path / name for name in ("map.parquet", "000.parquet", "001.parquet")]
    for table, path in zip((placed, verdicts[:2], verdicts[2:]), paths, strict=True):
        table.to_parquet(path)
    return paths


def test_screened_spectra(screened):
    rows = add_screening(PREDICTED, *read_screening(screened))
    assert rows["part"].tolist() == ["test", "", ""]
    assert rows["screening"].tolist() == ["inner", "outer", "outer"]
    assert rows["screening_reason"].tolist() == ["", "émission", STATUS]


def test_a_sound_spectrum_apart_from_the_others_is_outer():
    placed = pd.DataFrame({"spectrum_id": ["a", "b", "c"], "inner": [False, True, False]})
    verdicts = pd.DataFrame({"spectrum_id": ["a", "b", "c"], "part": "", "sound": True, "reason": ""})
    rows = add_screening(PREDICTED, placed, verdicts)
    assert rows["screening_reason"].tolist() == [
        "apart from them in the joint map",
        "",
        "apart from them in the joint map",
    ]


def test_a_spectrum_that_nobody_screened_is_not_known_to_be_inner():
    nobody = pd.DataFrame({"spectrum_id": [], "part": [], "inner": [], "sound": [], "reason": []}, dtype=object)
    rows = add_screening(PREDICTED, nobody, nobody)
    assert set(rows["screening"]) == {"outer"}
    assert set(rows["screening_reason"]) == {"not screened"}


def test_rows_follow_the_manifest(tmp_path):
    rows = pd.DataFrame({"spectrum_id": ["b", "NA", "a"], "snr": [2, 3, 1]})
    ordered = order_by_manifest(rows, write_manifest(tmp_path / "survey.tsv", ["a", "b", "NA"]))
    assert ordered["spectrum_id"].tolist() == ["a", "b", "NA"]
    assert ordered["snr"].tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("predicted", "message"),
    [
        (["a", "b"], r"survey\.tsv: 3 spectra are listed and 2 predicted; they differ in \['c'\]"),
        (["a", "b", "c", "d"], r"survey\.tsv: 3 spectra are listed and 4 predicted; they differ in \['d'\]"),
        (["a", "b", "c", "c"], r"survey\.tsv: 3 spectra are listed and 4 predicted"),
    ],
)
def test_a_lost_or_unknown_row_ends_in_one_sentence(tmp_path, predicted, message):
    manifest = write_manifest(tmp_path / "survey.tsv", ["a", "b", "c"])
    with pytest.raises(ValueError, match=message):
        order_by_manifest(pd.DataFrame({"spectrum_id": predicted}), manifest)


def test_predictions_of_shards_are_joined_and_their_rate_is_the_mean(tmp_path):
    # 30 spectra at 10 a second and 10 at 5: 40 in 5 seconds.
    for shard, (count, rate) in enumerate([(30, 10), (10, 5)]):
        table = pa.table({"spectrum_id": [f"{shard}-{row}" for row in range(count)]})
        pq.write_table(table.replace_schema_metadata({"spectra_per_second": str(rate)}), tmp_path / f"{shard}.parquet")
    rows, rate = read_predictions([tmp_path / "0.parquet", tmp_path / "1.parquet"])
    assert rows["spectrum_id"].iloc[[0, 30, 39]].tolist() == ["0-0", "1-0", "1-9"]
    assert rows.index.tolist() == list(range(40))
    assert rate == pytest.approx(8)
