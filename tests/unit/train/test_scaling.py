"""Scaling of labels and flux, missing values left out."""

import numpy as np
import pandas as pd
import pytest
from sklearn.preprocessing import RobustScaler

from spectrolabe.train.scaling import LabelScaling, flux_moments, read_targets, removed_parts

NAN = np.nan


def test_labels_are_scaled_by_those_that_are_known():
    scaling = LabelScaling.fit(np.array([[1, NAN], [3, 10], [NAN, 20]]), ["teff", "logg"])
    np.testing.assert_array_equal(scaling.offset, [2, 15])
    np.testing.assert_array_equal(scaling.scale, [1, 5])
    np.testing.assert_array_equal(scaling.encode(np.array([[4, NAN]])), [[2, NAN]])
    np.testing.assert_array_equal(scaling.lowest, [1, 10])
    np.testing.assert_array_equal(scaling.encode_from_one(np.array([[1, 20], [4, NAN]])), [[1, 3], [4, NAN]])


def test_a_label_that_is_missing_throughout_is_named():
    with pytest.raises(ValueError, match="label 'logg' is missing in every training spectrum: expected at least two"):
        LabelScaling.fit(np.array([[1, NAN], [3, NAN]]), ["teff", "logg"])


def test_a_constant_label_is_named():
    with pytest.raises(ValueError, match="label 'teff' is 5000 in every training spectrum: expected it to vary"):
        LabelScaling.fit(np.array([[5000, 1], [5000, 2], [NAN, 3]]), ["teff", "logg"])


def test_robust_scaling_is_that_of_scikit_learn():
    labels = np.random.default_rng(1).standard_cauchy((200, 2))
    labels[::7, 1] = NAN
    scaling, oracle = LabelScaling.fit(labels, ["teff", "logg"], "robust"), RobustScaler().fit(labels)
    np.testing.assert_allclose(scaling.offset, oracle.center_, rtol=1e-6)
    np.testing.assert_allclose(scaling.scale, oracle.scale_, rtol=1e-6)
    np.testing.assert_allclose(scaling.variance, np.nanvar(oracle.transform(labels), axis=0), rtol=1e-4)
    assert scaling.names == ("teff", "logg")
    np.testing.assert_allclose(LabelScaling.fit(labels, ["teff", "logg"]).variance, 1, rtol=1e-6)


def test_a_label_that_hardly_varies_cannot_be_scaled_robustly():
    labels = np.array([[1.0], [2], [2], [2], [2], [3]])
    message = "label 'logg' has one value in the middle half of the training spectra: expected it to vary there"
    with pytest.raises(ValueError, match=message):
        LabelScaling.fit(labels, ["logg"], "robust")
    assert LabelScaling.fit(labels, ["logg"]).offset == 2


def test_flux_moments_leave_missing_pixels_out():
    flux = np.array([[1, 0.5, 0], [0, 0.5, 0], [3, 0.5, 0]], np.float32)
    mean, variance = flux_moments(flux)
    np.testing.assert_array_equal(mean, [2, 0.5, 0])
    # A pixel that does not vary, or that none has, is scaled as if it varied by 0.02.
    np.testing.assert_allclose(variance, [1, 0.0004, 0.0004], rtol=1e-6)
    assert mean.dtype == variance.dtype == np.float32


def test_flux_moments_are_of_every_pixel():
    flux = np.random.default_rng(2).normal(1, 0.3, (50, 150)).astype(np.float32)
    mean, variance = flux_moments(flux)
    np.testing.assert_allclose(mean, flux.mean(axis=0, dtype=float), rtol=1e-6)
    np.testing.assert_allclose(variance, flux.var(axis=0, dtype=float), rtol=1e-5)


def test_targets_are_labels_less_what_was_removed():
    table = pd.DataFrame({"teff": [5000.0, 6000.0, NAN], "rv": [20.5, -7.0, 3.0], "rv_removed": [20.0, NAN, 5.0]})
    np.testing.assert_array_equal(removed_parts(table, ["teff", "rv"]), [[0, 20], [0, 0], [0, 5]])
    targets = read_targets(table, ["teff", "rv"])
    np.testing.assert_array_equal(targets, [[5000, 0.5], [6000, -7], [NAN, -2]])
    assert targets.dtype == np.float32
