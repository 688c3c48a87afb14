"""Lines, second lines and distances are what they are by hand."""

import numpy as np
import pytest

from spectrolabe.prepare.neighbours import Neighbours
from spectrolabe.prepare.residuals import correlate_lines, find_lines
from spectrolabe.spectra.wavelength import LIGHT_SPEED

WAVELENGTH = np.concatenate([5400 + 0.1 * np.arange(1500), 8500 + 0.1 * np.arange(1500)])


def line(centre, width):
    """A line of height 1 and a FWHM in km/s."""
    sigma = width / 2.354820 / LIGHT_SPEED * centre
    return np.exp(-(((WAVELENGTH - centre) / sigma) ** 2) / 2), sigma


def test_a_line_is_found_where_it_is_with_the_strength_of_a_matched_filter():
    profile, sigma = line(5470.0, 60.0)
    highest, lowest = find_lines(np.array([profile, -profile], np.float32), WAVELENGTH)
    assert WAVELENGTH[highest[0].argmax()] == pytest.approx(5470)
    assert WAVELENGTH[lowest[1].argmin()] == pytest.approx(5470)
    # Of a line that fits the filter, the root of the sum of squares.
    assert highest[0].max() == pytest.approx(np.sqrt(np.sqrt(np.pi) * sigma / 0.1), rel=0.01)
    assert highest[0].max() == pytest.approx(-lowest[1].min())


def test_lines_of_one_arm_do_not_reach_into_the_next():
    profile = np.zeros((1, len(WAVELENGTH)), np.float32)
    profile[0, 1499] = 1
    highest, lowest = find_lines(profile, WAVELENGTH)
    assert highest[0, 1500:].max() == 0 == lowest[0, 1500:].min()


def test_second_lines_are_found_at_their_velocity():
    rng = np.random.default_rng(1)
    centres = np.concatenate([rng.uniform(5420, 5530, 20), rng.uniform(8520, 8630, 15)])
    depth = sum(line(centre, 20.0)[0] for centre in centres)
    shifted = sum(line(centre * (1 + 72 / LIGHT_SPEED), 20.0)[0] for centre in centres)
    residual = np.array([-3 * shifted, 3 * shifted, 0 * shifted], np.float32)
    likeness, velocity = correlate_lines(residual, np.tile(depth, (3, 1)).astype(np.float32), WAVELENGTH)
    assert velocity[0] == pytest.approx(72, abs=3)
    assert likeness[0] > 10 * max(likeness[1], 0.1)
    assert likeness[2] == 0


def test_noise_alone_looks_like_no_second_lines():
    rng = np.random.default_rng(2)
    depth = np.tile(sum(line(centre, 20.0)[0] for centre in rng.uniform(5420, 5530, 20)), (200, 1))
    likeness, _ = correlate_lines(rng.normal(size=depth.shape), depth, WAVELENGTH)
    assert 1.5 < np.median(likeness) < 3.5


def test_distances_leave_out_the_spectrum_itself_and_what_is_noise():
    scores = np.array([[0.0, 0.0], [2.0, 0.0], [8.0, 0.0]])
    near = Neighbours(scores, np.zeros(3), np.array(["a", "b", "c"]), np.array([2.0, 1.0]), 2)
    distance = near.distance(scores[[0, 0]], np.zeros(2), np.array(["a", "new"]))
    np.testing.assert_allclose(distance, [(1 + 4) / 2, (0 + 1) / 2])
    # With a noise as large as its spread, half of the second component counts.
    far = near.distance(np.array([[0.0, 3.0]]), np.array([1.0]), np.array(["new"]))
    assert far == pytest.approx((1.5 + np.hypot(1, 1.5)) / 2)
