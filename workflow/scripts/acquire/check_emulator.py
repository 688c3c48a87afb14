"""Measure a grid's emulator on nodes left out of it."""

import json
from pathlib import Path

from spectrolabe.acquire.emulator import emulator_error
from spectrolabe.acquire.grids import read_grid


def main(grid, errors_out, *, held_out, seed):
    errors = emulator_error(read_grid(grid), held_out, seed)
    Path(errors_out).write_text(json.dumps(errors, indent=2))


if __name__ == "__main__":
    main(
        snakemake.params.grid,
        snakemake.output.errors,
        held_out=snakemake.params.held_out,
        seed=snakemake.params.seed,
    )
