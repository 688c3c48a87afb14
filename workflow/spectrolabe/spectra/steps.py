"""The steps that a recipe lists, by name, and the way through such a list."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from spectrolabe.spectra.broadening import broaden, rotate_randomly
from spectrolabe.spectra.cleaning import clean_spikes, clean_zeros, mask_pixels
from spectrolabe.spectra.continuum import normalise
from spectrolabe.spectra.distortion import add_noise, rest_frame, scale, shift, zero_pixels
from spectrolabe.spectra.randomness import RowGenerators
from spectrolabe.spectra.resampling import resample
from spectrolabe.spectra.table import Spectra, concatenate, read_shard
from spectrolabe.spectra.velocities import find_velocity

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
    "normalise": normalise,
    "zero_pixels": zero_pixels,
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
    steps : mappings of one name and its options, as ``{"shift": {"max": 3}}``.
    rng : one generator per spectrum.

    Raises
    ------
    ValueError
        Where a step's name is unknown, or a step cannot work on a spectrum.
    """
    if len(rng) != len(spectra):
        raise ValueError(f"expected one random generator per spectrum: {len(spectra)} spectra, {len(rng)} generators")
    functions = [(_find(name), options or {}) for step in steps for name, options in step.items()]
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


def _complete(options: Mapping, products: Mapping[str, Path]) -> dict:
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


def _find(name):
    if name not in STEPS:
        raise ValueError(f"unknown step {name!r}: expected one of {', '.join(STEPS)}")
    return STEPS[name]
