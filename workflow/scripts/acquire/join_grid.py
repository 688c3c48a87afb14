"""Join the shards of a synthetic grid."""

from spectrolabe.acquire.grids import join_grids, read_grid, write_grid


def main(shards, grid_out):
    write_grid(join_grids([read_grid(path) for path in shards]), grid_out)


if __name__ == "__main__":
    main(snakemake.input.shards, snakemake.output.grid)
