import json
import os

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from spectrolabe.validate.cards import write_card

ABOUT = {
    "recipe": "demo",
    "model": "mlp",
    "labels": ["teff", "feh"],
    "arms": [{"start": 5140, "stop": 5300, "step": 0.1, "resolution": 20000}, {"start": 8480, "stop": 8900, "step": 1}],
    "medium": "air",
    "synthetic": True,
    "rotation": 50,
    "velocity": None,
    "stages": [{"name": "train", "set": "synthetic", "source": "synthetic spectra of the grid fgk_mgb"}],
}
KEPT = {
    "members": ["0", "2"],
    "parameters": 92933,
    "training_seconds": 297.0,
    "ranges": {"teff": [4000, 7000], "feh": [-2.5, 0.5]},
}
BINS = [
    {"snr": [0, 40], "stars": 300, "spectra": 310, "stretch68": 1.3, "fallback": ""},
    {"snr": [40, None], "stars": 1200, "spectra": 1300, "stretch68": 0.9, "fallback": ""},
]
ALONE = [{"snr": [0, None], "stars": 12, "spectra": 12, "stretch68": np.nan, "fallback": "too few stars"}]
CALIBRATION = {
    "calibrated_on": {"dataset": "synthetic-calibration", "origin": "synthetic", "stars": 1500, "spectra": 1610},
    "labels": {
        "teff": {"reference": "true", "reference_errors": False, "bins": BINS},
        "feh": {"reference": "survey", "reference_errors": True, "bins": ALONE},
    },
}
STATISTICS = {"n": 1600, "bias": -4.4, "scatter": 58.2, "coverage68": 0.724, "coverage95": None}
SCORES = {"labels": {"teff": {"all": STATISTICS}}, "model": {"spectra_per_second": 8400.0}}
FIT = {
    "offset": -12.2,
    "offset_err": 9.0,
    "scale": 1.05,
    "scale_err": 0.02,
    "names": ["Sun"] * 7,
    "left_out": ["Procyon"],
}
FIT |= {"scatter_before": 80.0, "scatter_after": 50.0}


def put(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


@pytest.fixture
def files(tmp_path):
    """What a card is written from: 100 training spectra of 50 stars, S/N from 1 to 100."""
    stars = pd.DataFrame({"source_id": [f"star {number // 2}" for number in range(100)], "snr": range(1, 101)})
    stars.to_parquet(tmp_path / "training.parquet")
    made = {"software": "Spectrolabe 0.1.0", "recipe_sha256": "abc"}
    pq.write_table(pa.table({"teff": [1.0]}).replace_schema_metadata(made), tmp_path / "catalogue.parquet")
    members = [tmp_path / f"{number}.keras" for number in range(3)]
    for member in members:
        member.write_bytes(bytes(1_200_000))
        os.utime(member, (1_790_000_000, 1_790_000_000))  # 21 September 2026
    training = {**SCORES, "labels": {"teff": {"all": STATISTICS | {"n": 9}}}}
    return {
        "kept": put(tmp_path / "kept.json", KEPT),
        "calibration": put(tmp_path / "calibration.json", CALIBRATION),
        "catalogue": tmp_path / "catalogue.parquet",
        "members": members,
        "training": [tmp_path / "training.parquet"],
        "scores": [
            put(tmp_path / "scores" / "a_survey.json", SCORES | {"labels": {"feh": {"all": STATISTICS}}}),
            put(tmp_path / "scores" / "synthetic-test.json", SCORES),
            put(tmp_path / "scores" / "synthetic-training.json", training),
        ],
        "coverage": [put(tmp_path / "coverage.json", {"warnings": ["teff holds 61 % where 68 % is claimed"]})],
        "recovery": [],
        "recalibration": [],
    }


def test_what_a_model_is_and_was_trained_on(files):
    lines = write_card(ABOUT, **files).splitlines()
    windows = "5140 to 5300 angstrom at a resolving power of 20,000 and 8480 to 8900 angstrom (air)"
    assert lines[0] == "# mlp of demo"
    assert lines[2] == f"Gives teff, feh from spectra of {windows}, by 2 networks of 92,933 parameters."
    start = lines.index("## Trained on")
    assert lines[start + 2 : start + 6] == [
        "- stage `train`: 100 spectra of 50 stars, the training part of the set `synthetic`, synthetic spectra of the"
        " grid fgk_mgb",
        "- by Spectrolabe 0.1.0, from a recipe with the SHA-256 `abc`",
        "- on 2026-09-21, in 5.0 minutes for all 3 networks; 2 are kept, files of 2.4 MB together",
        "- labels 8,400 spectra a second with these",
    ]


def test_what_it_is_valid_for_and_what_not(files):
    card = write_card(ABOUT, **files)
    # The first and the last hundredth of 1 to 100.
    assert "- signal-to-noise ratios of 2 to 99 per pixel\n" in card
    assert "| teff | 4000 | 7000 | K |\n| feh | −2.500 | 0.500 | dex |\n" in card
    assert "- stars that rotate faster than 50 km/s\n" in card
    assert "- spectra that are shifted by more than the resolving power hides, since the training had none\n" in card
    assert "- errors of observed spectra: calibrated on synthetic ones" in card


def test_observed_sets_promise_nothing_of_rotation(files):
    calibrated = CALIBRATION | {"calibrated_on": CALIBRATION["calibrated_on"] | {"origin": "observed"}}
    put(files["calibration"], calibrated)
    card = write_card(ABOUT | {"synthetic": False}, **files)
    assert "rotate" not in card
    assert "- errors of observed spectra" not in card


def test_scores_of_test_stars_come_first_and_those_of_training_stars_never(files):
    lines = write_card(ABOUT, **files).splitlines()
    start = lines.index("## Scores")
    assert lines[start + 4 : start + 7] == [
        "| synthetic-test | teff (K) | 1,600 | −4 | 58 | 72.4 % | – |",
        "| a_survey | feh (dex) | 1,600 | −4.400 | 58.200 | 72.4 % | – |",
        "",
    ]


def test_how_many_stars_stand_behind_the_errors(files):
    card = write_card(ABOUT, **files)
    assert "- 1,610 synthetic spectra of 1,500 stars, `synthetic-calibration`\n" in card
    assert "| teff | true | 0.90 to 1.30 | 300, 1,200 | – |\n" in card
    assert "| feh | survey, with their errors | – | 12 | too few stars |\n" in card


def test_failures_that_are_known(files, tmp_path):
    card = write_card(ABOUT, **files)
    assert "- teff holds 61 % where 68 % is claimed\n" in card
    assert card.endswith("were not tried: the recipe has no key `recovery` for this model\n")
    files["recovery"] = [put(tmp_path / "recovery.json", {"teff": {"sentence": "Breaks below S/N 20."}})]
    card = write_card(ABOUT, **files)
    assert card.endswith("- teff: Breaks below S/N 20.\n")


def test_a_recalibration_is_told_with_the_stars_that_do_not_count(files, tmp_path):
    assert "Recalibrated" not in write_card(ABOUT, **files)
    about = {"dataset": "survey", "stars": "benchmark_stars", "labels": {"teff": FIT}}
    files["recalibration"] = [put(tmp_path / "recalibration.json", about)]
    card = write_card(ABOUT, **files)
    assert "| teff (K) | −12 ± 9 | 1.050 ± 0.020 | 7, without Procyon | 80 to 50 |\n" in card


def test_distributions_show_their_temperature(files):
    label = CALIBRATION["labels"]["teff"] | {"temperature": 0.8137}
    put(files["calibration"], CALIBRATION | {"labels": {"teff": label}})
    assert "| teff | true | 0.90 to 1.30 | 300, 1,200 | temperature 0.81 |" in write_card(ABOUT, **files)
