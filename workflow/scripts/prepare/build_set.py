"""Build one shard of a training set, all parts, from a grid or from an observed survey."""

from spectrolabe.acquire.grids import read_grid
from spectrolabe.prepare.selection import read_chosen
from spectrolabe.prepare.training_sets import Plan, copy_nodes, draw_shard, select_shard
from spectrolabe.spectra.steps import complete_steps, name_products
from spectrolabe.spectra.streaming import stream_shard
from spectrolabe.spectra.table import read_shard


def main(source, products, verdicts, spectra_out, *, grid, name, shard, shards, labels, settings, seed):
    steps, later = (complete_steps(settings[key], products) for key in ("steps", "on_the_fly"))
    plan = Plan(name, labels, settings["copies"], steps, later, settings["split"], seed)
    drawn = {key: settings[key] for key in ("stars", "ranges") if key in settings}
    if not grid:
        spectra = read_shard(source)
        batches = select_shard(spectra, plan, read_chosen(*verdicts, spectra.table["spectrum_id"]))
    elif "stars" in drawn:
        batches = draw_shard(read_grid(grid), plan, shard, shards, **drawn)
    else:
        batches = copy_nodes(read_grid(grid), plan, shard, shards, ranges=drawn.get("ranges", {}))
    described = {key: str(settings[key]) for key in ("steps", "on_the_fly")}
    stream_shard(spectra_out, batches, {"set": name} | described)


if __name__ == "__main__":
    main(
        snakemake.input.source,
        name_products(snakemake.input.masks, snakemake.input.templates),
        (snakemake.input.selection, snakemake.input.screening),
        snakemake.output.spectra,
        grid=snakemake.params.grid,
        name=snakemake.wildcards.set,
        shard=int(snakemake.wildcards.shard),
        shards=snakemake.params.shards,
        labels=snakemake.params.labels,
        settings=snakemake.params.settings,
        seed=snakemake.params.seed,
    )
