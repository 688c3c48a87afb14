"""Ensembles: total variance by hand, and predictions that no neighbour touches."""

import keras
import numpy as np
import pytest

from spectrolabe.predict.ensembles import BATCH, Ensemble, combine, mix
from spectrolabe.train.heads import Prediction


def save_network(path, seed, pixels=20):
    keras.utils.set_random_seed(seed)
    layers = [keras.layers.Dense(8, "relu"), keras.layers.Dropout(0.5), keras.layers.Dense(4)]
    keras.Sequential([keras.Input((pixels,)), *layers]).save(path)
    return path


@pytest.fixture
def members(tmp_path):
    return [save_network(tmp_path / f"{seed}.keras", seed) for seed in (1, 2)]


@pytest.fixture
def flux():
    return np.random.default_rng(5).normal(1, 0.1, (BATCH + 44, 20)).astype(np.float32)


def test_total_variance():
    # Means 1 and 3, variances 0.5 and 1.5: 2; (0.5 + 1.5) / 2; ((1 - 2)^2 + (3 - 2)^2) / 2.
    members = [Prediction(np.array([[1.0]]), np.array([[0.5]])), Prediction(np.array([[3.0]]), np.array([[1.5]]))]
    assert [part.item() for part in combine(members)] == [2, 1, 1]


def test_total_variance_of_point_heads_and_of_one_member():
    unknown = np.array([[np.nan]])
    mean, aleatoric, epistemic = combine([Prediction(np.array([[value]]), unknown) for value in (1.0, 3.0)])
    assert (mean.item(), epistemic.item()) == (2, 1)
    assert np.isnan(aleatoric).all()
    assert combine([Prediction(np.array([[1.0]]), np.array([[0.5]]))])[2].item() == 0


def test_small_spreads_of_large_labels_survive():
    # 0.5 K of disagreement at 6000 K, squared in double precision.
    means = [Prediction(np.float32([[value]]), np.float32([[1]])) for value in (6000.0, 6000.5)]
    assert combine(means)[2].item() == pytest.approx(0.0625, rel=1e-9)


def test_members_with_different_peaks_keep_both():
    members = [{"teff": np.array([[[1.0, 0, 0]]])}, {"teff": np.array([[[0, 0.5, 0.5]]])}]
    np.testing.assert_allclose(mix(members)["teff"], [[[0.5, 0.25, 0.25]]])


def test_every_member_predicts_every_spectrum_in_order(members, flux):
    outputs = Ensemble(members)(flux)
    assert outputs.shape == (2, BATCH + 44, 4)
    for path, output in zip(members, outputs, strict=True):
        expected = keras.saving.load_model(path).predict(flux, verbose=0)
        np.testing.assert_allclose(output, expected, rtol=1e-5, atol=1e-6)


def test_no_bit_depends_on_the_neighbours(members, flux):
    ensemble = Ensemble(members)
    outputs = ensemble(flux)
    for rows in ([7], [BATCH + 3], np.arange(250, 270)):
        np.testing.assert_array_equal(ensemble(flux[rows]), outputs[:, rows])
    order = np.random.default_rng(6).permutation(len(flux))
    np.testing.assert_array_equal(ensemble(flux[order]), outputs[:, order])
    spoilt = flux.copy()
    spoilt[::2] = np.nan
    np.testing.assert_array_equal(ensemble(spoilt)[:, 1::2], outputs[:, 1::2])


def test_another_number_of_pixels_ends_in_one_sentence(members, flux):
    message = "the members read 20 pixels, the spectra have 19: prepare them on one grid"
    with pytest.raises(ValueError, match=message):
        Ensemble(members)(flux[:, :19])


def test_a_damaged_member_is_named(members):
    members[1].write_bytes(b"")
    with pytest.raises(ValueError, match=r"2\.keras: expected a \.keras model, found 0 bytes that do not open"):
        Ensemble(members)
