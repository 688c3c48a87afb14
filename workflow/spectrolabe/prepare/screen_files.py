"""What a screen is made from and kept in: spectra of parts, read shard by shard, and one file without any code."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from spectrolabe.prepare.false_alarms import Alarm
from spectrolabe.prepare.maps import SimilarityMap
from spectrolabe.prepare.neighbours import Neighbours
from spectrolabe.prepare.reference_spectra import Reference
from spectrolabe.prepare.screening import REASONS, Screen
from spectrolabe.spectra.randomness import derive_seed
from spectrolabe.spectra.table import Spectra, concatenate, read_shard, replacing

#: Spectra that a reference is fitted to at most, a matter of memory; of more, as many by chance.
MOST_SPECTRA = 10_000
#: Parts that thresholds are set by.
HELD_OUT = ("validation", "calibration")


def read_training(shards: Sequence[str | Path], selection: pd.DataFrame, seed: int) -> Spectra:
    """Read the selected spectra of the training part, at most `MOST_SPECTRA`.

    Parameters
    ----------
    shards : files of prepared spectra.
    selection : as `spectrolabe.prepare.selection.select_spectra` gives them.
    seed : of the choice, which depends on the spectra's names alone.
    """
    names = selection.loc[selection["part"] == "training", "spectrum_id"]
    order = sorted(names, key=lambda name: derive_seed(seed, "screening", name))
    return concatenate(list(_read_named(shards, set(order[:MOST_SPECTRA]))))


def read_held_out(shards: Sequence[str | Path], selection: pd.DataFrame) -> Iterator[Spectra]:
    """Read the selected spectra of the parts that thresholds are set by, one shard at a time."""
    names = selection.loc[selection["part"].isin(HELD_OUT), "spectrum_id"]
    return _read_named(shards, set(names))


def _read_named(shards, names):
    for path in shards:
        spectra = read_shard(path)
        yield spectra.select(spectra.table["spectrum_id"].isin(names).to_numpy())


def write_screen(path: str | Path, screen: Screen) -> None:
    """Write a screen to an .npz file of plain arrays, which is either whole or absent."""
    arrays = {f"reference.{name}": values for name, values in screen.reference.arrays().items()}
    for group, names in (("neighbours", NEIGHBOURS), ("map", MAP)):
        arrays |= {f"{group}.{name}": np.asarray(getattr(getattr(screen, group), name)) for name in names}
    for name, alarm in {**screen.alarms, "combined": screen.combined}.items():
        arrays |= alarm.arrays(name)
    arrays |= {"false_alarms": np.asarray(screen.false_alarms), "map_limit": np.asarray(screen.map_limit)}
    with replacing(path) as temporary, open(temporary, "wb") as file:
        np.savez_compressed(file, **arrays)


NEIGHBOURS = ("scores", "noise", "names", "spread", "count")
MAP = ("scores", "points", "scale", "perplexity", "seed")


def read_screen(path: str | Path) -> Screen:
    """Read a screen that `write_screen` wrote."""
    with np.load(path) as file:
        arrays = dict(file)
    reference = Reference.restore({name.partition(".")[2]: arrays[name] for name in arrays if "reference." in name})
    neighbours = Neighbours(**_plain(arrays, "neighbours", NEIGHBOURS))
    similarity = SimilarityMap(**_plain(arrays, "map", MAP))
    alarms = {name: Alarm.restore(arrays, name) for name in REASONS}
    limits = (float(arrays[name]) for name in ("false_alarms", "map_limit"))
    return Screen(reference, neighbours, similarity, alarms, Alarm.restore(arrays, "combined"), *limits)


def _plain(arrays, group, names):
    values = {name: arrays[f"{group}.{name}"] for name in names}
    return {name: value if value.ndim else value.item() for name, value in values.items()}
