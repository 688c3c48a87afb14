"""Measure how a model's labels follow the flux of every pixel."""

import json
from pathlib import Path

from spectrolabe.spectra.table import read_shard
from spectrolabe.train.threads import limit_threads
from spectrolabe.validate.sensitivity import choose_stars, tabulate_gradients, write_map


def main(spectra, members, kept, map_out, *, threads, labels, stars, seed):
    limit_threads(threads)
    # Imported after the limit, which TensorFlow reads once, on import.
    from spectrolabe.predict.gradients import measure_gradients

    names = json.loads(Path(kept).read_text())["members"]
    paths = [path for path in map(Path, members) if path.stem in names]
    chosen = choose_stars(read_shard(spectra, with_ivar=False), stars, seed)
    table = tabulate_gradients(chosen, measure_gradients(paths, chosen.flux, len(labels)), labels)
    write_map(table, map_out, stars=len(chosen), members=len(paths))


if __name__ == "__main__":
    main(
        snakemake.input.spectra,
        snakemake.input.members,
        snakemake.input.kept,
        snakemake.output.map,
        threads=snakemake.threads,
        **dict(snakemake.params.items()),
    )
