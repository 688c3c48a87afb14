"""Sample the raw spectra of a survey, or of one part of a synthetic set."""

from spectrolabe.acquire.grids import read_grid
from spectrolabe.prepare.raw_spectra import choose_rows, read_raw, read_stars, sample_manifest, simulate_raw
from spectrolabe.spectra.table import write_shard


def main(table, raw_out, *, most, seed, settings):
    if "grid" in settings:
        stars = read_stars(table)
        chosen = stars.iloc[choose_rows(stars, most, seed)]
        raw = simulate_raw(read_grid(settings["grid"]), chosen, steps=settings["steps"], nodes=settings["nodes"])
    else:
        raw = read_raw(sample_manifest(table, most, seed), seed=seed, **settings)
    write_shard(raw_out, raw, {"steps": str(settings["steps"])})


if __name__ == "__main__":
    main(snakemake.input.table, snakemake.output.raw, **dict(snakemake.params.items()))
