"""Learn a mask from spectra of reference stars and a grid."""

import json
from pathlib import Path

from spectrolabe.acquire.grids import read_grid
from spectrolabe.acquire.reference_stars import read_benchmarks
from spectrolabe.prepare.masks import learn_mask, select_stars
from spectrolabe.spectra.steps import complete_steps, name_products
from spectrolabe.spectra.table import concatenate, read_shard


def main(shards, stars, products, mask_out, summary_out, *, grid, settings):
    table, names = read_benchmarks(stars), settings["stars"]
    spectra = concatenate([select_stars(read_shard(path), names, table) for path in shards])
    steps = complete_steps(settings["steps"], products)
    mask = learn_mask(spectra, names, table, read_grid(grid), steps=steps, threshold=settings["threshold"])
    mask.ranges.to_csv(mask_out, index=False)
    Path(summary_out).write_text(json.dumps(mask.summary, indent=2))


if __name__ == "__main__":
    main(
        snakemake.input.spectra,
        snakemake.input.stars,
        name_products(snakemake.input.masks, snakemake.input.templates),
        snakemake.output.mask,
        snakemake.output.summary,
        grid=snakemake.params.grid,
        settings=snakemake.params.settings,
    )
