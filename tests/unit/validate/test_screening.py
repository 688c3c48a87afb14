"""Recall, precision, areas and shares are what they are by hand."""

import numpy as np
import pandas as pd
import pytest

from spectrolabe.validate.screening import score_verdicts, screening_rows, share_outside
from spectrolabe.validate.screening_figures import plot_observed_sets_map, plot_screening_recall, plot_similarity_map
from spectrolabe.validate.style import save_figure


def make_table():
    """Ten spectra: four sound ones (test, training, observed), four with emission, two double-lined."""
    trouble = ["", "", "", "", *["emission"] * 4, *["double_lined"] * 2]
    score = [0.1, 0.5, 2.0, 0.2, 3.0, 0.4, 2.5, 9.0, 0.3, 4.0]
    table = pd.DataFrame(
        {
            "spectrum_id": [f"s{number}" for number in range(10)],
            "part": ["test", "test", "test", "training", "training", *[""] * 5],
            "snr": [50, 50, 50, 50, 50, 50, 50, 20, 50, 50],
            "trouble": trouble,
            "trouble_strength": [*[np.nan] * 4, 0.1, 0.2, 0.3, 0.4, 40, 100],
            "sound": np.array(score) < 1.7,
            "score": score,
            "joint_distance": np.arange(10.0),
            "joint_inner": [True] * 9 + [False],
            "map_distance": 1.0,
            "map_inner": True,
            "pca_distance_score": score,
            "reconstruction_score": 0.0,
            "inner": [True] * 8 + [False] * 2,
            "teff": [5000.0, 5500, 6000, 4000, 6000, 7000, 5000, 5000, np.nan, 3000],
            "feh": [0.0, 0.1, 0.2, -1, 0.5, 0, 0, 9, np.nan, np.nan],
            "x": np.arange(10.0),
            "y": np.arange(10.0) % 3,
        }
    )
    return table


def row_of(scores, verdict, kind, subset):
    found = scores[(scores["verdict"] == verdict) & (scores["kind"] == kind) & (scores["subset"] == subset)]
    assert len(found) == 1
    return found.iloc[0]


def test_recall_false_alarms_and_areas():
    scores = score_verdicts(make_table(), false_alarms=0.02)
    emission = row_of(scores, "combined", "emission", "all")
    assert (emission["n"], emission["flagged"]) == (4, 0.75)
    well = row_of(scores, "combined", "emission", "snr_above_30")
    assert (well["n"], well["flagged"]) == (3, pytest.approx(2 / 3))
    # 3.0 and 2.5 exceed all of 0.1, 0.5, 2.0; 0.4 exceeds one.
    assert well["auc"] == pytest.approx(7 / 9)
    sound = row_of(scores, "combined", "sound", "test")
    assert (sound["n"], sound["flagged"]) == (3, pytest.approx(1 / 3))
    # Flagged at S/N 30 and more: one sound one, two with emission, one double-lined.
    assert row_of(scores, "combined", "any", "snr_above_30")["precision"] == pytest.approx(3 / 4)
    assert row_of(scores, "joint_map", "double_lined", "all")["flagged"] == 0.5
    assert row_of(scores, "transformed_map", "emission", "all")["flagged"] == 0
    assert np.isnan(row_of(scores, "transformed_map", "any", "all")["precision"])
    assert row_of(scores, "pca_distance", "emission", "all")["flagged"] == 0.75


def test_recall_by_strength_counts_every_spectrum_once():
    scores = score_verdicts(make_table(), false_alarms=0.02)
    bins = scores[(scores["verdict"] == "combined") & (scores["kind"] == "emission") & (scores["subset"] == "strength")]
    np.testing.assert_allclose(bins["low"], [0.1, 0.14, 0.18, 0.22, 0.26])
    assert bins["n"].tolist() == [1, 0, 1, 0, 1]
    np.testing.assert_array_equal(bins["flagged"], [1, np.nan, 0, np.nan, 1])


def test_a_survey_without_known_trouble_has_no_recall():
    assert score_verdicts(make_table().drop(columns="trouble"), 0.02).empty


def test_labels_beyond_the_training_range():
    table = make_table().assign(sound=True)
    # Training: teff 4000 to 6000, feh -1 to 0.5. Observed: 7000 K, inside, [Fe/H] = 9, none, 3000 K.
    shares = share_outside(table, ["teff", "feh"]).set_index("set")
    assert shares["n"].to_dict() == {"all": 4, "inner": 3, "inner_snr_above_30": 2, "outer": 1}
    assert shares.loc[["all", "inner", "inner_snr_above_30", "outer"], "outside"].tolist() == pytest.approx(
        [3 / 4, 2 / 3, 1 / 2, 1]
    )


def test_rows_for_the_report():
    rows = screening_rows(score_verdicts(make_table(), 0.02))
    assert [row["kind"] for row in rows] == ["sound", "double lined", "emission"]
    assert rows[2]["n"] == 3
    assert rows[2]["combined"] == pytest.approx(2 / 3)


def test_figures_are_drawn(tmp_path):
    table = make_table()
    scores = score_verdicts(table, 0.02)
    for number, figure in enumerate(
        [
            plot_similarity_map(table, ["teff", "feh"]),
            plot_observed_sets_map(table),
            plot_screening_recall(scores, 0.02),
            plot_screening_recall(score_verdicts(table.drop(columns="trouble"), 0.02), 0.02),
        ]
    ):
        save_figure(figure, tmp_path / f"{number}.png")
        assert (tmp_path / f"{number}.png").stat().st_size > 1000
