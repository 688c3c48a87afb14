"""Components of training spectra: the eigenvectors of their covariance, their errors by hand, and how many suffice."""

import numpy as np
import pytest

from spectrolabe.prepare import components
from spectrolabe.prepare.components import centre, learn_components, rebuilding_errors


@pytest.fixture
def flux():
    """300 spectra of 40 pixels in three shapes, each half as strong as the one before, with noise of 0.1 per cent."""
    rng = np.random.default_rng(5)
    shapes = np.linalg.qr(rng.normal(size=(40, 3)))[0].T
    strengths = rng.normal(size=(300, 3)) * [0.4, 0.2, 0.1]
    return (1 + strengths @ shapes + rng.normal(0, 0.001, (300, 40))).astype(np.float32)


def test_components_are_the_eigenvectors_of_the_covariance(flux):
    centred = flux - flux.mean(axis=0)
    values, vectors = np.linalg.eigh((centred.T @ centred).astype(float))
    found, _ = learn_components(flux.copy(), {}, compress={"components": 3}, seed=1)
    assert np.abs(found.axes @ vectors[:, ::-1][:, :3]) == pytest.approx(np.eye(3), abs=1e-3)
    np.testing.assert_allclose(found.axes @ found.axes.T, np.eye(3), atol=1e-5)
    np.testing.assert_allclose(found.mean, flux.mean(axis=0), rtol=1e-5)
    # The mean eigenvalue of the three, over the number of spectra, is the mean square of all their coefficients.
    assert found.scale == pytest.approx(np.sqrt(values[::-1][:3].mean() / 300), rel=1e-4)
    assert np.sqrt(np.mean(found.project(flux) ** 2)) == pytest.approx(found.scale, rel=1e-4)
    assert found.axes.dtype == found.mean.dtype == np.float32


def test_the_same_seed_gives_the_same_components(flux):
    first, errors = learn_components(flux.copy(), {"held": flux[:9]}, compress={"components": 2}, seed=1)
    second, its_errors = learn_components(flux.copy(), {"held": flux[:9]}, compress={"components": 2}, seed=1)
    np.testing.assert_array_equal(first.axes, second.axes)
    assert errors.equals(its_errors)


def test_errors_by_hand():
    # One component along the first pixel: of the other, 0.1 of 0.5 stays, and of the first nothing; mean 0.1.
    flux = np.array([[1.2, 0.5]], np.float32)
    mean, axes = np.array([1.0, 0.4], np.float32), np.eye(2, dtype=np.float32)
    np.testing.assert_allclose(rebuilding_errors(flux, mean, axes), [0.1, 0.0], atol=1e-6)


def test_errors_are_of_known_pixels_and_do_not_explode_in_black_cores():
    mean, axes = np.array([1.0, 0.5], np.float32), np.zeros((1, 2), np.float32)
    assert rebuilding_errors(np.array([[1.25, 0.0]], np.float32), mean, axes) == pytest.approx([0.2])
    # 0.49 off where the flux is 0.01: relative to 0.1.
    assert rebuilding_errors(np.array([[1.0, 0.01]], np.float32), mean, axes) == pytest.approx([4.9 / 2])


def test_centring_leaves_missing_pixels_alone():
    flux = np.array([[1.0, 0.0], [3.0, 0.6]], np.float32)
    np.testing.assert_allclose(centre(flux), [2.0, 0.6])
    np.testing.assert_allclose(flux, [[-1, 0], [1, 0]])


def test_errors_of_all_kinds_are_told_and_the_number_that_is_kept(flux):
    _, errors = learn_components(flux[:200].copy(), {"validation": flux[200:]}, compress={"components": 3}, seed=1)
    assert list(errors) == ["spectra", "components", "error", "chosen"]
    assert errors.loc[errors["chosen"], ["spectra", "components"]].values.tolist() == [
        ["training", 3],
        ["validation", 3],
    ]
    assert errors.groupby("spectra")["components"].apply(list).tolist() == [list(range(1, 41))] * 2
    for _, rows in errors.groupby("spectra"):
        assert rows["error"].iloc[0] > 0.02
        # What is left is the noise: 0.1 per cent, of which the mean absolute value is 0.8 times as much.
        assert rows["error"].iloc[2] == pytest.approx(0.0008, rel=0.2)


def test_as_few_components_are_kept_as_reach_an_error(flux):
    found, errors = learn_components(flux.copy(), {}, compress={"error": 0.005}, seed=1)
    assert len(found.axes) == 3
    assert errors["error"].iloc[1] > 0.005 > errors["error"].iloc[2]


def test_an_error_below_the_noise_is_not_reached(flux, monkeypatch):
    monkeypatch.setattr(components, "SEARCHED", 20)
    monkeypatch.setattr(components, "SHOWN", 20)
    message = r"mean relative error of 0\.0001, found 0\.000\d+ with 20 components: noise keeps it above"
    with pytest.raises(ValueError, match=message):
        learn_components(flux.copy(), {}, compress={"error": 0.0001}, seed=1)


def test_more_components_than_spectra_are_refused(flux):
    with pytest.raises(ValueError, match="found 30 for 20 training spectra of 40 pixels"):
        learn_components(flux[:20].copy(), {}, compress={"components": 30}, seed=1)
