"""Members: networks from flux to labels, built, opened and saved with what they took to train."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from keras import ops

from spectrolabe.spectra.components import Components
from spectrolabe.spectra.randomness import derive_seed
from spectrolabe.spectra.table import replacing
from spectrolabe.train.networks import NETWORKS
from spectrolabe.train.optimisers import OPTIMISERS, layer_shares, with_layer_rates
from spectrolabe.train.projection import PROJECTED, project, project_on, rebuild, trained_part
from spectrolabe.train.scaling import FLUX_SCALINGS, LabelScaling


def build(table: Mapping, choice: Mapping):
    """Build what a one-key mapping names, with its options."""
    ((name, options),) = choice.items()
    return table[name](**options)


def build_model(
    flux: np.ndarray,
    network: Mapping,
    head,
    scaling: LabelScaling,
    seed: int,
    *,
    components: Components | None = None,
    arms: Sequence[slice] = (),
) -> keras.Model:
    """Build a network from flux to physical units: scalings and principal components are layers of it.

    Parameters
    ----------
    flux : training spectra, shape (n_spectra, n_pixels), which scalings and components are learnt from.
    network : one key, a name of `NETWORKS`, with its options.
    head, scaling : what the network ends in (see `HEADS`), and the scaling of its labels.
    seed : of the weights and dropout.
    components : where given, ``flux`` is not looked at: the network projects flux on them, see `trained_part`.
    arms : pixels of each wavelength arm, which a network ``per_arm`` is built for one by one.
    """
    ((name, options),) = network.items()
    options = dict(options)
    per_arm = options.pop("per_arm", False)
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
    if per_arm:
        return keras.Model(inputs, _layer_per_arm(inputs, scaled, NETWORKS[name], options, arms, head, scaling, seed))
    features = NETWORKS[name](scaled, seed, **options)
    return keras.Model(inputs, head.layer(features, scaling, seed))


def _layer_per_arm(inputs, scaled, network, options, arms, head, scaling, seed):
    """Build a network for each arm, whose weights do not depend on the others, and the head that reads them all."""
    features, known = [], []
    for number, arm in enumerate(arms, start=1):
        own = derive_seed(seed, "arm", number)
        features.append(network(scaled[:, arm], own, **options, prefix=f"arm{number}_"))
        has_any = ops.any(ops.not_equal(inputs[:, arm], 0.0), axis=1, keepdims=True)
        known.append(ops.cast(has_any, "float32"))
    return head.layer(features, scaling, seed, known)


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
    arms: Sequence[slice],
    layer_rates: Mapping | None = None,
) -> tuple[keras.Model, keras.Model]:
    """Open or build a network; give it, and what is trained of it with its loss and an optimiser at its start.

    ``flux, network, head, scaling, seed, components, arms``: see `build_model`; ``start_from``: a member to go on from
    in place of a new one; ``layer_rates``: where given, ``share``, see `layer_shares`.
    """
    member = (
        load_member(start_from)
        if start_from
        else build_model(flux, network, head, scaling, seed, components=components, arms=arms)
    )
    model = trained_part(member, components)
    moves = build(OPTIMISERS, optimiser)
    if layer_rates:
        moves = with_layer_rates(moves, layer_shares([each.path for each in model.trainable_variables], **layer_rates))
    model.compile(optimizer=moves, loss=head.loss(scaling))
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
    with replacing(path) as temporary:
        model.save(temporary)


def write_history(history: pd.DataFrame, model: keras.Model, path: Path) -> None:
    """Write a member's history, with the number of the network's parameters in the file's metadata."""
    table = pa.Table.from_pandas(history, preserve_index=False)
    parameters = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    with replacing(path) as temporary:
        pq.write_table(table.replace_schema_metadata({"parameters": str(parameters)}), temporary)
