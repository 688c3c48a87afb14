"""Simulate one shard of a survey: the files of its spectra, and its catalogue with the truth."""

from pathlib import Path

from spectrolabe.acquire.grids import read_grid
from spectrolabe.acquire.reference_stars import read_benchmarks
from spectrolabe.acquire.simulation import simulate_survey


def main(benchmarks, solar, folder_out, *, grid, stars, settings, layout, seed):
    simulate_survey(
        Path(folder_out),
        range(*stars),
        grid=read_grid(Path(grid)),
        benchmarks=read_benchmarks(Path(benchmarks)),
        solar=Path(solar),
        settings=settings,
        layout=layout,
        seed=seed,
    )


if __name__ == "__main__":
    main(
        snakemake.input.benchmarks,
        snakemake.input.solar,
        snakemake.output.folder,
        **dict(snakemake.params.items()),
    )
