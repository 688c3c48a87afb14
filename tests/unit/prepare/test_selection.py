"""Selection: which spectra meet a set's conditions, what cut the others, and how alike the parts are."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ks_2samp

from spectrolabe.acquire.manifests import list_spectra, read_manifest, write_manifest
from spectrolabe.prepare import selection
from spectrolabe.prepare.parts import PARTS
from spectrolabe.prepare.preparation import prepare_spectra
from spectrolabe.prepare.selection import label_coverage, list_columns, read_chosen, read_rows, select_spectra
from spectrolabe.prepare.splitting import assign_parts
from spectrolabe.prepare.training_sets import Plan, select_shard
from spectrolabe.spectra.streaming import join_part, stream_shard
from spectrolabe.spectra.table import write_shard
from spectrolabe.validate.selection_table import coverage_rows, selection_rows

SPLIT = {"validation": 0.2, "calibration": 0.2, "test": 0.2, "by": "source_id"}
CONDITIONS = ["snr >= 30", "tech = ''"]
TABLE = pd.DataFrame(
    {
        "spectrum_id": list("abcdef"),
        "source_id": ["A", "A", "B", "C", "D", "E"],
        "status": ["", "", "", "", "f.fits: damaged", ""],
        "snr": [50.0, 20.0, np.nan, 90.0, 50.0, 20.0],
        "tech": ["", "", "", "x", "", "x"],
        "teff": [5000.0, 5000.0, 5100.0, 5200.0, np.nan, 5400.0],
        "logg": [4.0, 4.0, 4.0, np.nan, np.nan, 4.0],
    }
)


def select(table=TABLE, **changes):
    settings = {"name": "stars", "conditions": CONDITIONS, "labels": ["teff", "logg"], "split": SPLIT, "seed": 3}
    return select_spectra(table, **settings | changes)


def test_cuts_by_hand():
    found = select()
    assert found.spectra["selected"].tolist() == [True, False, False, False, False, False]
    known = "teff IS NOT NULL OR logg IS NOT NULL"
    assert found.spectra["cut"].tolist() == ["", "snr >= 30", "snr >= 30", "tech = ''", "status = ''", "snr >= 30"]
    assert found.cuts.to_dict("split")["data"] == [
        ["status = ''", 1, 0, 5],
        [known, 1, 0, 5],
        # b and f are too noisy, and so is c for all we know; f has a flag too.
        ["snr >= 30", 3, 2, 2],
        ["tech = ''", 2, 1, 1],
    ]
    assert found.cuts.columns.tolist() == ["condition", "failed", "failed_alone", "left"]


def test_without_conditions_all_that_can_be_labelled_is_selected():
    found = select(conditions=[], labels=["logg"])
    assert found.spectra["selected"].tolist() == [True, True, True, False, False, True]


def test_a_set_that_only_tests_takes_stars_without_labels():
    unlabelled = TABLE.assign(logg=np.nan, teff=np.nan)
    all_tested = {"validation": 0, "calibration": 0, "test": 1}
    found = select(unlabelled, conditions=["tech = ''"], split=all_tested, labelled=False)
    assert found.spectra["part"].tolist() == ["test", "test", "test", "", "", ""]
    assert found.coverage["n"].tolist() == [0] * 8
    lacking = select(TABLE.drop(columns="logg"), conditions=[], split=all_tested, labelled=False)
    assert lacking.spectra["selected"].sum() == 5
    assert set(lacking.coverage["label"]) == {"teff"}


def test_parts_are_those_of_the_set():
    found = select(conditions=[])
    expected = np.where(found.spectra["selected"], assign_parts(TABLE["source_id"], SPLIT, 3), "")
    assert found.spectra["part"].tolist() == expected.tolist()


def test_mistakes_name_set_condition_and_columns():
    message = (
        r"^set 'stars': condition 'teff_eff <= 200': no such column: teff_eff; expected SQL over the columns "
        r"spectrum_id, source_id, status, snr, tech, teff, logg$"
    )
    with pytest.raises(ValueError, match=message):
        select(conditions=["snr > 1", "teff_eff <= 200"])
    with pytest.raises(ValueError, match="^set 'stars': the survey has no column 'feh': its catalogue must give"):
        select(labels=["teff", "feh"])


def test_coverage_by_hand():
    table = pd.DataFrame(
        {
            "source_id": ["A", "A", "B", "C", "D", "E", "F"],
            "part": ["training"] * 4 + ["test"] * 3,
            "teff": [4000.0, 9999.0, 5000, 6000, 4500, 5500, np.nan],
        }
    )
    rows = label_coverage(table, ["teff"]).set_index("part")
    assert rows.columns.tolist() == ["label", "n", "lowest", "q05", "median", "q95", "highest", "ks_p"]
    assert rows.loc["training"].tolist()[:-1] == ["teff", 3, 4000, 4100, 5000, 5900, 6000]
    assert rows.loc["test"].tolist()[:-1] == ["teff", 2, 4500, 4550, 5000, 5450, 5500]
    assert np.isnan(rows.loc["training", "ks_p"])
    assert rows.loc["test", "ks_p"] == ks_2samp([4500, 5500], [4000, 5000, 6000], method="asymp").pvalue
    assert rows.loc["validation", "n"] == 0
    assert rows.loc["validation", "lowest":].isna().all()


def test_coverage_tells_a_part_that_is_unlike_training():
    rng = np.random.default_rng(2)
    parts = np.repeat(["training", "test", "validation"], [600, 200, 200])
    teff = rng.normal(5000, 300, 1000) + np.where(parts == "validation", 150, 0)
    table = pd.DataFrame({"source_id": [str(number) for number in range(1000)], "part": parts, "teff": teff})
    rows = label_coverage(table, ["teff"]).set_index("part")
    assert rows.loc["test", "ks_p"] > 0.05
    assert rows.loc["validation", "ks_p"] < 1e-4


@pytest.fixture
def shards(make_set, tmp_path):
    """60 spectra of 30 stars in two shards; the second has no flags at all."""
    spectra = make_set(60, 1)
    numbers = np.arange(60)
    spectra.table["source_id"] = [f"HD {number // 2}" for number in numbers]
    spectra.table["snr"] = 10.0 + numbers
    spectra.table["tech"] = np.where(numbers % 10 == 5, "x", "")
    spectra.table.loc[30:, "tech"] = ""
    paths = [tmp_path / f"{shard:03d}.parquet" for shard in range(2)]
    for path, rows in zip(paths, (slice(0, 30), slice(30, 60)), strict=True):
        write_shard(path, spectra.select(rows), {})
    return spectra, paths


def test_a_set_holds_the_selected_and_sound_spectra_and_their_parts(shards, tmp_path):
    spectra, paths = shards
    found = select(read_rows(paths))
    found.spectra.to_parquet(tmp_path / "stars.parquet")
    screened = spectra.table[["spectrum_id"]].assign(sound=spectra.table.index != 40)
    screened.to_parquet(tmp_path / "screening.parquet")
    chosen = read_chosen(tmp_path / "stars.parquet", tmp_path / "screening.parquet", spectra.table["spectrum_id"])
    # S/N 30 begins at star 20; 25 has a flag, 40 is not sound.
    wanted = {f"star-{number}" for number in range(20, 60)} - {"star-25", "star-40"}
    assert chosen == wanted
    plan = Plan("stars", ["teff", "logg"], 1, [], [], SPLIT, 3)
    rows = pd.concat([batch.table for batch in select_shard(spectra, plan, chosen)])
    rows["spectrum_id"] = rows["spectrum_id"].where(rows["part"] != "training", rows["spectrum_id"].str[:-2])
    assert set(rows["spectrum_id"]) == wanted
    parts = found.spectra.set_index("spectrum_id")["part"]
    assert rows["part"].tolist() == parts[rows["spectrum_id"]].tolist()


def test_sets_without_conditions_or_screening_take_everything(shards, tmp_path):
    spectra, _ = shards
    assert read_chosen(None, [], spectra.table["spectrum_id"]) is None
    spectra.table[["spectrum_id"]].assign(sound=spectra.table.index < 2).to_parquet(tmp_path / "s.parquet")
    assert read_chosen([], tmp_path / "s.parquet", ["star-1", "star-2", "star-0"]) == {"star-0", "star-1"}


def test_a_set_of_which_nothing_is_left_ends_in_one_sentence(shards, tmp_path):
    spectra, _ = shards
    plan = Plan("stars", ["teff"], 1, [], [], SPLIT, 3)
    stream_shard(tmp_path / "s.parquet", select_shard(spectra, plan, set()), {})
    message = (
        "^set 'stars': no spectrum falls into its test part, of 0 spectra in all parts; cuts.csv says what was cut$"
    )
    with pytest.raises(ValueError, match=message):
        join_part([tmp_path / "s.parquet"], tmp_path / "test.parquet", "test", "stars", "cuts.csv")


TEXT = ["tech", "peculi", "benchmark", "cluster", "population", "trouble"]


def test_text_stays_text_from_the_catalogue_to_the_condition(tmp_path):
    (tmp_path / "a.fits").write_text("no FITS")
    (tmp_path / "labels.csv").write_text(
        "spectrum_id,note,seen,tech,peculi,benchmark,cluster,population,trouble,teff\n"
        "a,,True,,,,104,thin,,5000\nb,x,,,,,,,,4000\n"
    )
    files = ["a.fits", "b.fits"]
    write_manifest(list_spectra(files, tmp_path, "*.fits", "linear_1d", {"file": "labels.csv", "key": "spectrum_id"}),
                   tmp_path / "m.tsv")  # fmt: skip
    manifest = read_manifest(tmp_path / "m.tsv")
    arms = [{"start": 5000, "stop": 5010, "step": 1}]
    steps = [{"resample": {"arms": arms, "medium": "vacuum", "method": "conserve"}}]
    write_shard(
        tmp_path / "s.parquet", prepare_spectra(manifest, tmp_path, "linear_1d", steps, arms, "vacuum", None, 1), {}
    )
    rows = read_rows([tmp_path / "s.parquet"])
    for table in (manifest, rows):
        assert table[TEXT].to_numpy().tolist() == [["", "", "", "104", "thin", ""], [""] * 6]
        assert table[["note", "seen"]].to_numpy().tolist() == [["", "True"], ["x", ""]]
    cuts = select(rows, conditions=["tech = '' and trouble = ''", "cluster = '104'"], labels=["teff"]).cuts
    assert cuts["failed"].tolist() == [2, 0, 0, 1]


@pytest.mark.parametrize("condition", ["teff > 4700", "teff = (SELECT max(teff) FROM spectra)"])
def test_conditions_are_met_whatever_number_of_spectra_is_in_memory(monkeypatch, condition):
    whole = select(conditions=[condition], labels=["teff"])
    monkeypatch.setattr(selection, "BLOCK", 7)
    parts = select(conditions=[condition], labels=["teff"])
    pd.testing.assert_frame_equal(parts.spectra, whole.spectra)
    assert 0 < whole.spectra["selected"].sum() < len(whole.spectra)


def test_columns_that_no_condition_names_are_not_read(shards):
    _, paths = shards
    rows = read_rows(paths, ["SNR > 12 and \"tech\" = ''", "teff"])
    assert {*rows} == {"spectrum_id", "source_id", "status", "snr", "tech", "teff"}
    assert {*rows} < {*list_columns(paths)}


def test_text_that_one_shard_lacks_is_empty_there(tmp_path, make_set):
    for name, note in (("a", ["x", ""]), ("b", [np.nan, np.nan])):
        spectra = make_set(2, 1)
        spectra.table["note"] = note
        write_shard(tmp_path / f"{name}.parquet", spectra, {})
    assert read_rows([tmp_path / "a.parquet", tmp_path / "b.parquet"])["note"].tolist() == ["x", "", "", ""]


def test_tables_of_the_report(tmp_path):
    found = select(conditions=["snr >= 10"], labels=["teff"])
    found.cuts.to_csv(tmp_path / "stars.csv", index=False)
    found.coverage.to_csv(tmp_path / "stars.coverage.csv", index=False)
    assert selection_rows(tmp_path / "stars.csv")[-1] == {
        "condition": "snr >= 10", "failed": "1", "failed_alone": "1", "left": "4",
    }  # fmt: skip
    rows = coverage_rows(tmp_path / "stars.coverage.csv")
    assert [row["part"] for row in rows] == list(reversed(PARTS))
    assert sum(int(row["n"]) for row in rows) == 3
    assert all(row["unit"] == "K" for row in rows)
    assert rows[0]["ks_p"] == "–"
