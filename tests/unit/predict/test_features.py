"""A network's own view: what is far from training spectra there, and what is missing at the ends of arms."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from spectrolabe.predict.features import FeatureLayer, FeatureReference, learn_features, read_features, write_features
from spectrolabe.train.heads import HEADS
from spectrolabe.train.scaling import LabelScaling


@pytest.fixture
def member(tmp_path):
    """A member whose three features are the first three pixels, times 1, 10 and 0."""
    inputs = keras.Input((20,))
    hidden = keras.layers.Dense(3, name="hidden")
    outputs = keras.layers.Dense(2, name="scaled_labels")(hidden(inputs))
    weights = np.zeros((20, 3))
    weights[[0, 1], [0, 1]] = 1, 10
    hidden.set_weights([weights, np.zeros(3)])
    keras.Model(inputs, outputs).save(tmp_path / "0.keras")
    return tmp_path / "0.keras"


def spectra_of(make_set, count, seed):
    spectra = make_set(count, 1)
    flux = np.random.default_rng(seed).normal(1, 0.1, spectra.flux.shape).astype(np.float32)
    return replace(spectra, flux=flux)


def test_features_are_what_the_head_reads(member, make_set):
    spectra = spectra_of(make_set, 300, 1)
    features = FeatureLayer(member)(spectra.flux)
    np.testing.assert_allclose(features, spectra.flux[:, :3] * [1, 10, 0], rtol=1e-5)
    assert FeatureLayer(member)(spectra.flux[:0]).shape == (0, 3)


def test_the_distance_is_one_where_training_spectra_are(member, make_set, tmp_path):
    reference = learn_features(spectra_of(make_set, 2000, 2), member)
    layer, held_out = FeatureLayer(member), spectra_of(make_set, 300, 3)
    usual = reference.distance(layer(held_out.flux))
    # Two of three features stir, each with unit variance once whitened.
    assert np.mean(usual**2) == pytest.approx(2 / 3, rel=0.1)
    odd = held_out.flux.copy()
    odd[:, 0] += 1
    assert reference.distance(layer(odd)).min() > 4 > usual.max()
    write_features(tmp_path / "features.npz", reference)
    again = read_features(tmp_path / "features.npz").distance(layer(odd))
    np.testing.assert_array_equal(again, reference.distance(layer(odd)))


def test_one_training_spectrum_in_a_hundred_may_lack_more(member, make_set):
    training = spectra_of(make_set, 200, 4)
    training.ivar[:50, :4] = 0
    assert learn_features(training, member).usual_ends == pytest.approx(0.2)


def test_ends_that_training_spectra_have_may_be_missing(make_set):
    spectra = make_set(5, 1)
    ivar = np.ones_like(spectra.ivar)
    ivar[1, :3], ivar[2, -4:], ivar[3, 8:12], ivar[4] = 0, 0, 0, 0
    covered = np.ones(20, bool)
    reference = FeatureReference(np.zeros(1), np.eye(1), covered)
    np.testing.assert_allclose(reference.missing_ends(replace(spectra, ivar=ivar)), [0, 0.15, 0.2, 0, 1])
    usual = replace(reference, usual_ends=0.15)
    np.testing.assert_allclose(usual.missing_ends(replace(spectra, ivar=ivar)), [0, 0, 0.2, 0, 1])
    covered[:3] = False
    np.testing.assert_allclose(reference.missing_ends(replace(spectra, ivar=ivar)), [0, 0, 4 / 17, 0, 1])


@pytest.mark.parametrize("name", HEADS)
def test_features_are_shared_by_labels_with_layers_of_their_own(name, make_set, tmp_path):
    spectra = spectra_of(make_set, 10, 5)
    scaling = LabelScaling.fit(spectra.table[["teff", "logg"]].to_numpy(), ["teff", "logg"])
    inputs = keras.Input((20,))
    hidden = keras.layers.Dense(3)(inputs)
    bins = {label: {"start": 0, "stop": 10, "width": 1} for label in ("teff", "logg")}
    options = {"bins": bins, "hidden": [4]} if name == "binned" else {"hidden": {"teff": [4]}}
    member = keras.Model(inputs, HEADS[name](**options).layer(hidden, scaling, 1))
    member.save(tmp_path / "0.keras")
    expected = keras.Model(inputs, hidden)(spectra.flux)
    np.testing.assert_allclose(FeatureLayer(tmp_path / "0.keras")(spectra.flux), expected, rtol=1e-5, atol=1e-6)
