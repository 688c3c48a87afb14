"""What a network is made of: its layers, their sizes and parameters, and what each of them takes in."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import keras
import numpy as np

from spectrolabe.train.members import load_member


def describe_network(path: Path) -> dict:
    """Describe the layers of a saved network.

    Parameters
    ----------
    path : a `.keras` file.

    Returns
    -------
    ``parameters``, all that training changes, and ``layers``, each ``name``, ``kind`` (Keras's), ``size`` (in words,
    "" where the kind says all), ``shape`` of what it gives (without the number of spectra), ``parameters``,
    ``inputs``, the names of the layers that it reads, and of convolutions ``stride``.
    """
    model = load_member(path)
    # Sums and comparisons of tensors are no layers, though they stand between them.
    operations = {operation.name: operation for operation in model.operations}
    layers = [_describe_layer(operations[node["name"]], node) for node in model.get_config()["layers"]]
    return {"parameters": _count(model), "layers": layers}


def _describe_layer(layer: keras.Operation, node: Mapping) -> dict:
    stride = {"stride": int(node["config"]["strides"][0])} if "filters" in node["config"] else {}
    return {
        "name": node["name"],
        "kind": node["class_name"].rpartition(">")[2],
        "size": _describe_size(layer, node["config"]),
        "shape": [int(length) for length in _shape_of(layer)[1:] if length],
        "parameters": _count(layer),
        "inputs": list(dict.fromkeys(_sources(node["inbound_nodes"]))),
    } | stride


def _count(layer: keras.Operation) -> int:
    return sum(int(np.prod(weight.shape)) for weight in getattr(layer, "trainable_weights", []))


def _shape_of(layer: keras.Operation) -> tuple:
    output = layer.output
    return tuple((output[0] if isinstance(output, list | tuple) else output).shape)


def _describe_size(layer: keras.Operation, config: Mapping) -> str:
    """Name what tells a layer from others of its kind: units, filters, share dropped, activation."""
    words = [str(config[key]) for key in ("units", "rate", "pool_size") if isinstance(config.get(key), int | float)]
    if "filters" in config:
        words.append(f"{config['filters']} × {config['kernel_size'][0]}")
    elif isinstance(config.get("pool_size"), list | tuple):
        words.append(str(config["pool_size"][0]))
    activation = getattr(layer, "activation", None)
    # A layer as activation has a number in its own name.
    name = type(activation).__name__ if isinstance(activation, keras.Layer) else getattr(activation, "__name__", "")
    return " ".join(words + ([name] if name and name != "linear" else []))


def _sources(nodes: object) -> Iterator[str]:
    """Find the layers behind every tensor that a node takes, however deep it is nested."""
    if isinstance(nodes, Mapping):
        if nodes.get("class_name") == "__keras_tensor__":
            yield nodes["config"]["keras_history"][0]
        else:
            for value in nodes.values():
                yield from _sources(value)
    elif isinstance(nodes, list | tuple):
        for value in nodes:
            yield from _sources(value)
