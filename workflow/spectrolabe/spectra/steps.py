"""The steps that a recipe lists, by name, and the way through such a list."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from spectrolabe.spectra.broadening import broaden, rotate_randomly
from spectrolabe.spectra.cleaning import clean_spikes, clean_zeros, mask_pixels
from spectrolabe.spectra.continuum import normalise
from spectrolabe.spectra.distortion import (
    add_noise,
    distort_continuum,
    rest_frame,
    scale,
    shift,
    zero_pixels,
)
from spectrolabe.spectra.randomness import RowGenerators
from spectrolabe.spectra.resampling import resample, to_log_grid
from spectrolabe.spectra.standardisation import standardise
from spectrolabe.spectra.table import Spectra, concatenate, read_shard
from spectrolabe.spectra.velocities import find_velocity
from spectrolabe.spectra.wavelength import is_log_uniform


def by_copy(spectra: Spectra, rng: RowGenerators, *, lists: Sequence[Sequence[Mapping]]) -> Spectra:
    """Take the copies of a star through steps of their own: copy k through list k, modulo their number.

    Columns that only some of the lists write are missing (NaN) in the other copies.

    Parameters
    ----------
    lists : lists of steps that keep the grid; an empty one leaves a copy as it is. Where one of them broadens, all
        copies are put on a grid uniform in log wavelength, so that they have one grid afterwards.

    Raises
    ------
    ValueError
        Where the table has no column ``copy``, the number of each copy, from 0.
    """
    if "copy" not in spectra.table:
        found = ", ".join(spectra.table) or "no column"
        raise ValueError(f"by_copy expects the column 'copy', the number of each copy, from 0; the table has {found}")
    if any("broaden" in step for own in lists for step in own) and not is_log_uniform(spectra.wavelength):
        spectra = to_log_grid(spectra)
    number = spectra.table["copy"].to_numpy(int) % len(lists)
    rows = [np.flatnonzero(number == own) for own in np.unique(number)]
    done = [apply_steps(spectra.select(own), lists[number[own[0]]], rng.select(own)) for own in rows]
    return concatenate(done).select(np.argsort(np.concatenate(rows))) if rows else spectra


#: name -> function (spectra, rng, **options) -> spectra
STEPS: dict[str, Callable[..., Spectra]] = {
    "rest_frame": rest_frame,
    "clean_spikes": clean_spikes,
    "clean_zeros": clean_zeros,
    "mask_pixels": mask_pixels,
    "rotate": rotate_randomly,
    "shift": shift,
    "broaden": broaden,
    "resample": resample,
    "add_noise": add_noise,
    "scale": scale,
    "distort_continuum": distort_continuum,
    "normalise": normalise,
    "standardise": standardise,
    "zero_pixels": zero_pixels,
    "by_copy": by_copy,
    "find_velocity": find_velocity,
}
#: Rows worked on at a time: few enough to stay in the processor's cache.
BLOCK = 32


def apply_steps(spectra: Spectra, steps: Sequence[Mapping], rng: RowGenerators) -> Spectra:
    """Take spectra through a list of steps, in order.

    A row's result does not depend on the other rows. Pixels without information keep what flux they have, so that later
    steps may bridge it; `spectrolabe.spectra.table.write_shard` sets it to 0.

    Parameters
    ----------
    steps : mappings of one name and its options, as ``{"shift": {"max": 3}}``; of ``by_copy`` its lists.
    rng : one generator per spectrum.

    Raises
    ------
    ValueError
        Where a step's name is unknown, or a step cannot work on a spectrum.
    """
    if len(rng) != len(spectra):
        raise ValueError(f"expected one random generator per spectrum: {len(spectra)} spectra, {len(rng)} generators")
    functions = [(_find(name), _keywords(options)) for step in steps for name, options in step.items()]
    if 0 < len(spectra) <= BLOCK:
        return _apply(functions, spectra, rng)
    blocks = [slice(start, start + BLOCK) for start in range(0, len(spectra), BLOCK)]
    return concatenate([_apply(functions, spectra.select(block), rng.select(block)) for block in blocks])


def _apply(functions, spectra, rng):
    for function, options in functions:
        spectra = function(spectra, rng, **options)
    return spectra


def complete_steps(steps: Iterable[Mapping], products: Mapping[str, Path]) -> list[dict]:
    """Give steps with what they name read in: the ranges of a learned mask, the spectra of templates.

    Parameters
    ----------
    steps : as a recipe holds them, ``{"mask_pixels": {"learned": "sun", "medium": "air"}}`` or
        ``{"find_velocity": {"templates": "templates", "max": 200}}`` among them.
    products : file of each mask (CSV with the columns start and stop) and of each set of templates (a shard).
    """
    return [{name: _complete(options or {}, products) for name, options in step.items()} for step in steps]


def _complete(options: Mapping | list, products: Mapping[str, Path]) -> dict | list:
    if isinstance(options, list):
        return [complete_steps(own, products) for own in options]
    completed = {name: value for name, value in options.items() if name != "learned"}
    if "learned" in options:
        completed["ranges"] = pd.read_csv(products[options["learned"]])[["start", "stop"]].to_numpy(float).tolist()
    if "templates" in options:
        completed["templates"] = read_shard(products[options["templates"]])
    return completed


def name_products(masks: Iterable[str | Path], templates: Iterable[str | Path]) -> dict[str, Path]:
    """Give the files of masks, ``<mask>.csv``, and of templates, ``<set>/training.parquet``, by the names in steps."""
    named = {Path(path).stem: Path(path) for path in masks}
    return named | {Path(path).parent.name: Path(path) for path in templates}


def _keywords(options):
    return {"lists": options} if isinstance(options, list) else options or {}


def _find(name):
    if name not in STEPS:
        raise ValueError(f"unknown step {name!r}: expected one of {', '.join(STEPS)}")
    return STEPS[name]
