"""Members: networks from flux to labels, built, opened and saved with what they took to train."""

import os
from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from spectrolabe.spectra.components import Components
from spectrolabe.train.networks import NETWORKS
from spectrolabe.train.optimisers import OPTIMISERS
from spectrolabe.train.projection import PROJECTED, project, project_on, rebuild, trained_part
from spectrolabe.train.scaling import FLUX_SCALINGS, LabelScaling


def build(table: Mapping, choice: Mapping):
    """Build what a one-key mapping names, with its options."""
    ((name, options),) = choice.items()
    return table[name](**options)


def build_model(
    flux: np.ndarray, network: Mapping, head, scaling: LabelScaling, seed: int, *, components: Components | None = None
) -> keras.Model:
    """Build a network from flux to physical units: scalings and principal components are layers of it.

    Parameters
    ----------
    flux : training spectra, shape (n_spectra, n_pixels), which scalings and components are learnt from.
    network : one key, a name of `NETWORKS`, with its options.
    head, scaling : what the network ends in (see `HEADS`), and the scaling of its labels.
    seed : of the weights and dropout.
    components : where given, ``flux`` is not looked at: the network projects flux on them, see `trained_part`.
    """
    ((name, options),) = network.items()
    options = dict(options)
    way, count = options.pop("flux_scaling", "per_pixel"), options.pop("components", None)
    mean, variance = (components.mean, np.ones_like(components.mean)) if components else FLUX_SCALINGS[way](flux)
    inputs = keras.Input((len(mean),), name="flux")
    scaled = inputs
    if components or way != "none":
        scaled = keras.layers.Normalization(mean=mean, variance=variance, name="flux_scaling")(inputs)
        # A missing pixel (0) becomes the mean one, whatever its scale.
        scaled *= keras.ops.cast(keras.ops.not_equal(inputs, 0.0), "float32")
    if components:
        scaled = keras.layers.Rescaling(1 / components.scale)(project_on(scaled, components.axes.T))
    elif count and name in PROJECTED:
        scaled = project(scaled, flux, mean, variance, count, seed, common=way == "common")
    elif count:
        scaled = rebuild(scaled, flux, mean, variance, count, seed)
    features = NETWORKS[name](scaled, seed, **options)
    return keras.Model(inputs, head.layer(features, scaling, seed))


def begin_member(
    flux: np.ndarray,
    *,
    network: Mapping,
    head,
    scaling: LabelScaling,
    optimiser: Mapping,
    seed: int,
    components: Components | None,
    start_from: Path | None,
) -> tuple[keras.Model, keras.Model]:
    """Open or build a network; give it, and what is trained of it with its loss and an optimiser at its start.

    ``flux, network, head, scaling, seed, components``: see `build_model`; ``start_from``: a member to go on from in
    place of a new one.
    """
    member = (
        load_member(start_from)
        if start_from
        else build_model(flux, network, head, scaling, seed, components=components)
    )
    model = trained_part(member, components)
    model.compile(optimizer=build(OPTIMISERS, optimiser), loss=head.loss(scaling))
    model.optimizer.build(model.trainable_variables)
    return member, model


def load_member(path: Path) -> keras.Model:
    """Open a trained member in safe mode.

    Raises
    ------
    ValueError
        Where the file is not a whole `.keras` model; the message names it.
    """
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # zipfile, h5py and Keras each raise kinds of their own on a damaged file
        found = f"{Path(path).stat().st_size} bytes that do not open" if Path(path).exists() else "no file"
        raise ValueError(f"{path}: expected a .keras model, found {found}: delete it to train it again") from error


def save_member(model: keras.Model, path: Path) -> None:
    """Write a member under a temporary name in its folder, then move it into place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.stem}.writing.keras")
    model.save(temporary)
    os.replace(temporary, path)


def write_history(history: pd.DataFrame, model: keras.Model, path: Path) -> None:
    """Write a member's history, with the number of the network's parameters in the file's metadata."""
    table = pa.Table.from_pandas(history, preserve_index=False)
    parameters = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    pq.write_table(table.replace_schema_metadata({"parameters": str(parameters)}), path)
