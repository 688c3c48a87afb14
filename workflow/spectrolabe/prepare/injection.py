"""Injected stars: of a set's whole ranges and at any S/N, as the set makes its own and with deliberate mismatches."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from spectrolabe.acquire.emulator import Emulator, check_ranges, draw_stars
from spectrolabe.acquire.grids import Grid
from spectrolabe.prepare.splitting import assign_parts
from spectrolabe.prepare.training_sets import BATCH
from spectrolabe.spectra.distortion import shift_by
from spectrolabe.spectra.randomness import RowGenerators, derive_seed
from spectrolabe.spectra.steps import apply_steps
from spectrolabe.spectra.table import NOISE_FREE_IVAR, Spectra

#: What is other than the networks were taught, "none" first.
MISMATCHES = ("none", "resolution", "continuum", "velocity", "rotation", "grid")
SNR = (5.0, 300.0)
#: Resolving power over that of the set.
COARSER = 0.9
#: Highest error of the continuum, as a share of it, and how many waves it makes along the spectrum.
CONTINUUM_ERRORS = (0.02, 0.05)
WAVES = (0.5, 2.0)
VELOCITY = 5.0  # km/s
#: Projected rotation where a set knows none (km/s), and how far it goes beyond that of a set that knows it.
ROTATION = (20.0, 50.0)
FURTHER = 30.0
#: What no step does -> the steps behind the last of which it is done.
BEHIND = {"continuum": ("resample", "normalise"), "velocity": ("resample", "shift", "find_velocity")}

Stars = tuple[pd.DataFrame, Callable[[np.ndarray], np.ndarray]]


def inject_stars(
    grid: Grid,
    other: Grid | None,
    steps: Sequence[Mapping],
    *,
    name: str,
    stars: int,
    ranges: Mapping[str, Sequence[float]],
    split: Mapping[str, float] | None,
    seed: int,
) -> Iterator[Spectra]:
    """Give the same stars once without and once with each mismatch, so that it alone makes the difference.

    S/N is log-uniform within `SNR`, whatever the set's own. ``resolution``: resolving power 10 % lower than the set's.
    ``continuum``: a smooth error of 2 to 5 % that is left after the normalisation. ``velocity``: 5 km/s to the red that
    nothing has removed; where velocities are a label they are part of it. ``rotation``: v sin i up to 30 km/s beyond
    the set's, or 20 to 50 km/s where the set has none. ``grid``: spectra of another grid, whose nodes and
    microturbulence may make other stars of some.

    Parameters
    ----------
    grid, other : nodes of the set's grid, and of one that it was not drawn from (None: no such mismatch).
    steps : what the set's spectra go through, in training too; the noise among them is replaced.
    name : the set's; stars are called ``<set>-injected-<number>-<mismatch>``.
    stars : number per mismatch.
    ranges : label -> lowest and highest value.
    split, seed : see `spectrolabe.prepare.splitting.assign_parts`; ``split`` is that of a set whose stars are the
        grid's nodes: its test stars are injected, again and again where they are fewer. None where stars are drawn.

    Returns
    -------
    The spectra in batches; in each ``table`` the column ``mismatch`` is one of `MISMATCHES`.

    Raises
    ------
    ValueError
        Where a grid does not cover the ranges, or no test star lies within them.
    """
    drawn = _find_stars(name, grid, ranges, stars, split, seed)
    for kind in MISMATCHES:
        if kind != "grid":
            yield from _inject(kind, grid, drawn, steps, name, seed)
        elif other is not None:
            found = _find_stars(name, other, ranges, stars, None if split is None else {"test": 1.0}, seed)
            yield from _inject(kind, other, found, steps, name, seed)


def _find_stars(name, grid, ranges, stars, split, seed) -> Stars:
    """Give the labels of stars, and a function from their rows to their flux."""
    if split is not None:
        nodes = _choose_nodes(name, grid, ranges, stars, split, seed)
        return grid.labels.iloc[nodes].reset_index(drop=True), lambda rows: grid.flux[nodes[rows]]
    check_ranges(name, grid, ranges)
    labels, emulator = draw_stars(grid, ranges, stars, derive_seed(seed, name, "injected")), Emulator(grid)
    return labels, lambda rows: emulator(labels.iloc[rows])


def _choose_nodes(name, grid, ranges, stars, split, seed):
    inside = [grid.labels[label].between(low, high) for label, (low, high) in ranges.items()]
    # Named as the set names its stars: those that it trains on are no test.
    parts = assign_parts([f"{name}-{row:06d}" for row in range(len(grid.labels))], split, seed)
    rows = np.flatnonzero(np.logical_and.reduce([parts == "test", *inside]))
    if not rows.size:
        raise ValueError(f"set {name!r}: none of its test stars, nodes of the grid, lies within the set's ranges")
    return np.resize(np.random.default_rng(derive_seed(seed, name, "injected")).permutation(rows), stars)


def _inject(kind: str, grid: Grid, stars: Stars, steps: Sequence[Mapping], name: str, seed: int) -> Iterator[Spectra]:
    labels, find_flux = stars
    steps = alter_steps(kind, steps, grid)
    for start in range(0, len(labels), BATCH):
        rows = np.arange(start, min(start + BATCH, len(labels)))
        flux, numbers = find_flux(rows), [f"{row:06d}" for row in rows]
        table = labels.iloc[rows].reset_index(drop=True)
        names = [f"{name}-injected-{number}-{kind}" for number in numbers]
        table.insert(0, "spectrum_id", names)
        # Each is a star of its own: what a mismatch does is no scatter between repeats.
        table.insert(1, "source_id", names)
        table = table.assign(status="", resolution=grid.resolution, mismatch=kind, copy=rows)
        spectra = Spectra(grid.wavelength, grid.medium, flux, np.full_like(flux, NOISE_FREE_IVAR), table)
        rng = RowGenerators(derive_seed(seed, name, "injected"), numbers)
        chance = RowGenerators(derive_seed(seed, name, "mismatch"), numbers)
        yield _take_steps(kind, spectra, steps, rng, chance)


def alter_steps(kind: str, steps: Sequence[Mapping], grid: Grid) -> list[dict]:
    """Give a set's steps with noise of S/N within `SNR`, and with what a mismatch changes in them."""
    noise = {"add_noise": {"snr": list(SNR)}}
    changed = [noise if "add_noise" in step else _without_noise(step) for step in steps]
    if noise not in changed:
        changed.insert(_after(changed, "resample"), noise)
    if kind == "resolution":
        return _lower_resolution(changed, grid)
    if kind == "rotation":
        return _rotate_further(changed)
    return changed


def _without_noise(step):
    """Stars go through the lists of a set's copies in turn; what noise is in them, all have already."""
    return {
        name: [[own for own in steps if "add_noise" not in own] for steps in options] if name == "by_copy" else options
        for name, options in step.items()
    }


def _after(steps, *names):
    """Give the place behind the last step of these names."""
    return 1 + max(place for place, step in enumerate(steps) if {*step} & {*names})


def _lower_resolution(steps, grid):
    if not _broadens(steps):
        whole = {"start": float(grid.wavelength[0]), "stop": float(grid.wavelength[-1]), "resolution": grid.resolution}
        steps = [{"broaden": {"arms": [whole]}}, *steps]

    return [_lower_step(step, grid.resolution) for step in steps]


def _broadens(steps):
    return any("broaden" in step or any(map(_broadens, step.get("by_copy", []))) for step in steps)


def _lower_step(step, highest):
    if "by_copy" in step:
        return {"by_copy": [[_lower_step(own, highest) for own in steps] for steps in step["by_copy"]]}
    if "broaden" not in step:
        return step

    def lower(options):
        # Spectra below a recipe's resolution stay as they are.
        return {**options, "resolution": COARSER * min(options["resolution"], highest)}

    options = step["broaden"]
    return {"broaden": lower(options) if "resolution" in options else {"arms": [lower(arm) for arm in options["arms"]]}}


def _rotate_further(steps):
    known = [step["rotate"]["max"] for step in steps if "rotate" in step]
    if not known:
        return [{"rotate": {"min": ROTATION[0], "max": ROTATION[1]}}, *steps]
    beyond = {"min": max(known), "max": max(known) + FURTHER}
    return [{"rotate": {**step["rotate"], **beyond}} if "rotate" in step else step for step in steps]


def _take_steps(kind, spectra, steps, rng, chance):
    """Take spectra through the steps; what no step can do is done between two of them."""
    if kind not in BEHIND:
        return apply_steps(spectra, steps, rng)
    place = _after(steps, *BEHIND[kind])
    spectra = apply_steps(spectra, steps[:place], rng)
    if kind == "continuum":
        spectra = _bend_continuum(spectra, chance)
    else:
        label = next((step["shift"].get("label", "rv") for step in steps if "shift" in step), "rv")
        spectra = _leave_velocity(spectra, label)
    return apply_steps(spectra, steps[place:], rng)


def _bend_continuum(spectra, chance):
    place = np.linspace(0, 2 * np.pi, spectra.flux.shape[1])
    height, waves, phase = (chance.uniform(*span)[:, None] for span in (CONTINUUM_ERRORS, WAVES, (0, 2 * np.pi)))
    factor = (1 + height * np.sin(waves * place + phase)).astype(spectra.flux.dtype)
    return replace(spectra, flux=spectra.flux * factor, ivar=(spectra.ivar / factor**2).astype(spectra.ivar.dtype))


def _leave_velocity(spectra, label):
    # A label is what the spectrum has.
    known = {label: spectra.table[label] + VELOCITY} if label in spectra.table else {}
    return replace(shift_by(spectra, np.full(len(spectra), VELOCITY)), table=spectra.table.assign(**known))
