"""Inject stars into what a set is made by: over its whole ranges, at any S/N, with and without mismatches."""

from spectrolabe.acquire.grids import read_grid
from spectrolabe.prepare.injection import inject_stars
from spectrolabe.spectra.steps import complete_steps, name_products
from spectrolabe.spectra.streaming import stream_shard


def main(products, spectra_out, *, name, grid, other, steps, stars, ranges, split, seed):
    drawn = {"name": name, "stars": stars, "ranges": ranges, "split": split, "seed": seed}
    further = read_grid(other) if other else None
    batches = inject_stars(read_grid(grid), further, complete_steps(steps, products), **drawn)
    stream_shard(spectra_out, batches, {"set": name, "part": "injected", "steps": str(steps)})


if __name__ == "__main__":
    main(
        name_products(snakemake.input.masks, snakemake.input.templates),
        snakemake.output.spectra,
        name=snakemake.wildcards.set,
        **dict(snakemake.params.items()),
    )
