"""What a catalogue is made from: no spectrum lost, in the manifest's order, with the verdicts of the screening."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from spectrolabe.predict.doubts import CARRIED
from spectrolabe.predict.gathering import add_screening, gather_rows, group_models, read_predictions, read_rate
from spectrolabe.spectra import slices

NAN = np.nan
STATUS = "dir/c.fits: file is truncated"
PREDICTED = pd.DataFrame({"spectrum_id": ["a", "b", "c"]})


def write_shards(folder, shards):
    """Write predictions, a file per list of names; labels are the names' places in the alphabet."""
    folder.mkdir(parents=True, exist_ok=True)
    for shard, names in enumerate(shards):
        rows = pd.DataFrame({"spectrum_id": pd.Series(names, dtype="str")})
        rows["teff"] = [float(ord(name[0])) for name in names]
        table = pa.Table.from_pandas(rows, preserve_index=False)
        pq.write_table(table.replace_schema_metadata({"spectra_per_second": "10"}), folder / f"{shard:03d}.parquet")
    return sorted(folder.glob("*.parquet"))


def write_manifest(path, names):
    path.write_text("spectrum_id\tpath\n" + "".join(f"{name}\t{name}.fits\n" for name in names))
    return path


def test_shards_are_grouped_by_model():
    paths = [f"labels/{model}/survey/{shard}.parquet" for model in "yx" for shard in ("000", "001")]
    assert [[path.parts[1:] for path in shards] for shards in group_models(paths)] == [
        [("y", "survey", "000.parquet"), ("y", "survey", "001.parquet")],
        [("x", "survey", "000.parquet"), ("x", "survey", "001.parquet")],
    ]


def test_what_the_manifest_says_of_clusters_is_carried_on(tmp_path):
    lines = ["spectrum_id\tcluster\tcluster_feh\tcluster_age", "c\t\t\t", "a\tNGC 104\t-0.72\t12.8", "b\t47\t-0.5\t"]
    (tmp_path / "survey.tsv").write_text("\n".join(lines) + "\n")
    paths = write_shards(tmp_path / "labels", [["a", "b", "c"]])
    [(rows, _)] = gather_rows(paths, tmp_path, manifest=tmp_path / "survey.tsv")
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


def test_screened_spectra(screened, tmp_path):
    [(rows, _)] = gather_rows(write_shards(tmp_path / "labels", [["a", "b", "c"]]), tmp_path, screening=screened)
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


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_slices_of_any_size_give_the_same_rows(tmp_path, monkeypatch, size):
    monkeypatch.setattr(slices, "SLICE", size)
    monkeypatch.setattr(slices, "FILES", 2)
    names = ["e", "NA", "a", "d", "nan", "b"]
    manifest = write_manifest(tmp_path / "survey.tsv", names)
    paths = write_shards(tmp_path / "labels", [["b", "NA"], ["d"], ["nan", "e", "a"]])
    judged = pd.DataFrame(dict.fromkeys(CARRIED, 0.0), index=range(7)).assign(spectrum_id=["x", *names])
    judged.assign(exposure=np.arange(7.0)).to_parquet(tmp_path / "judged.parquet")
    others = write_shards(tmp_path / "other" / "survey", [["a", "b"], ["d", "e", "NA", "nan"]])
    options = {"manifest": manifest, "judgements": [tmp_path / "judged.parquet"], "others": others}
    tables = list(gather_rows(paths, tmp_path, **options))
    assert [len(rows) for rows, _ in tables[:-1]] == [size] * (len(tables) - 1)
    rows = pd.concat([rows for rows, _ in tables])
    assert rows["spectrum_id"].tolist() == names
    assert rows["teff"].tolist() == [float(ord(name[0])) for name in names]
    assert rows["exposure"].tolist() == [1, 2, 3, 4, 5, 6]
    for rows, [other] in tables:
        assert sorted(other["spectrum_id"]) == sorted(rows["spectrum_id"])


def test_without_a_manifest_rows_stay_in_the_order_of_the_files(tmp_path, monkeypatch):
    monkeypatch.setattr(slices, "SLICE", 2)
    tables = gather_rows(write_shards(tmp_path / "labels", [["c", "a"], ["b"]]), tmp_path)
    assert [rows["spectrum_id"].tolist() for rows, _ in tables] == [["c", "a"], ["b"]]


def test_of_no_spectra_there_is_one_table_without_rows(tmp_path):
    manifest = write_manifest(tmp_path / "survey.tsv", [])
    [(rows, _)] = gather_rows(write_shards(tmp_path / "labels", [[]]), tmp_path, manifest=manifest)
    assert rows["spectrum_id"].tolist() == []


@pytest.mark.parametrize(
    ("predicted", "message"),
    [
        ([["a", "b"]], r"survey\.tsv: 3 spectra are listed and 2 predicted; they differ in \['c'\]"),
        ([["a", "b"], ["c", "d"]], r"survey\.tsv: 3 spectra are listed and 4 predicted; they differ in \['d'\]"),
        ([["a", "b", "c"], ["c"]], r"survey\.tsv: 3 spectra are listed and 4 predicted; they differ in \['c'\]"),
        ([["a", "b"], ["x"]], r"survey\.tsv: 3 spectra are listed and 3 predicted; they differ in \['c', 'x'\]"),
    ],
)
def test_a_lost_doubled_or_unknown_row_ends_in_one_sentence(tmp_path, predicted, message):
    manifest = write_manifest(tmp_path / "survey.tsv", ["a", "b", "c"])
    paths = write_shards(tmp_path / "labels", predicted)
    with pytest.raises(ValueError, match=message):
        next(gather_rows(paths, tmp_path, manifest=manifest))


def test_the_rate_of_several_shards_is_the_mean(tmp_path):
    # 30 spectra at 10 a second and 10 at 5: 40 in 5 seconds.
    for shard, (count, rate) in enumerate([(30, 10), (10, 5)]):
        table = pa.table({"spectrum_id": [f"{shard}-{row}" for row in range(count)]})
        pq.write_table(table.replace_schema_metadata({"spectra_per_second": str(rate)}), tmp_path / f"{shard}.parquet")
    paths = [tmp_path / "0.parquet", tmp_path / "1.parquet"]
    assert read_rate(paths) == pytest.approx(8)
    rows = read_predictions(paths, lambda rows: rows["spectrum_id"].str.endswith("9"))
    assert rows["spectrum_id"].tolist() == ["0-9", "0-19", "0-29", "1-9"]
