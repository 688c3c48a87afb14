"""Simulate one shard of a survey: the files of its spectra, and its catalogue with the truth."""

from pathlib import Path

from spectrolabe.acquire.grids import read_grid
from spectrolabe.acquire.reference_stars import read_benchmarks
from spectrolabe.acquire.simulation import SIMULATIONS


def main(benchmarks, solar, folder_out, *, grid, stars, settings, layout, seed):
    # What a survey without benchmark stars or absolute abundances is not asked for.
    references = {"benchmarks": read_benchmarks(Path(benchmarks))} if benchmarks else {}
    references |= {"solar": Path(solar)} if solar else {}
    simulate = SIMULATIONS[layout["reader"]]
    grid = read_grid(Path(grid))
    simulate(Path(folder_out), range(*stars), grid=grid, settings=settings, layout=layout, seed=seed, **references)


if __name__ == "__main__":
    main(
        snakemake.input.benchmarks,
        snakemake.input.solar,
        snakemake.output.folder,
        **dict(snakemake.params.items()),
    )
