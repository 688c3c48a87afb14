"""What a run of the whole workflow leaves behind."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from astropy.table import Table
from observing import HALF, STARS, UNREADABLE

LABELS = ["teff", "logg", "feh"]
PARTS = ["", "_err", "_err_aleatoric", "_err_epistemic", "_lo68", "_hi68", "_lo95", "_hi95"]
SHARDS = ["001", "002", "003"]
STATISTICS = {"n", "bias", "scatter", "mean", "std", "medae", "mae", "rmse"}
STATISTICS |= {"coverage50", "coverage68", "coverage90", "coverage95"}


@pytest.fixture(scope="module")
def catalogue(results):
    return pd.read_parquet(results / "predict" / "catalogue" / "cnn" / "survey.parquet").set_index("spectrum_id")


def names(results, folder, pattern="**/*"):
    return {str(path.relative_to(results / folder)) for path in (results / folder).glob(pattern) if path.is_file()}


def test_every_output_has_its_name(results):
    members = {f"{stage}/{member}" for stage in ("first", "second") for member in (0, 1)}
    datasets = {"synthetic-test", "survey", "clean"}
    surveys = {f"survey/{shard}" for shard in SHARDS} | {"clean/000"}
    parts = {"synthetic-test/000", "synthetic-calibration/000"}
    assert names(results, "acquire/manifests") == {f"{name}.tsv" for name in surveys | {"survey", "clean"}}
    assert names(results, "prepare/spectra") == {f"{name}.parquet" for name in surveys}
    pieces = {"training", "validation", "calibration", "test", *(f"shards/{shard:03d}" for shard in range(3))}
    assert names(results, "prepare/sets") == {f"synthetic/{piece}.parquet" for piece in pieces}
    assert names(results, "train/models/cnn") == {f"{name}.keras" for name in members}
    assert names(results, "train/histories/cnn") == {f"{name}.parquet" for name in members}
    assert names(results, "train/kept") == {"cnn.json"}
    assert names(results, "predict/calibration") == {"cnn.json"}
    assert names(results, "predict/labels") == {f"cnn/{name}.parquet" for name in surveys | parts}
    kinds = ("parquet", "fits", "vot", "stars.parquet", "stars.fits")
    assert names(results, "predict/catalogue") == {f"cnn/{n}.{kind}" for n in datasets for kind in kinds}
    assert names(results, "validate/errors") == {f"cnn/{name}.csv" for name in datasets}
    assert names(results, "validate/scores") == {f"cnn/{name}.json" for name in datasets}
    assert names(results, "validate/figures") == {
        "residuals/cnn/synthetic-test.png", "losses/cnn.png", *(f"kiel/cnn/{name}.png" for name in datasets)
    }  # fmt: skip
    assert (results / "report.html").is_file()


def test_a_finished_training_leaves_no_checkpoint(results):
    assert names(results, "train/checkpoints/cnn") == set()


def test_every_file_is_a_row_in_the_manifests_order(results, catalogue):
    manifest = pd.read_csv(results / "acquire" / "manifests" / "survey.tsv", sep="\t", dtype=str)
    assert manifest["spectrum_id"].tolist() == sorted([*STARS, HALF, *UNREADABLE])
    assert catalogue.index.tolist() == manifest["spectrum_id"].tolist()


def test_good_spectra_have_labels_and_no_flag_but_those_of_caution(catalogue):
    good = catalogue.loc[STARS]
    assert good["flag_text"].str.endswith("calibrated on synthetic spectra").all()
    # A network that has hardly been trained may place a star near an edge.
    assert (good["flag"] & ~512 == 1024).all()
    assert np.isfinite(good[[label + part for label in LABELS for part in PARTS]]).all(axis=None)
    for label in LABELS:
        bounds = [f"{label}{part}" for part in ("_lo95", "_lo68", "", "_hi68", "_hi95")]
        assert (good[bounds].diff(axis=1).iloc[:, 1:] > 0).all(axis=None)
    # Counts of 1000 at the continuum, less in the lines, over a noise of 10.
    assert good["snr"].between(60, 100).all()
    assert good["ra"].tolist() == [10.0 + row for row in range(len(STARS))]


def test_stars_of_the_set_that_a_model_is_calibrated_on_are_its_own_data(results):
    flags = pd.read_parquet(results / "predict" / "catalogue" / "cnn" / "synthetic-test.parquet")["flag"]
    assert not (flags & 1024).any()


def test_every_star_has_a_row_of_its_own(results, catalogue):
    stars = pd.read_parquet(results / "predict" / "catalogue" / "cnn" / "survey.stars.parquet")
    assert stars["source_id"].tolist() == catalogue["source_id"].drop_duplicates().tolist()
    assert stars["n_listed"].sum() == len(catalogue)


def test_true_labels_follow_where_the_survey_knows_them(catalogue):
    known = catalogue["teff_true"].notna()
    assert catalogue.index[known].tolist() == sorted([*STARS, HALF])
    assert catalogue["teff_true"][known].between(4500, 6500).all()


@pytest.mark.parametrize(("name", "reason"), UNREADABLE.items())
def test_a_bad_file_is_a_row_with_its_reason(catalogue, name, reason):
    row = catalogue.loc[name]
    assert row[[label + part for label in LABELS for part in PARTS]].isna().all()
    assert row["flag"] == 1
    assert row["flag_text"].startswith(f"survey/{name}.fits: ")
    assert reason in row["flag_text"]
    assert "\n" not in row["flag_text"]


def test_half_a_spectrum_is_labelled_and_flagged(catalogue):
    row = catalogue.loc[HALF]
    assert np.isfinite(row[LABELS].astype(float)).all()
    assert row["flag"] & 4
    assert "50% of the pixels are without information" in row["flag_text"]


def test_bad_files_change_no_bit_of_the_others(results, catalogue):
    clean = pd.read_parquet(results / "predict" / "catalogue" / "cnn" / "clean.parquet").set_index("spectrum_id")
    assert clean.index.tolist() == sorted([*STARS, HALF])
    pd.testing.assert_frame_equal(catalogue.loc[clean.index], clean, check_exact=True)


def test_the_catalogue_in_fits_says_the_same(results, catalogue):
    table = Table.read(results / "predict" / "catalogue" / "cnn" / "survey.fits")
    assert [name.strip() for name in table["spectrum_id"]] == catalogue.index.tolist()
    assert str(table["teff"].unit) == "K"
    for column in [label + part for label in LABELS for part in PARTS]:
        np.testing.assert_array_equal(np.ma.filled(table[column], np.nan), catalogue[column], err_msg=column)
    np.testing.assert_array_equal(table["flag"], catalogue["flag"])


@pytest.mark.parametrize(("dataset", "count"), [("synthetic-test", None), ("survey", len(STARS) + 1)])
def test_scores_have_their_keys(results, dataset, count):
    scores = json.loads((results / "validate" / "scores" / "cnn" / f"{dataset}.json").read_text())
    assert set(scores) == {"labels", "model"}
    assert set(scores["model"]) == {"parameters", "members", "training_seconds", "spectra_per_second"}
    assert scores["model"]["members"] == 2
    assert set(scores["labels"]) == set(LABELS)
    for subsets in scores["labels"].values():
        assert set(subsets["all"]) == STATISTICS
        assert count is None or subsets["all"]["n"] == count


def test_the_report_asks_nothing_of_the_network(results):
    page = (results / "report.html").read_text(encoding="utf-8")
    assert page.count("data:image/png;base64,") == 5
    assert re.findall(r"https?://|(?:src|href)=[\"'](?!data:|#)[^\"']*", page) == []
    assert "file is truncated" in page
