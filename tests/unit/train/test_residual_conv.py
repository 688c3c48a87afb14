"""The convolutional residual network: its modules, its names, and one of it for every arm."""

import keras
import numpy as np
import pytest

from spectrolabe.train.members import build_model, load_member, save_member
from spectrolabe.train.residual_conv import residual_conv

SMALL = {"filters": [4, 4, 6], "kernel": 3, "stem_filters": 4, "stem_kernel": 5, "stem_stride": 2}
ARMS = [slice(0, 12), slice(12, 20)]


def build(**options):
    flux = keras.Input((20,))
    return keras.Model(flux, residual_conv(flux, 1, **SMALL, **options))


def test_modules_keep_the_length_or_halve_it_where_filters_change():
    model = build(prefix="arm2_")
    shapes = {layer.name: tuple(layer.output.shape[1:]) for layer in model.layers}
    assert shapes["arm2_stem_activation"] == shapes["arm2_module1_sum"] == shapes["arm2_module2_sum"] == (10, 4)
    assert shapes["arm2_module3_sum"] == shapes["arm2_module3_shortcut"] == (5, 6)
    assert "arm2_module2_shortcut" not in shapes
    assert shapes["arm2_features"] == (12,)
    assert all(layer.name.startswith("arm2_") for layer in model.layers if layer.weights)
    weights = [weight.path for weight in model.trainable_variables]
    assert {path.split("_")[1] for path in weights} == {"stem", "module1", "module2", "module3"}


def test_features_are_the_mean_and_the_maximum_of_every_filter():
    model = build()
    read = keras.Model(model.input, [model.get_layer("module3_activation").output, model.output])
    maps, features = (np.asarray(each) for each in read(np.random.default_rng(1).normal(size=(3, 20))))
    np.testing.assert_allclose(features, np.hstack([maps.mean(axis=1), maps.max(axis=1)]), rtol=1e-5)


def test_without_its_inner_layers_a_module_gives_its_activated_input():
    model = build(activation="relu")
    for layer in model.layers:
        if layer.name in ("module1_conv2", "module2_conv2"):
            layer.set_weights([np.zeros_like(weight) for weight in layer.get_weights()])
    read = [model.get_layer(name).output for name in ("stem_activation", "module2_activation")]
    before, after = keras.Model(model.input, read)(np.random.default_rng(1).normal(size=(3, 20)))
    np.testing.assert_array_equal(before, after)


def test_weights_depend_on_the_seed_alone():
    first, second, other = build(dropout=0), build(dropout=0.5), build(prefix="arm1_")
    for model in (second, other):
        assert all(np.array_equal(a, b) for a, b in zip(first.get_weights(), model.get_weights(), strict=True))
    assert not [layer for layer in first.layers if isinstance(layer, keras.layers.Dropout)]


class TwoArms:
    """A head that shows what it was given."""

    def layer(self, features, scaling, seed, known=None):
        return keras.layers.Concatenate()([*features, *known])


def test_every_arm_has_a_network_that_reads_nothing_else(make_set, tmp_path):
    flux = make_set(8, 1).flux
    network = {"residual_conv": SMALL | {"per_arm": True}}
    model = build_model(flux, network, TwoArms(), None, 3, arms=ARMS)
    changed, missing = flux.copy(), flux.copy()
    changed[:, 12:] *= 1.1
    missing[2, 12:] = 0
    usual, other, gap = (np.asarray(model(each)) for each in (flux, changed, missing))
    assert usual.shape == (8, 2 * 12 + 2)
    np.testing.assert_array_equal(usual[:, :12], other[:, :12])
    assert (usual[:, 12:24] != other[:, 12:24]).any()
    assert usual[:, 24:].min() == 1
    assert gap[2, 24:].tolist() == [1, 0]
    kernels = [model.get_layer(f"arm{number}_module1_conv1").get_weights()[0] for number in (1, 2)]
    assert not np.array_equal(*kernels)
    save_member(model, tmp_path / "member.keras")
    np.testing.assert_array_equal(load_member(tmp_path / "member.keras")(flux), usual)


@pytest.mark.parametrize("per_arm", [False, None])
def test_arms_are_joined_unless_asked_apart(make_set, per_arm):
    class Last:
        def layer(self, features, scaling, seed):
            return keras.layers.Identity()(features)

    options = SMALL if per_arm is None else SMALL | {"per_arm": per_arm}
    model = build_model(make_set(8, 1).flux, {"residual_conv": options}, Last(), None, 3, arms=ARMS)
    assert model.output_shape == (None, 12)
