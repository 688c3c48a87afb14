"""Build one part of a training set, from a grid or from an observed survey."""

from spectrolabe.acquire.grids import read_grid
from spectrolabe.prepare.training_sets import select_part, simulate_part
from spectrolabe.spectra.table import concatenate, read_shard, write_shard


def main(source, spectra_out, *, grid, name, part, labels, settings, seed):
    shared = {key: settings[key] for key in ("copies", "steps", "split")} | {"name": name, "seed": seed}
    if grid:
        drawn = {key: settings[key] for key in ("stars", "ranges")}
        spectra = simulate_part(read_grid(grid), part, **drawn, **shared)
    else:
        survey = concatenate([read_shard(path) for path in source])
        spectra = select_part(survey, part, labels=labels, **shared)
    write_shard(spectra_out, spectra, {"set": name, "part": part, "steps": str(settings["steps"])})


if __name__ == "__main__":
    main(
        snakemake.input.source,
        snakemake.output.spectra,
        grid=snakemake.params.grid,
        name=snakemake.wildcards.set,
        part=snakemake.wildcards.part,
        labels=snakemake.params.labels,
        settings=snakemake.params.settings,
        seed=snakemake.params.seed,
    )
