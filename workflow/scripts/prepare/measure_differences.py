"""Measure how far the spectra of several grids lie apart at the same labels."""

from spectrolabe.acquire.grids import read_grid
from spectrolabe.prepare.grid_differences import measure_differences


def main(differences_out, *, names, grids, ranges, steps, stars, seed):
    nodes = {name: read_grid(grid) for name, grid in zip(names, grids, strict=True)}
    measure_differences(nodes, ranges, steps, stars=stars, seed=seed).to_csv(differences_out, index=False)


if __name__ == "__main__":
    main(
        snakemake.output.differences,
        names=snakemake.params.names,
        grids=snakemake.params.grids,
        ranges=snakemake.params.ranges,
        steps=snakemake.params.steps,
        stars=snakemake.params.stars,
        seed=snakemake.params.seed,
    )
