"""The two discs: which stars are searched, which clusters are called discs, and that planted ones are found."""

import numpy as np
import pandas as pd
import pytest

from spectrolabe.predict.flags import LOW_SNR, OUTSIDE_TRAINING_RANGE, UNLIKE_TRAINING
from spectrolabe.validate.discs import choose_sets, describe_discs, find_discs, name_discs, separate
from spectrolabe.validate.population_sample import join_manifest


def make_sample(rows):
    """One star per row: spectrum_id, snr, part, screening, cluster, flag."""
    names = ["spectrum_id", "snr", "part", "screening", "cluster", "flag"]
    sample = pd.DataFrame(rows, columns=names).assign(feh=-0.1, mg_fe=0.1, feh_err=0.04, mg_fe_err=0.05)
    return sample.assign(source_id=sample["spectrum_id"])


def draw_discs(count, seed, separation=0.2):
    """Stars of a thin disc (two in three) and a thick one with more [Mg/Fe], with the errors that are quoted."""
    rng = np.random.default_rng(seed)
    thick = np.arange(count) % 3 == 0
    feh = np.where(thick, -0.5, -0.08) + rng.normal(0, 0.2, count)
    mg = 0.05 - 0.1 * feh + separation * thick + rng.normal(0, 0.03, count)
    sample = make_sample([(f"s{i}", 50, "", "inner", "", 0) for i in range(count)])
    noise = rng.normal(0, [0.04, 0.05], (count, 2))
    return sample.assign(feh=feh + noise[:, 0], mg_fe=mg + noise[:, 1], population=np.where(thick, "thick", "thin"))


@pytest.mark.parametrize("count", [500, 4000])
def test_planted_discs_are_found_pure(count):
    table, numbers = find_discs(draw_discs(count, seed=4), min_snr=30)
    found = numbers["high"]
    assert found["clusters"] == 2
    assert found["purity"]["all"] > 0.95
    assert found["completeness"]["thin"] > 0.7
    assert found["thick"]["mg_fe"] - found["thin"]["mg_fe"] == pytest.approx(0.24, abs=0.04)
    assert found["noise"] == pytest.approx((table["disc"] == "").mean())
    assert found["min_cluster_size"], found["min_samples"] == (count // 20, count // 50)
    assert found["scale"] == {"feh": 0.04, "mg_fe": 0.05}
    assert numbers["low"]["stars"] == 0


def test_one_crowd_is_not_two_discs():
    table, numbers = find_discs(draw_discs(1000, seed=4, separation=0.0).assign(snr=20.0), min_snr=30)
    assert (table["set"] == "low").all()
    assert not numbers["low"]["found"]
    assert numbers["low"]["noise"] == 1


def test_which_stars_are_searched():
    sample = make_sample(
        [
            ("test", 35, "test", "inner", "", 0),
            ("inner", 30, "", "inner", "", 0),
            ("trained", 90, "training", "inner", "", 0),
            ("chosen by", 90, "validation", "inner", "", 0),
            ("faint", 29, "", "inner", "", LOW_SNR),
            ("outer", 90, "", "outer", "", UNLIKE_TRAINING),
            ("member", 90, "", "inner", "NGC 1", 0),
            ("doubtful", 90, "", "inner", "", OUTSIDE_TRAINING_RANGE),
            ("uncertain", 90, "", "inner", "", 0),
            ("inner again", 31, "", "inner", "", 0),
        ]
    )
    sample.loc[sample["spectrum_id"] == "uncertain", "mg_fe_err"] = 0.16  # more than 3 times 0.05
    sample.loc[sample["spectrum_id"] == "inner again", "source_id"] = "inner"
    chosen = {name: rows["spectrum_id"].tolist() for name, rows in choose_sets(sample, 30).items()}
    assert chosen == {"high": ["test", "inner again"], "low": ["faint", "outer"]}


def test_without_screening_signal_to_noise_alone_parts_the_sets():
    sample = make_sample([("bright", 30, "", "", "", 0), ("faint", 29, "", "", "", 0)])
    chosen = {name: rows["spectrum_id"].tolist() for name, rows in choose_sets(sample, 30).items()}
    assert chosen == {"high": ["bright"], "low": ["faint"]}


def test_the_two_largest_clusters_are_discs():
    clusters = np.array([0, 0, 1, 2, 2, 2, -1])
    magnesium = pd.Series([0.31, 0.29, 0.9, 0.1, 0.09, 0.11, 0.2])
    assert name_discs(clusters, magnesium).tolist() == ["thick", "thick", "", "thin", "thin", "thin", ""]
    assert name_discs(np.array([0, 0, -1]), pd.Series([0.1, 0.2, 0.3])).tolist() == ["", "", ""]


def test_how_far_apart_by_hand():
    # Means 0.1 and 0.3, standard deviations 0.1 and 0.1.
    low, high = np.array([0.0, 0.2]), np.array([0.2, 0.4])
    assert separate(low, high) == pytest.approx(2)
    clusters, values = np.array([0, 0, 1, 1]), pd.Series([*low, *high])
    assert name_discs(clusters, values - [0, 0, 0.01, 0.01]).tolist() == [""] * 4
    assert name_discs(clusters, values + [0, 0, 0.01, 0.01]).tolist() == ["thin", "thin", "thick", "thick"]


def test_purity_and_completeness_by_hand():
    stars = pd.DataFrame(
        {
            "disc": ["thin", "thin", "thin", "thick", "thick", "", "", ""],
            "population": ["thin", "thin", "thick", "thick", "", "thin", "thick", "NGC 1"],
            "feh": -0.2,
            "mg_fe": [0.0, 0.1, 0.2, 0.3, 0.4, 0, 0, 0],
        }
    )
    numbers = describe_discs(stars)
    assert numbers["stars"] == 8
    assert numbers["noise"] == 3 / 8
    assert numbers["thin"] == {"stars": 3, "feh": pytest.approx(-0.2), "mg_fe": pytest.approx(0.1)}
    # Four assigned stars have a known population, three of them the right one.
    assert numbers["purity"] == {"all": 0.75, "thin": pytest.approx(2 / 3), "thick": 1.0}
    assert numbers["completeness"] == {"thin": pytest.approx(2 / 3), "thick": pytest.approx(1 / 3)}


def test_a_catalogue_without_magnesium_says_so():
    sample = make_sample([("a", 50, "", "", "", 0)]).drop(columns="mg_fe")
    table, numbers = find_discs(sample, 30)
    assert table.empty
    assert numbers == {"missing": "Discs need predictions of feh and mg_fe; this catalogue has no mg_fe"}


def test_reference_values_are_the_surveys_unless_the_truth_stands_beside():
    catalogue = pd.DataFrame({"spectrum_id": ["b", "a"], "feh": [0.1, 0.2], "feh_lo68": 0.0, "feh_true": [0.3, 0.4]})
    manifest = pd.DataFrame({"spectrum_id": ["a", "b"], "feh": [0.4, 0.3], "feh_err": [0.05, 0.06], "rv": [7.0, 8.0]})
    real = join_manifest(catalogue, manifest)
    assert real["feh"].tolist() == [0.1, 0.2]
    assert real["feh_survey"].tolist() == [0.3, 0.4]
    assert real["feh_survey_err"].tolist() == [0.06, 0.05]
    assert real["feh_true"].isna().all()
    assert real["rv"].tolist() == [8.0, 7.0]
    assert real["cluster"].tolist() == ["", ""]
    mock = join_manifest(catalogue.assign(feh_survey=0.5, feh_survey_err=0.1), manifest)
    assert mock["feh_true"].tolist() == [0.3, 0.4]
    assert mock["feh_survey"].tolist() == [0.5, 0.5]
