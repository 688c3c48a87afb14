"""Matching: the broadening and the velocity that a spectrum was made with are found again."""

import numpy as np
import pytest

from spectrolabe.spectra.matching import match_spectrum


def differ(broadening, velocity, *, true=(6.0, -7.4), bad=0):
    """Differences that grow with the distance from the truth; the first ``bad`` pixels differ whatever is tried."""
    pixels = np.full(40, np.hypot(0.1 * (broadening - true[0]), 0.1 * (velocity - true[1])))
    pixels[:bad] = 5 - 0.1 * (broadening + velocity)
    pixels[-1] = np.nan
    return pixels


def test_the_truth_is_found_from_afar():
    found = match_spectrum(differ, broadest=15, fastest=10, robust=0.05)
    assert found == pytest.approx((6.0, -7.4), abs=0.05)


def test_pixels_that_differ_much_hardly_pull():
    found = match_spectrum(lambda *point: differ(*point, bad=4), broadest=15, fastest=10, robust=0.05)
    assert found == pytest.approx((6.0, -7.4), abs=0.1)


@pytest.mark.parametrize(("true", "ends"), [((20.0, 0.0), (15.0, 0.0)), ((5.0, 30.0), (5.0, 12.0))])
def test_the_search_ends_at_its_bounds(true, ends):
    found = match_spectrum(lambda *point: differ(*point, true=true), broadest=15, fastest=10, robust=0.05)
    assert found == pytest.approx(ends, abs=0.3)
