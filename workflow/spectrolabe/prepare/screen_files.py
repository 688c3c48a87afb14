"""What a screen is made from and kept in: spectra of parts, read shard by shard, and one file without any code."""

from collections.abc import Iterator, Sequence
from heapq import nsmallest
from pathlib import Path

import numpy as np
import pandas as pd

from spectrolabe.prepare.maps import SimilarityMap
from spectrolabe.prepare.neighbours import Neighbours
from spectrolabe.prepare.reference_spectra import Reference
from spectrolabe.prepare.screening import REASONS, Screen, Yardstick
from spectrolabe.spectra.false_alarms import Alarm
from spectrolabe.spectra.randomness import derive_seed
from spectrolabe.spectra.table import Spectra, concatenate, read_shard, replacing

#: Spectra that a reference is fitted to at most, a matter of memory; of more, as many by chance.
MOST_SPECTRA = 10_000
#: And that thresholds are set by, each of which is placed in the map.
MOST_HELD_OUT = 50_000
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
    return concatenate(list(_read_named(shards, _choose(names, MOST_SPECTRA, seed))))


def read_held_out(shards: Sequence[str | Path], selection: pd.DataFrame, seed: int) -> Iterator[Spectra]:
    """Read the selected spectra of the parts that thresholds are set by, at most `MOST_HELD_OUT`, shard by shard."""
    names = selection.loc[selection["part"].isin(HELD_OUT), "spectrum_id"]
    return _read_named(shards, _choose(names, MOST_HELD_OUT, seed))


def _choose(names, most, seed):
    return set(nsmallest(most, names, key=lambda name: derive_seed(seed, "screening", name)))


def _read_named(shards, names):
    for path in shards:
        spectra = read_shard(path)
        yield spectra.select(spectra.table["spectrum_id"].isin(names).to_numpy())


def write_screen(path: str | Path, screen: Screen) -> None:
    """Write a screen to an .npz file of plain arrays, which is either whole or absent."""
    similarity = {f"map.{name}": np.asarray(getattr(screen.map, name)) for name in MAP}
    _write(path, _yardstick_arrays(screen) | similarity | {"map_limit": np.asarray(screen.map_limit)})


def write_yardstick(path: str | Path, yardstick: Yardstick | None) -> None:
    """Write what spectra are judged by as `write_screen` does; nothing of None."""
    _write(path, _yardstick_arrays(yardstick) if yardstick else {})


def _write(path, arrays):
    with replacing(path) as temporary, open(temporary, "wb") as file:
        np.savez_compressed(file, **arrays)


def _yardstick_arrays(yardstick):
    arrays = {f"reference.{name}": values for name, values in yardstick.reference.arrays().items()}
    arrays |= {f"neighbours.{name}": np.asarray(getattr(yardstick.neighbours, name)) for name in NEIGHBOURS}
    for name, alarm in {**yardstick.alarms, "combined": yardstick.combined}.items():
        arrays |= alarm.arrays(name)
    return arrays | {"false_alarms": np.asarray(yardstick.false_alarms)}


NEIGHBOURS = ("scores", "noise", "names", "spread", "count")
MAP = ("scores", "points", "scale", "perplexity", "seed")


def read_screen(path: str | Path) -> Screen:
    """Read a screen that `write_screen` wrote."""
    with np.load(path) as file:
        arrays = dict(file)
    similarity = SimilarityMap(**_plain(arrays, "map", MAP))
    return Screen(**vars(_restore(arrays)), map=similarity, map_limit=float(arrays["map_limit"]))


def read_yardstick(path: str | Path) -> Yardstick | None:
    """Read what `write_yardstick` or `write_screen` wrote, without the map; None where nothing is in it."""
    with np.load(path) as file:
        return _restore(dict(file)) if file.files else None


def _restore(arrays):
    reference = Reference.restore({name.partition(".")[2]: arrays[name] for name in arrays if "reference." in name})
    neighbours = Neighbours(**_plain(arrays, "neighbours", NEIGHBOURS))
    alarms = {name: Alarm.restore(arrays, name) for name in REASONS}
    combined = Alarm.restore(arrays, "combined")
    return Yardstick(reference, neighbours, alarms, combined, float(arrays["false_alarms"]))


def _plain(arrays, group, names):
    values = {name: arrays[f"{group}.{name}"] for name in names}
    return {name: value if value.ndim else value.item() for name, value in values.items()}
