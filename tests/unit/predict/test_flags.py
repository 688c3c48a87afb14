"""Flags: a bit and a sentence for each reason to doubt."""

import numpy as np
import pandas as pd

from spectrolabe.predict.flags import BITS, flag_spectra, outside_range

LIMITS = {"teff": 65.0, "logg": 0.8}


def flags_of(beyond=None, max_err=LIMITS, **columns):
    rows = {"status": [""], "snr": 100.0, "bad_share": 0.0, "teff_err": 65.0, "logg_err": 0.8}
    rows = pd.DataFrame(rows | {key: [x] for key, x in columns.items()})
    beyond = pd.DataFrame([beyond or {"teff": False, "logg": False}])
    row = flag_spectra(rows, beyond, min_snr=30, max_bad_share=0.2, max_err=max_err).iloc[0]
    return row["flag"], row["flag_text"]


def test_a_good_spectrum_has_no_flag():
    assert flags_of() == (0, "")
    assert flags_of(snr=30.0, bad_share=0.2) == (0, "")


def test_low_snr():
    assert flags_of(snr=29.0) == (2, "S/N 29.0 is below 30")


def test_unknown_snr_is_no_reason():
    assert flags_of(snr=np.nan) == (0, "")


def test_bad_pixels():
    assert flags_of(bad_share=0.25) == (4, "25% of the pixels are without information")


def test_outside_the_training_range():
    assert flags_of({"teff": True, "logg": False}) == (8, "teff outside the training range")
    assert flags_of({"teff": True, "logg": True}) == (8, "teff, logg outside the training range")


def test_large_uncertainty():
    assert flags_of(teff_err=80.0) == (16, "teff uncertain by 80 K (limit 65)")
    both = "teff uncertain by 1234 K (limit 65), logg uncertain by 0.812 dex (limit 0.8)"
    assert flags_of(teff_err=1234.4, logg_err=0.8123) == (16, both)


def test_an_unknown_uncertainty_is_not_large():
    assert flags_of(teff_err=np.nan) == (0, "")


def test_a_spectrum_outside_those_of_the_training_set():
    outer = {"screening": "outer", "screening_reason": "emission at 8542.1 angstrom"}
    assert flags_of(**outer) == (32, "unlike the training spectra: emission at 8542.1 angstrom")
    assert flags_of(screening="inner", screening_reason="") == (0, "")
    assert flags_of(**outer, snr=5.0) == (
        34,
        "S/N 5.0 is below 30; unlike the training spectra: emission at 8542.1 angstrom",
    )
    assert flags_of(**outer, status="lost") == (1, "lost")


def test_without_limits_no_uncertainty_is_large():
    assert flags_of(max_err={}, teff_err=1e9) == (0, "")


def test_reasons_add_up():
    flag, text = flags_of({"teff": False, "logg": True}, snr=5.0, bad_share=0.5, logg_err=1.0)
    assert flag == 2 + 4 + 8 + 16
    reasons = [
        "S/N 5.0 is below 30",
        "50% of the pixels are without information",
        "logg outside the training range",
        "logg uncertain by 1 dex (limit 0.8)",
    ]
    assert text == "; ".join(reasons)


def test_reasons_of_many_spectra_stand_beside_their_own():
    names = ["teff", "logg"]
    beyond = pd.DataFrame(
        [[False, False], [True, True], [False, True], [True, True]], columns=names, index=[4, 4, 1, 0]
    )
    rows = pd.DataFrame({"status": ["", "", "lost", ""], "snr": [1.0, 9, 9, 1], "bad_share": 0.0}, index=beyond.index)
    rows = rows.assign(teff_err=[70.0, 10, 70, 90])
    flags = flag_spectra(rows, beyond, min_snr=2, max_bad_share=1, max_err={"teff": 65})
    assert flags["flag"].tolist() == [18, 8, 1, 26]
    assert flags["flag_text"].tolist() == [
        "S/N 1.0 is below 2; teff uncertain by 70 K (limit 65)",
        "teff, logg outside the training range",
        "lost",
        "S/N 1.0 is below 2; teff, logg outside the training range; teff uncertain by 90 K (limit 65)",
    ]


def test_no_spectra_have_no_flags():
    rows = pd.DataFrame({"status": [], "snr": [], "bad_share": [], "teff_err": []})
    flags = flag_spectra(rows, pd.DataFrame({"teff": []}, dtype=bool), min_snr=2, max_bad_share=1, max_err={"teff": 65})
    assert flags.empty


def test_an_unreadable_spectrum_has_its_status_alone():
    status = "a.fits: file is truncated"
    assert flags_of({"teff": True, "logg": True}, status=status, snr=1.0, bad_share=1.0, teff_err=99.0) == (1, status)


def test_rows_keep_their_index():
    rows = pd.DataFrame({"status": ["", "a"], "snr": 1.0, "bad_share": 0.0}, index=[7, 3])
    flags = flag_spectra(
        rows, pd.DataFrame({"teff": [False, False]}, index=[7, 3]), min_snr=2, max_bad_share=1, max_err={}
    )
    assert flags["flag"].to_dict() == {7: 2, 3: 1}
    assert flags["flag"].dtype == np.int32


def test_a_label_is_outside_where_it_lies_beyond_by_more_than_its_error():
    values = [3989, 3990, 4000, 7010, 7011, np.nan]
    predictions = pd.DataFrame({"teff": values, "teff_err": 10.0}, index=list("abcdef"))
    beyond = outside_range(predictions, {"teff": [4000, 7000]})
    assert beyond["teff"].to_dict() == {"a": True, "b": False, "c": False, "d": False, "e": True, "f": False}


def test_bits_are_those_of_the_documents():
    assert {bit: name for bit, (name, _) in BITS.items()} == {
        1: "unreadable", 2: "low_snr", 4: "bad_pixels", 8: "outside_training_range", 16: "large_uncertainty",
        32: "unlike_training",
    }  # fmt: skip


def test_an_unknown_error_does_not_hide_that_a_label_is_outside():
    predictions = pd.DataFrame({"teff": [3999.0, 4000.0], "teff_err": np.nan})
    assert outside_range(predictions, {"teff": [4000, 7000]})["teff"].tolist() == [True, False]
