"""Find the synthetic twins of observed spectra, and give all of them raw and prepared."""

from spectrolabe.acquire.grids import read_grid
from spectrolabe.prepare.raw_spectra import simulate_raw
from spectrolabe.prepare.twins import join_sources, pick_observed, pick_twins
from spectrolabe.spectra.table import read_shard, write_shard


def main(observed, shards, parts, raw_out, prepared_out, *, name, synthetic, labels, seed):
    raw, prepared = ([one] for one in pick_observed(name, read_shard(observed), map(read_shard, shards)))
    stars = prepared[0].table
    for source, path in zip(synthetic, parts, strict=True) if len(stars) else []:
        prepared.append(pick_twins(source["name"], stars, read_shard(path), labels, seed))
        grid = read_grid(source["grid"])
        raw.append(simulate_raw(grid, prepared[-1].table, steps=source["steps"], nodes=source["nodes"]))
    for path, sources in ((raw_out, raw), (prepared_out, prepared)):
        write_shard(path, join_sources(sources), {"observed": name})


if __name__ == "__main__":
    main(
        snakemake.input.observed,
        snakemake.input.shards,
        snakemake.input.parts,
        snakemake.output.raw,
        snakemake.output.prepared,
        **dict(snakemake.params.items()),
    )
