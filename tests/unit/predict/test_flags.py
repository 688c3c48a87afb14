"""Flags: a bit and a sentence for each reason to doubt."""

import numpy as np
import pandas as pd
import pytest

from spectrolabe.predict.flags import BITS, OF_CATALOGUE, flag_spectra, is_doubted, near_edge, outside_range

MAX_ERR = {"teff": 65.0, "logg": 0.8}
LIMITS = {"min_snr": 30, "max_bad_share": 0.2, "max_err": MAX_ERR, "false_alarms": 0.01}
RANGES = {"teff": [4000, 7000], "logg": [0, 5]}
#: Above 100 everywhere, half of the features' distances and of the members' spreads of 10 K are exceeded; the score
#: rises by 1 where the logarithm of either rises by 1.
ALARM = {
    "log_snr": [0.0, 1.0], "centre": [np.log(10.0)] * 2, "width": [1.0, 1.0], "start": 0.0, "share": 1.0,
    "rate": np.log(10),
}  # fmt: skip
TAIL = {"scores": [0.0, 1.0], "levels": [0.0, 1.0]}
DOUBT = {"fallback": "", "alarms": {"features": ALARM, "teff_members": ALARM}, "tail": TAIL}
UNKNOWN = {"fallback": "12 spectra set no limits, 60 would"}


def make_rows(count=1, **columns):
    rows = {
        "status": "", "snr": 100.0, "bad_share": 0.0, "missing_ends": 0.0, "feature_distance": 10.0, "exposure": 100.0,
        "spectrum_score": 0.5, "spectrum_telling": "continuum", "spectrum_at": 5433.2, "spectrum_velocity": 81.4,
        "teff": 5000.0, "teff_err": 65.0, "teff_epistemic": 10.0, "logg": 3.0, "logg_err": 0.8, "logg_epistemic": 0.1,
    }  # fmt: skip
    return pd.DataFrame({name: [value] * count for name, value in rows.items()} | columns)


def flags_of(doubt=DOUBT, on_synthetic=False, limits=LIMITS, **columns):
    rows = make_rows(**{name: [value] for name, value in columns.items()})
    row = flag_spectra(rows, ["teff", "logg"], ranges=RANGES, doubt=doubt, on_synthetic=on_synthetic, **limits).iloc[0]
    return row["flag"], row["flag_text"], row["teff_flag"], row["logg_flag"]


def test_a_good_spectrum_has_no_flag():
    assert flags_of() == (0, "", 0, 0)
    assert flags_of(snr=30.0, bad_share=0.2, missing_ends=0.01) == (0, "", 0, 0)


@pytest.mark.parametrize(
    ("columns", "flag", "words"),
    [
        ({"snr": 29.0}, 2, "S/N 29.0 is below 30"),
        ({"snr": np.nan}, 0, ""),
        ({"bad_share": 0.25}, 4, "25% of the pixels are without information"),
        ({"missing_ends": 0.12}, 256, "12% of the wavelengths are missing at their ends"),
        ({"spectrum_score": 1.9}, 0, ""),
        ({"spectrum_score": 2.1}, 32, "unlike the training spectra: continuum (near 5433 angstrom)"),
        (
            {"spectrum_score": 2.1, "spectrum_telling": "second set of lines or wrong velocity"},
            32,
            "unlike the training spectra: second set of lines or wrong velocity (+81 km/s)",
        ),
        ({"feature_distance": 70.0}, 0, ""),
        (
            {"feature_distance": 80.0},
            64,
            "seen by the network, 80.0 times as far from the training spectra as these are",
        ),
        ({"spectrum_score": np.nan, "feature_distance": np.nan, "teff_epistemic": np.nan}, 0, ""),
    ],
)
def test_reasons_of_spectra(columns, flag, words):
    assert flags_of(**columns) == (flag, words, 0, 0)


@pytest.mark.parametrize(
    ("columns", "flag", "words"),
    [
        ({"teff": 7066.0}, 8, "teff outside the training range"),
        ({"teff": 7064.0}, 512, "teff within the error of the training range's edge"),
        ({"teff": 4065.0}, 512, "teff within the error of the training range's edge"),
        ({"teff": 7066.0, "teff_err": np.nan}, 8, "teff outside the training range"),
        ({"teff_err": 80.0}, 16, "teff uncertain by 80 K (limit 65)"),
        ({"teff_err": np.nan}, 0, ""),
        ({"teff_epistemic": 80.0}, 128, "members differ more than usual: teff 8.0 times"),
        ({"teff_epistemic": 70.0}, 0, ""),
        ({"logg_epistemic": 9.0}, 0, ""),
    ],
)
def test_reasons_of_labels(columns, flag, words):
    assert flags_of(**columns) == (flag, words, flag, 0)


def test_several_labels_stand_in_one_reason():
    assert flags_of(teff=9000.0, logg=9.0)[:2] == (8, "teff, logg outside the training range")
    both = "teff uncertain by 1234 K (limit 65), logg uncertain by 0.812 dex (limit 0.8)"
    assert flags_of(teff_err=1234.4, teff=5500.0, logg_err=0.8123) == (16, both, 16, 16)


def test_without_limits_nothing_is_doubted():
    odd = {"spectrum_score": 9.0, "feature_distance": 1e9, "teff_epistemic": 1e9}
    assert flags_of(doubt=UNKNOWN, **odd) == (0, "", 0, 0)
    assert flags_of(limits=LIMITS | {"max_err": {}}, teff=5500.0, teff_err=1e3) == (0, "", 0, 0)


def test_the_whole_catalogue_may_rest_on_synthetic_spectra():
    assert flags_of(on_synthetic=True) == (1024, "calibrated on synthetic spectra", 0, 0)
    assert OF_CATALOGUE == 1024
    assert flags_of(on_synthetic=True, status="lost") == (1, "lost", 1, 1)


def test_cautions_are_no_doubts():
    flags = pd.Series([0, 512, 1024, 1536, 2, 1024 + 64, np.nan])
    assert is_doubted(flags).tolist() == [False, False, False, False, True, True, False]


def test_reasons_add_up():
    flag, text, *_ = flags_of(logg=9.0, snr=5.0, bad_share=0.5, teff_err=90.0, feature_distance=120.0)
    assert flag == 2 + 4 + 8 + 16 + 64
    reasons = [
        "S/N 5.0 is below 30",
        "50% of the pixels are without information",
        "logg outside the training range",
        "teff uncertain by 90 K (limit 65)",
        "seen by the network, 120.0 times as far from the training spectra as these are",
    ]
    assert text == "; ".join(reasons)


def test_reasons_of_many_spectra_stand_beside_their_own():
    columns = {"snr": [1.0, 99, 99, 1], "status": ["", "", "lost", ""], "teff_err": [70.0, 10, 70, 90]}
    rows = make_rows(4, **columns, logg=[3.0, 9, 3, 9]).set_axis([4, 3, 1, 0])
    flags = flag_spectra(rows, ["teff", "logg"], ranges=RANGES, doubt=DOUBT, **LIMITS)
    assert flags["flag"].to_dict() == {4: 18, 3: 8, 1: 1, 0: 26}
    assert flags["flag"].dtype == flags["teff_flag"].dtype == np.int32
    assert flags["flag_text"].tolist() == [
        "S/N 1.0 is below 30; teff uncertain by 70 K (limit 65)",
        "logg outside the training range",
        "lost",
        "S/N 1.0 is below 30; logg outside the training range; teff uncertain by 90 K (limit 65)",
    ]
    assert flags["teff_flag"].tolist() == [16, 0, 1, 16]
    assert flags["logg_flag"].tolist() == [0, 8, 1, 8]


def test_no_spectra_have_no_flags():
    flags = flag_spectra(make_rows(0), ["teff", "logg"], ranges=RANGES, doubt=DOUBT, **LIMITS)
    assert flags.empty


def test_an_unreadable_spectrum_has_its_status_alone():
    status = "a.fits: file is truncated"
    odd = {"teff": 9000.0, "snr": 1.0, "bad_share": 1.0, "teff_err": 99.0, "missing_ends": 1.0, "spectrum_score": 9.0}
    assert flags_of(status=status, **odd) == (1, status, 1, 1)


def test_a_label_is_outside_where_it_lies_beyond_by_more_than_its_error():
    values = [3989, 3990, 4000, 4010, 4011, 6989, 7010, 7011, np.nan]
    predictions = pd.DataFrame({"teff": values, "teff_err": 10.0})
    beyond = outside_range(predictions, {"teff": [4000, 7000]})
    assert beyond.index[beyond["teff"]].tolist() == [0, 7]
    near = near_edge(predictions, {"teff": [4000, 7000]})
    assert near.index[near["teff"]].tolist() == [1, 2, 3, 6]


def test_bits_are_those_of_the_documents():
    assert {bit: name for bit, (name, _) in BITS.items()} == {
        1: "unreadable", 2: "low_snr", 4: "bad_pixels", 8: "outside_training_range", 16: "large_uncertainty",
        32: "unlike_training", 64: "unlike_training_features", 128: "members_disagree", 256: "partly_covered",
        512: "near_training_edge", 1024: "calibrated_on_synthetic",
    }  # fmt: skip


def test_an_unknown_error_does_not_hide_that_a_label_is_outside():
    predictions = pd.DataFrame({"teff": [3999.0, 4000.0], "teff_err": np.nan})
    assert outside_range(predictions, {"teff": [4000, 7000]})["teff"].tolist() == [True, False]
