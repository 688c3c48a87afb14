"""Import a published grid from its native files."""

from pathlib import Path

from spectrolabe.acquire.grids import write_grid
from spectrolabe.acquire.imports import import_grid
from spectrolabe.acquire.sharding import find_files


def main(grid_out, *, root, settings, log):
    with open(log, "w") as stream:
        files = find_files(Path(root), settings["import"]["files"])
        grid = import_grid(files, Path(root), settings, lambda line: print(line, file=stream, flush=True))
    write_grid(grid, grid_out)


if __name__ == "__main__":
    main(
        snakemake.output.grid,
        root=snakemake.params.root,
        settings=snakemake.params.settings,
        log=snakemake.log[0],
    )
