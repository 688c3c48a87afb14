"""What a saved network is made of."""

import keras

from spectrolabe.train.architectures import describe_network


def test_layers_sizes_parameters_and_branches(tmp_path):
    flux = keras.Input((20,), name="flux")
    known = flux * keras.ops.cast(keras.ops.not_equal(flux, 0.0), "float32")
    stem = keras.layers.Dense(8, "gelu", name="stem")(known)
    block = keras.layers.Dropout(0.4, name="drop")(keras.layers.Dense(8, name="block")(stem))
    features = keras.layers.Reshape((8, 1))(keras.layers.Add(name="sum")([block, stem]))
    activation = keras.layers.LeakyReLU(negative_slope=0.3)
    features = keras.layers.Conv1D(4, 3, activation=activation, name="lines")(features)
    features = keras.layers.Conv1D(4, 1, strides=2, use_bias=False, name="fewer")(features)
    model = keras.Model(flux, keras.layers.MaxPooling1D(2, name="pool")(features))
    model.save(tmp_path / "0.keras")
    network = describe_network(tmp_path / "0.keras")
    layers = {layer["name"]: layer for layer in network["layers"]}
    assert network["parameters"] == model.count_params() == 20 * 8 + 8 + 8 * 8 + 8 + 3 * 4 + 4 + 4 * 4
    assert layers["flux"] == {
        "name": "flux", "kind": "InputLayer", "size": "", "shape": [20], "parameters": 0, "inputs": [],
    }  # fmt: skip
    sizes = {name: layers[name]["size"] for name in ("stem", "block", "drop", "lines", "pool")}
    assert sizes == {"stem": "8 gelu", "block": "8", "drop": "0.4", "lines": "4 × 3 LeakyReLU", "pool": "2"}
    assert {name: layer["stride"] for name, layer in layers.items() if "stride" in layer} == {"lines": 1, "fewer": 2}
    assert layers["sum"]["inputs"] == ["drop", "stem"]
    assert layers["lines"]["shape"] == [6, 4]
    assert {"NotEqual", "Cast", "Multiply"} <= {layer["kind"] for layer in network["layers"]}
