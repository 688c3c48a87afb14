"""The steps that a recipe lists, by name, and the way through such a list."""

from collections.abc import Callable, Mapping, Sequence

from spectrolabe.spectra.broadening import broaden, rotate_randomly
from spectrolabe.spectra.cleaning import clean_spikes, clean_zeros, mask_pixels
from spectrolabe.spectra.continuum import normalise
from spectrolabe.spectra.distortion import add_noise, rest_frame, scale, shift, zero_pixels
from spectrolabe.spectra.randomness import RowGenerators
from spectrolabe.spectra.resampling import resample
from spectrolabe.spectra.table import Spectra, concatenate

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
    blocks = [slice(start, start + BLOCK) for start in range(0, len(spectra), BLOCK)]
    parts = []
    for block in blocks:
        part, generators = spectra.select(block), rng.select(block)
        for function, options in functions:
            part = function(part, generators, **options)
        parts.append(part)
    return concatenate(parts)


def _find(name):
    if name not in STEPS:
        raise ValueError(f"unknown step {name!r}: expected one of {', '.join(STEPS)}")
    return STEPS[name]
