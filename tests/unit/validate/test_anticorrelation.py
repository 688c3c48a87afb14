"""Slopes in star clusters, by hand and from planted ones."""

import numpy as np
import pandas as pd
import pytest

from spectrolabe.predict.flags import UNREADABLE
from spectrolabe.validate.anticorrelation import compare_clusters, count_right, fit_slope


def test_an_exact_line_has_its_slope_and_no_error():
    x = np.array([0.0, 0.1, 0.2, 0.4])
    assert fit_slope(x, 1 - 3 * x, 1.0) == (pytest.approx(-3), pytest.approx(0, abs=1e-12))


def test_orthogonal_regression_by_hand():
    # Variances 2/3 and 2/3, covariance 1/2 of sums 2, 2 and 1: the main axis lies at 45 degrees.
    slope, error = fit_slope(np.array([-1.0, 0, 1, 0]), np.array([0.0, 0, 1, -1]), 1.0)
    assert slope == pytest.approx(1)
    assert error > 0
    # All errors on y are least squares: covariance over the variance of x.
    slope, _ = fit_slope(np.array([-1.0, 0, 1, 0]), np.array([0.0, 0, 1, -1]), 1e9)
    assert slope == pytest.approx(0.5, abs=1e-6)


def make_clusters(shrink=1.0, stars=300, part=""):
    """A metal-rich cluster of slope -3 whose predicted [Al/Fe] is shrunken, one of too few stars, and field stars."""
    rng = np.random.default_rng(2)
    mg = rng.uniform(0.1, 0.5, stars)
    truth = pd.DataFrame({"mg_fe": mg, "al_fe": 1.5 - 3 * mg, "feh": -0.9})
    errors = {"mg_fe": 0.03, "al_fe": 0.06, "feh": 0.04}
    names = [f"s{number}" for number in range(stars)]
    sample = pd.DataFrame({"spectrum_id": names, "source_id": names, "snr": 50.0, "flag": 0, "part": part})
    sample["cluster"] = ["NGC 2"] * 5 + [""] * 5 + ["NGC 1"] * (stars - 10)
    for label, error in errors.items():
        sample[f"{label}_true"] = truth[label]
        sample[f"{label}_survey"] = truth[label] + rng.normal(0, 2 * error, stars)
        factor = shrink if label == "al_fe" else 1
        mean = truth[label].mean()
        sample[label] = mean + factor * (truth[label] - mean) + rng.normal(0, error, stars)
        sample[f"{label}_err"], sample[f"{label}_survey_err"] = error, 2 * error
    return sample


def test_planted_slopes_are_found_and_shrinking_is_measured():
    table, numbers = compare_clusters(make_clusters(shrink=0.5))
    assert len(table) == 300
    large, small = numbers["clusters"]
    assert (large["cluster"], large["feh"], large["all"]["stars"]) == ("NGC 1", pytest.approx(-0.9), 290)
    slopes = large["all"]["slopes"]
    assert slopes["true"] == pytest.approx(-3)
    assert slopes["survey"] == pytest.approx(-3, abs=0.25)
    assert slopes["predicted"] == pytest.approx(-1.5, abs=0.1)
    assert large["all"]["attenuation"] == pytest.approx(0.5, abs=0.03)
    assert large["all"]["spread"]["al_fe"] == pytest.approx(0.5, abs=0.05)
    assert small["all"]["slopes"] == dict.fromkeys(["predicted", "survey", "true"])
    assert small["all"]["attenuation"] is None
    assert numbers["right"] == {"clusters": 1, "within": 0}


def test_slopes_within_a_fifth_are_right():
    _, numbers = compare_clusters(make_clusters())
    assert numbers["right"] == {"clusters": 1, "within": 1}
    # Below the metallicity from which slopes are to be right.
    poor = [one | {"feh": -1.3} for one in numbers["clusters"]]
    assert count_right(poor) == {"clusters": 0, "within": 0}


def test_members_that_were_trained_on_are_not_unseen():
    _, numbers = compare_clusters(make_clusters(part="training"))
    assert numbers["clusters"][0]["all"]["stars"] == 290
    assert numbers["clusters"][0]["unseen"]["stars"] == 0


def test_without_a_truth_the_surveys_slope_is_the_reference():
    sample = make_clusters().assign(mg_fe_true=np.nan, al_fe_true=np.nan, feh_true=np.nan, cluster_feh=-1.0)
    _, numbers = compare_clusters(sample)
    cluster = next(one for one in numbers["clusters"] if one["cluster"] == "NGC 1")
    assert cluster["feh"] == -1.0
    assert cluster["all"]["reference"] == "survey"
    assert cluster["all"]["attenuation"] == pytest.approx(1, abs=0.1)


def test_unreadable_spectra_and_repeats_do_not_count():
    sample = make_clusters()
    sample.loc[20, "flag"] = UNREADABLE
    sample.loc[21, ["source_id", "snr"]] = ["s22", 10.0]
    _, numbers = compare_clusters(sample)
    assert numbers["clusters"][0]["all"]["stars"] == 288


def test_a_survey_without_clusters_says_so():
    table, numbers = compare_clusters(make_clusters().assign(cluster=""))
    assert len(table) == 300
    assert numbers["missing"].startswith("No star")
