"""Compute one shard of a synthetic grid."""

from spectrolabe.acquire.grids import synthesize_shard, write_grid


def main(lines, grid_out, *, settings, shard):
    grid = synthesize_shard(settings, lines, shard)
    write_grid(grid, grid_out)


if __name__ == "__main__":
    main(
        snakemake.params.lines,
        snakemake.output.grid,
        settings=snakemake.params.settings,
        shard=int(snakemake.wildcards.shard),
    )
