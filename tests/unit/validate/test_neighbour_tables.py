"""What neighbours tell of labels, worked out by hand, and the report's tables of it."""

import numpy as np
import pandas as pd
import pytest

from spectrolabe.validate import neighbour_tables
from spectrolabe.validate.neighbour_tables import (
    agreement_columns,
    agreement_rows,
    choose_examples,
    example_columns,
    example_rows,
    measure_agreement,
)
from spectrolabe.validate.report_sections import describe_sections


@pytest.fixture
def neighbours():
    """Three spectra with two neighbours each; the last knows no label of its own, a fourth has no neighbour."""
    values = {"x": 5000.0, "y": 6000.0, "z": np.nan, "dark": 5500.0}
    theirs = {"x": [5100, 5300], "y": [5900, 6300], "z": [4000, 4100], "dark": [np.nan, np.nan]}
    sets = {"x": ["one", "two"], "y": ["two", "two"], "z": ["one", "one"], "dark": ["", ""]}
    return pd.DataFrame([
        {
            "spectrum_id": name, "source_id": name, "label": "teff", "rank": rank,
            "neighbour_id": "" if name == "dark" else f"n{rank}", "neighbour_source_id": "",
            "set": sets[name][rank - 1],
            "distance": np.nan if name == "dark" else 0.1 * rank, "neighbour_value": theirs[name][rank - 1],
            "value": values[name],
        }
        for name in values
        for rank in (1, 2)
    ])  # fmt: skip


def test_nearest_and_mean_against_the_own_label(neighbours):
    (row,) = measure_agreement(neighbours).to_dict("records")
    assert (row["label"], row["spectra"], row["n"]) == ("teff", 3, 2)
    assert row["distance"] == pytest.approx(0.1)
    # Nearest: +100 and -100; means: +200 and +100.
    assert (row["nearest_bias"], row["nearest_scatter"]) == (0, 100)
    assert (row["mean_bias"], row["mean_scatter"]) == (150, 50)
    assert (row["share_one"], row["share_two"]) == (pytest.approx(2 / 3), pytest.approx(1 / 3))


def test_the_table_of_the_report(neighbours, tmp_path):
    path = tmp_path / "survey.csv"
    measure_agreement(neighbours).to_csv(path, index=False)
    assert agreement_columns(path)["share_two"] == "nearest in two"
    assert agreement_rows(path) == [
        {
            "label": "teff", "spectra": "3", "n": "2", "distance": "0.100", "nearest": "+0 ± 100",
            "mean": "+150 ± 50", "share_one": "66.7 %", "share_two": "33.3 %",
        }
    ]  # fmt: skip


def test_labels_that_nobody_knows_are_told_apart(neighbours, tmp_path):
    measure_agreement(neighbours.assign(value=np.nan)).to_csv(tmp_path / "survey.csv", index=False)
    (row,) = agreement_rows(tmp_path / "survey.csv")
    assert (row["n"], row["nearest"], row["mean"]) == ("0", "–", "–")
    measure_agreement(neighbours[neighbours["spectrum_id"] == "dark"]).to_csv(tmp_path / "dark.csv", index=False)
    (row,) = agreement_rows(tmp_path / "dark.csv")
    assert (row["spectra"], row["distance"]) == ("0", "–")


def test_examples_are_whole_and_chosen_by_name(neighbours, tmp_path, monkeypatch):
    monkeypatch.setattr(neighbour_tables, "EXAMPLES", 2)
    chosen = choose_examples(neighbours, 1)
    again = choose_examples(neighbours.iloc[::-1], 1)
    assert len(chosen) == 4
    assert {*chosen["spectrum_id"]} == {*again["spectrum_id"]} <= {"x", "y", "z"}
    path = tmp_path / "survey.examples.csv"
    neighbours[neighbours["spectrum_id"].isin(["x", "z"])].to_csv(path, index=False)
    assert list(example_columns(path)) == ["spectrum", "label", "own", "rank1", "rank2"]
    assert example_rows(path) == [
        {"spectrum": "x", "label": "teff", "own": "5000", "rank1": "5100 (n1, 0.100)", "rank2": "5300 (n2, 0.200)"},
        {"spectrum": "z", "label": "teff", "own": "–", "rank1": "4000 (n1, 0.100)", "rank2": "4100 (n2, 0.200)"},
    ]


def test_a_dataset_without_neighbours_has_no_examples(neighbours, tmp_path):
    path = tmp_path / "survey.examples.csv"
    choose_examples(neighbours[neighbours["spectrum_id"] == "dark"], 1).to_csv(path, index=False)
    assert example_rows(path) == []


def test_both_tables_stand_in_the_report(neighbours, tmp_path):
    folder = tmp_path / "validate" / "neighbours" / "net"
    folder.mkdir(parents=True)
    measure_agreement(neighbours).to_csv(folder / "survey.csv", index=False)
    choose_examples(neighbours, 1).to_csv(folder / "survey.examples.csv", index=False)
    (section,) = describe_sections([], sorted(folder.iterdir()))
    assert section["id"] == "embedding"
    assert [table["title"] for table in section["tables"]] == [
        "net on survey: what the nearest training stars tell",
        "net on survey: the nearest training stars of some spectra",
    ]
