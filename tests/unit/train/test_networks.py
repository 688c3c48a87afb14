"""Networks: their shapes, their sizes, their seeds."""

import subprocess
import sys

import keras
import numpy as np
import pytest

from spectrolabe.train.initialisers import INITIALISERS
from spectrolabe.train.networks import NETWORKS, conv, conv_pairs, pca_conv, perceptron, residual

OPTIONS = {"filters": [2, 3], "kernel": 4, "pool": 2, "dense": [6, 5]}


def build(seed=1, **options):
    flux = keras.Input((20,))
    return keras.Model(flux, conv(flux, seed, **OPTIONS | options))


def test_size_by_hand():
    # Convolutions 4*1*2 + 2 and 4*2*3 + 3, then 10 pooled pixels of 3 filters to 6 units to 5.
    assert build().count_params() == (8 + 2) + (24 + 3) + (30 * 6 + 6) + (6 * 5 + 5)
    assert build().output_shape == (None, 5)


def test_strides_shorten_the_spectrum():
    # 20 pixels, every second, every second, pooled by 2: 2 are left.
    assert build(strides=[2, 2]).count_params() == (8 + 2) + (24 + 3) + (2 * 3 * 6 + 6) + (6 * 5 + 5)
    with pytest.raises(ValueError, match="shorter"):
        build(strides=[2])


def test_dropout_only_where_it_is_asked_for():
    layers = [type(layer).__name__ for layer in build(dropout=0.5).layers]
    assert layers.count("Dropout") == 2
    assert "Dropout" not in [type(layer).__name__ for layer in build().layers]


def test_weights_depend_on_the_seed_alone():
    keras.utils.set_random_seed(1)
    first = build(seed=7).get_weights()
    keras.utils.set_random_seed(2)
    again, other = build(seed=7).get_weights(), build(seed=8).get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], other[0])


def test_pairs_pool_after_every_convolution():
    flux = keras.Input((20,))
    model = keras.Model(flux, conv_pairs(flux, 1, **OPTIONS | {"dropout": 0.5}))
    # 20 pixels, pooled to 10, to 5 of 3 filters.
    assert model.count_params() == (8 + 2) + (24 + 3) + (5 * 3 * 6 + 6) + (6 * 5 + 5)
    kinds = ["Reshape", *["Conv1D", "MaxPooling1D"] * 2, "Flatten", *["Dense", "Dropout"] * 2]
    assert [type(layer).__name__ for layer in model.layers[1:]] == kinds
    shorter = keras.Model(flux, conv_pairs(flux, 1, **OPTIONS | {"strides": [2, 1]}))
    assert shorter.count_params() == (8 + 2) + (24 + 3) + (2 * 3 * 6 + 6) + (6 * 5 + 5)


@pytest.mark.parametrize("network", [conv, conv_pairs])
def test_a_leaky_rectifier_keeps_three_tenths_of_what_is_negative(network, tmp_path):
    flux = keras.Input((4,))
    options = {"filters": [1], "kernel": 1, "pool": 4, "dense": [1], "activation": "leaky_relu"}
    network = keras.Model(flux, network(flux, 1, **options))
    network.set_weights([np.full((1, 1, 1), 1.0), np.zeros(1), np.full((1, 1), 1.0), np.zeros(1)])
    network.save(tmp_path / "leaky.keras")
    opened = keras.saving.load_model(tmp_path / "leaky.keras", safe_mode=True)
    for model in (network, opened):
        # The largest of four pixels, through a convolution and a dense layer that both do nothing but activate.
        outputs = np.asarray(model(np.array([[1.0, 0, 2, 0], [-2, -1, -3, -4]])))
        assert outputs[:, 0] == pytest.approx([2, -1 * 0.3 * 0.3])


def test_perceptron_by_hand():
    flux = keras.Input((20,))
    keras.utils.set_random_seed(1)
    model = keras.Model(flux, perceptron(flux, 7, units=[6, 5], dropout=0.5))
    assert model.count_params() == (20 * 6 + 6) + (6 * 5 + 5)
    assert [type(layer).__name__ for layer in model.layers[1:]] == ["Dense", "Dropout"] * 2
    keras.utils.set_random_seed(2)
    again = keras.Model(flux, perceptron(flux, 7, units=[6, 5]))
    assert np.array_equal(model.get_weights()[0], again.get_weights()[0])


#: Table 2 of Gebran et al. (2022), which the schema's defaults are.
PAPER = {"filters": [8, 4, 4], "kernel": 4, "dense": [1024, 512, 64, 10]}


def test_pca_conv_is_the_network_of_the_paper():
    coefficients = keras.Input((50,))
    features = pca_conv(coefficients, 1, **PAPER, dropout=0.3)
    model = keras.Model(coefficients, keras.layers.Dense(1)(features))
    assert sum(int(np.prod(weights.shape)) for weights in model.trainable_weights) == 764_357
    kinds = ["Reshape", *["Conv1D", "Dropout"] * 3, "Flatten", *["Dense"] * 5]
    assert [type(layer).__name__ for layer in model.layers[1:]] == kinds
    shapes = [layer.output.shape[1:] for layer in model.layers if isinstance(layer, keras.layers.Conv1D)]
    assert shapes == [(50, 8), (50, 4), (50, 4)]


def count_trainable(model):
    return sum(int(np.prod(weights.shape)) for weights in model.trainable_weights)


@pytest.mark.parametrize(
    ("network", "options", "labels", "count"),
    [
        # StarNet (Fabbro et al. 2018), and a perceptron per label (Li et al. 2017), of 4000 pixels.
        (conv, {"filters": [4, 16], "kernel": 8, "pool": 4, "dense": [256, 128]}, 3, 4_130_103),
        (perceptron, {"units": [1000, 500, 100]}, 1, 4_551_701),
    ],
)
def test_networks_have_their_papers_sizes(network, options, labels, count):
    flux = keras.Input((4000,))
    assert count_trainable(keras.Model(flux, keras.layers.Dense(labels)(network(flux, 1, **options)))) == count


def residual_of(pixels=20, seed=1, **options):
    flux = keras.Input((pixels,))
    return keras.Model(flux, residual(flux, seed, **{"stem": 6, "blocks": [6, 4]} | options))


def test_residual_by_hand():
    # A dense layer and its norm; blocks of two norms and two dense layers; the second is narrower than its input.
    stem = 20 * 6 + 6 + 12
    first = (12 + 6 * 6 + 6) + (12 + 6 * 6 + 6)
    second = (12 + 6 * 4 + 4) + (8 + 4 * 4 + 4)
    shortcut = 12 + 6 * 4 + 4
    assert count_trainable(residual_of()) == stem + first + second + shortcut + 8
    assert count_trainable(residual_of(skip=False)) == stem + first + second + 8
    assert count_trainable(residual_of(layer_norm=False)) == 126 + 84 + 48 + 28
    assert count_trainable(residual_of(skip=False, layer_norm=False)) == 126 + 84 + 48
    kinds = [type(layer).__name__ for layer in residual_of(blocks=[6], stem_dropout=0.5, dropout=0.5).layers[1:]]
    stem_kinds = ["Dense", "LayerNormalization", "Activation", "Dropout"]
    block = ["LayerNormalization", "Dense", "Activation", "LayerNormalization", "Dense", "Dropout", "Add"]
    assert kinds == [*stem_kinds, *block, "LayerNormalization"]


def test_a_block_adds_to_what_it_is_given():
    flux = np.random.default_rng(1).normal(size=(5, 20)).astype(np.float32)
    model = residual_of(blocks=[6], layer_norm=False)
    stem = keras.Model(model.input, model.layers[2].output)
    without = residual_of(blocks=[6], layer_norm=False, skip=False)
    expected = np.asarray(stem(flux)) + np.asarray(without(flux))
    np.testing.assert_allclose(np.asarray(model(flux)), expected, rtol=1e-5, atol=1e-6)


def test_residual_networks_start_alike_whatever_is_left_out():
    whole = residual_of(seed=7, dropout=0.3)
    kernels = [weights for weights in whole.get_weights() if weights.ndim == 2]
    assert len({kernel.tobytes() for kernel in kernels}) == 6
    for options in ({"skip": False}, {"layer_norm": False}, {"stem_dropout": 0.5}):
        others = [weights.tobytes() for weights in residual_of(seed=7, **options).get_weights() if weights.ndim == 2]
        assert {*others} <= {kernel.tobytes() for kernel in kernels}
    other = residual_of(seed=8).get_weights()[0]
    assert not np.array_equal(kernels[0], other)


def test_pca_conv_starts_alike_with_and_without_dropout():
    coefficients = keras.Input((6,))
    options = {"filters": [2, 2], "kernel": 3, "dense": [4]}
    models = [keras.Model(coefficients, pca_conv(coefficients, 7, **options, dropout=share)) for share in (0, 0.5)]
    assert all(np.array_equal(a, b) for a, b in zip(*(model.get_weights() for model in models), strict=True))
    assert "Dropout" not in [type(layer).__name__ for layer in models[0].layers]


OF_NETWORKS = {
    "conv": OPTIONS,
    "conv_pairs": OPTIONS,
    "pca_conv": {"filters": [2, 3], "kernel": 4, "dense": [6, 5]},
    "perceptron": {"units": [6, 5]},
    "residual": {"stem": 6, "blocks": [5], "layer_norm": False},
    "residual_conv": {"filters": [3], "kernel": 3, "stem_filters": 2, "stem_kernel": 3},
}


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_takes_every_initialiser(name):
    flux, weights = keras.Input((20,)), {}
    for initialiser in INITIALISERS:
        model = keras.Model(flux, NETWORKS[name](flux, 1, **OF_NETWORKS[name], initialiser=initialiser))
        weights[initialiser] = [array for array in model.get_weights() if array.ndim > 1]
        assert not any(np.any(variable) for variable in model.trainable_variables if variable.name == "bias")
    assert {float(array.max()) for array in weights["zeros"]} == {0}
    assert {float(array.min()) for array in weights["ones"]} == {1}
    for array, usual in zip(weights["identity"], weights["glorot_uniform"], strict=True):
        assert np.array_equal(array, np.eye(*array.shape) if array.ndim == 2 else usual)
    # With Keras's settings, scaling the variance is what LeCun does.
    assert np.array_equal(weights["variance_scaling"][0], weights["lecun_normal"][0])
    once = set(INITIALISERS) - {"identity", "variance_scaling"}
    assert len({weights[name][0].tobytes() for name in once}) == len(once)


def test_layers_of_one_shape_are_filled_by_seeds_of_their_own():
    flux = keras.Input((5,))
    kernels = keras.Model(flux, perceptron(flux, 1, units=[5, 5], initialiser="random_uniform")).get_weights()[::2]
    assert not np.array_equal(*kernels)


def test_a_network_opens_in_safe_mode_whatever_fills_and_activates_it(tmp_path):
    flux = keras.Input((20,))
    for number, initialiser in enumerate(INITIALISERS):
        activation = ["sigmoid", "selu", "elu", "tanh", "leaky_relu"][number % 5]
        normed = residual(flux, 1, stem=4, blocks=[3], activation=activation, initialiser=initialiser, dropout=0.5)
        keras.Model(flux, normed).save(tmp_path / f"residual_{initialiser}.keras")
        options = OF_NETWORKS["pca_conv"] | {"activation": activation, "initialiser": initialiser}
        keras.Model(flux, pca_conv(flux, 1, **options)).save(tmp_path / f"{initialiser}.keras")
    code = "import sys, keras\nfor path in sys.argv[1:]: keras.saving.load_model(path, safe_mode=True)"
    paths = sorted(tmp_path.iterdir())
    assert len(paths) == 2 * 14
    # Python's isolated mode: neither the folder nor PYTHONPATH leads to this library.
    subprocess.run([sys.executable, "-I", "-c", code, *paths], check=True)


def test_every_dropout_layer_has_a_seed_of_its_own():
    seeds = [layer.seed for layer in build(dropout=0.5).layers if isinstance(layer, keras.layers.Dropout)]
    assert len(set(seeds)) == 2
    assert None not in seeds
