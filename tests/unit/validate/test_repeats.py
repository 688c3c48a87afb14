"""Repeated spectra of benchmark stars, and asteroseismic gravities, by hand."""

import numpy as np
import pandas as pd
import pytest

from spectrolabe.validate.repeats import compare_gravities, compare_repeats


def make_spectra():
    """Two spectra of one star, three of another, of which one is outer; one field star."""
    sample = pd.DataFrame({"spectrum_id": list("abcdef"), "benchmark": ["Sun"] * 2 + ["tau Cet"] * 3 + [""]})
    sample = sample.assign(source_id=sample["benchmark"], snr=50.0, flag=0, screening="inner", feh_true=np.nan)
    sample.loc[4, "screening"] = "outer"
    sample["feh"] = [0.01, 0.03, -0.50, -0.50, -0.20, 9.0]
    return sample.assign(feh_lo68=0.0, feh_err=0.05, feh_survey=[0.0, 0.0, -0.5, -0.5, -0.5, 9], feh_survey_err=0.1)


def test_repeats_by_hand():
    table, numbers = compare_repeats(make_spectra())
    assert table["star"].tolist() == ["Sun", "Sun", "tau Cet", "tau Cet", "tau Cet"]
    assert (numbers["stars"], numbers["spectra"], numbers["outer"]) == (2, 5, 1)
    found = numbers["labels"]["feh"]
    # The inner differences: 0.02 of the Sun on average, 0 of tau Cet.
    assert found["inner"] == {"stars": 2, "bias": pytest.approx(0.01), "scatter": pytest.approx(0.02 / np.sqrt(2))}
    assert found["outer"]["bias"] == pytest.approx(0.3)
    # Variances 0.0002 and 0.03 of the two stars.
    assert found["repeat_scatter"] == pytest.approx(np.sqrt((0.0002 + 0.03) / 2))
    assert found["within_survey_error"] == 0.5
    assert (found["repeated"], found["quoted"], found["survey_error"]) == (2, 0.05, pytest.approx(0.1))


def test_no_benchmark_star_is_said_in_words():
    table, numbers = compare_repeats(make_spectra().assign(benchmark=""))
    assert table.empty
    assert numbers["missing"].startswith("No spectrum")


def test_gravities_by_hand():
    sample = pd.DataFrame({"logg": [2.0, 2.2, 2.4, 4.0], "logg_seismic": [2.0, 2.1, 2.2, np.nan]})
    sample = sample.assign(logg_survey=[2.1, 2.2, np.nan, 4.0], flag=0, spectrum_id=list("abcd"), screening="")
    table, numbers = compare_gravities(sample)
    assert table["spectrum_id"].tolist() == ["a", "b", "c"]
    assert numbers["predicted_seismic"] == {"n": 3, "bias": pytest.approx(0.1), "scatter": pytest.approx(0.14826)}
    assert numbers["survey_seismic"]["bias"] == pytest.approx(0.1)
    assert numbers["predicted_survey"] == {"n": 2, "bias": pytest.approx(-0.05), "scatter": pytest.approx(0.07413)}


def test_no_seismic_gravity_is_said_in_words():
    _, numbers = compare_gravities(pd.DataFrame({"logg": [2.0], "flag": [0]}))
    assert numbers["missing"].endswith("no star of this survey has logg_seismic")
