"""Heads speak physical units, and their losses are those of scaled labels."""

import keras
import numpy as np
import pytest

from spectrolabe.train.heads import HEADS, GaussianHead, PointHead
from spectrolabe.train.losses import gaussian_negative_log_likelihood, mse
from spectrolabe.train.networks import residual
from spectrolabe.train.scaling import LabelScaling

SCALING = LabelScaling(*(np.array(pair, np.float32) for pair in ([5000, 3], [500, 2], [4000, 1])))
#: Heads that give moments of scaled labels.
MOMENTS = ("gaussian", "point")
LABELS = ["teff", "logg"]
TARGETS = np.array([[5500, 4], [np.nan, 1]], np.float32)


def model_of(head, bias):
    """A head on features without influence: its scaled outputs are ``bias``."""
    features = keras.Input((3,))
    model = keras.Model(features, head.layer(features, SCALING, 1))
    model.get_layer("scaled_labels").set_weights([np.zeros((3, len(bias))), np.array(bias)])
    return np.asarray(model(np.ones((2, 3), np.float32)))


def test_point_output_is_physical():
    output = model_of(PointHead(), [2.0, -1.0])
    np.testing.assert_allclose(output, [[5000 + 2 * 500, 3 - 2]] * 2, rtol=1e-6)
    prediction = PointHead().decode(output, LABELS)
    np.testing.assert_array_equal(prediction.mean, output)
    assert np.isnan(prediction.variance).all()
    assert prediction.variance.shape == output.shape


def test_point_loss_is_that_of_scaled_labels():
    # Scaled targets (1, 0.5) and (missing, -1); outputs 0: (1 + 0.25 + 1) / 3.
    outputs = np.array([[5000, 3], [5000, 3]], np.float32)
    assert float(PointHead("mse").loss(SCALING)(TARGETS, outputs)) == pytest.approx(0.75)
    assert float(PointHead("mae").loss(SCALING)(TARGETS, outputs)) == pytest.approx(2.5 / 3)
    scaled = SCALING.encode(TARGETS), SCALING.encode(outputs)
    assert float(PointHead("mse").loss(SCALING)(TARGETS, outputs)) == pytest.approx(float(mse(*scaled)))


def test_the_logarithmic_loss_counts_from_the_lowest_training_label():
    # (5500 - 4000) / 500 + 1 = 4 and (4 - 1) / 2 + 1 = 2.5; of the second spectrum (missing) and 1.
    outputs = np.array([[5000, 3], [5000, 3]], np.float32)
    squares = [np.log(5 / 4) ** 2, np.log(3.5 / 3) ** 2, np.log(2 / 3) ** 2]
    assert float(PointHead("msle").loss(SCALING)(TARGETS, outputs)) == pytest.approx(sum(squares) / 3, rel=1e-5)


def test_gaussian_output_is_physical():
    output = model_of(GaussianHead(), [1.0, 0.5, 0.0, np.log(4)])
    prediction = GaussianHead().decode(output, LABELS)
    np.testing.assert_allclose(prediction.mean, [[5500, 4]] * 2, rtol=1e-6)
    # Scaled variances 1 and 4, times 500^2 and 2^2.
    np.testing.assert_allclose(prediction.variance, [[250000, 16]] * 2, rtol=1e-5)


def test_gaussian_variance_is_bounded():
    # The scaled log variance counts as -14 at least and 6 at most.
    variance = GaussianHead().decode(model_of(GaussianHead(), [0.0, 0.0, -1e4, 1e4]), LABELS).variance
    np.testing.assert_allclose(variance, [[250000 * np.exp(-14), 4 * np.exp(6)]] * 2, rtol=1e-5)


def test_gaussian_loss_is_that_of_scaled_labels():
    outputs = model_of(GaussianHead(), [0.0, 0.0, 0.0, np.log(4)])
    # 1/2; then ln(4)/2 + 0.25 / 8 and ln(4)/2 + 1 / 8.
    expected = (0.5 + 2 * np.log(2) + 1.25 / 8) / 3
    assert float(GaussianHead().loss(SCALING)(TARGETS, outputs)) == pytest.approx(expected, rel=1e-5)
    scaled = SCALING.encode(TARGETS), np.zeros((2, 2), np.float32), np.tile(np.float32([0, np.log(4)]), (2, 1))
    assert expected == pytest.approx(float(gaussian_negative_log_likelihood(*scaled)), rel=1e-5)


NAMED = LabelScaling(SCALING.offset, SCALING.scale, SCALING.lowest, np.array([4, 0.25]), ("teff", "logg"))


def test_labels_count_by_the_inverse_of_their_variance():
    # Variances 4 and 0.25 of the scaled labels: (1 / 4 + 0.25 * 4 + 1 * 4) / 3.
    outputs = np.array([[5000, 3], [5000, 3]], np.float32)
    head = PointHead("mse", weights="inverse_variance")
    assert float(head.loss(NAMED)(TARGETS, outputs)) == pytest.approx((0.25 + 1 + 4) / 3)
    assert float(PointHead("mse", weights="equal").loss(NAMED)(TARGETS, outputs)) == pytest.approx(0.75)


def headed(head, scaling=NAMED, seed=1):
    features = keras.Input((3,))
    return keras.Model(features, head.layer(features, scaling, seed))


HIDDEN = {"hidden": {"teff": [5, 4], "feh": [7]}, "hidden_activation": "relu", "hidden_dropout": 0.5}


@pytest.mark.parametrize("name", MOMENTS)
def test_labels_have_layers_of_their_own(name, tmp_path):
    head = HEADS[name](**HIDDEN)
    model = headed(head)
    # Only of labels that are predicted; the other reads the features.
    assert model.count_params() == (15 + 5) + (20 + 4) + head.outputs * ((4 + 1) + (3 + 1))
    assert [type(layer).__name__ for layer in model.layers].count("Dropout") == 2
    features = np.random.default_rng(1).normal(size=(6, 3)).astype(np.float32)
    assert model(features).shape == (6, 2 * head.outputs)
    model.save(tmp_path / "head.keras")
    opened = keras.saving.load_model(tmp_path / "head.keras", safe_mode=True)
    np.testing.assert_array_equal(np.asarray(opened(features)), np.asarray(model(features)))


@pytest.mark.parametrize("name", MOMENTS)
def test_layers_of_a_label_do_nothing_to_the_others(name):
    model, features = headed(HEADS[name](**HIDDEN)), np.ones((1, 3), np.float32)
    before = np.asarray(model(features)).reshape(-1, 2)
    mean = model.get_layer("mean_teff")
    mean.set_weights([weight * 0 for weight in mean.get_weights()])
    after = np.asarray(model(features)).reshape(-1, 2)
    assert after[0, 0] == 5000 != before[0, 0]
    np.testing.assert_array_equal(after[:, 1], before[:, 1])


def test_a_labels_layers_start_alike_beside_others_and_alone():
    head = PointHead(hidden={"teff": [5], "logg": [4]})
    alone = LabelScaling(*(np.array([value], np.float32) for value in (5000, 500, 4000)), names=("teff",))
    together, single = headed(head).get_layer("mean_teff"), headed(head, alone).get_layer("mean_teff")
    assert np.array_equal(together.get_weights()[0], single.get_weights()[0])
    assert not np.array_equal(headed(head, seed=2).get_layer("mean_teff").get_weights()[0], single.get_weights()[0])


def test_a_compact_network_of_three_labels_has_its_papers_size():
    # arXiv:2606.13868, section 6: 542 771 parameters for 4000 pixels.
    flux = keras.Input((4000,))
    ones = np.ones(3, np.float32)
    scaling = LabelScaling(ones, ones, ones, ones, ("teff", "logg", "feh"))
    head = PointHead(hidden={"teff": [48, 32], "logg": [48], "feh": [16]})
    model = keras.Model(flux, head.layer(residual(flux, 1, stem=128, blocks=[64], dropout=0.4), scaling, 1))
    assert sum(int(np.prod(weights.shape)) for weights in model.trainable_weights) == 542_771


@pytest.mark.parametrize("name", MOMENTS)
def test_a_head_learns_the_scaling_that_it_is_given(name):
    labels = np.array([[0.0], [1], [2], [3], [40]], np.float32)
    assert HEADS[name]().learn_scaling(labels, ["teff"]).offset == pytest.approx(9.2)
    robust = HEADS[name](scaling="robust").learn_scaling(labels, ["teff"])
    assert (robust.offset, robust.scale, robust.names) == (2, 2, ("teff",))


@pytest.mark.parametrize("name", MOMENTS)
def test_weights_depend_on_the_seed_alone(name):
    def kernel(seed):
        features = keras.Input((3,))
        model = keras.Model(features, HEADS[name]().layer(features, SCALING, seed))
        return model.get_layer("scaled_labels").get_weights()[0]

    assert np.array_equal(kernel(1), kernel(1))
    assert not np.array_equal(kernel(1), kernel(2))
