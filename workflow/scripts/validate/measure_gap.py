"""Measure how well synthetic spectra can be told from observed ones."""

import json
from pathlib import Path

from spectrolabe.spectra.table import read_shard
from spectrolabe.validate.gap import measure_gap


def main(raw, prepared, map_out, numbers_out, *, observed, perplexity, seed):
    table, numbers = measure_gap(read_shard(raw), read_shard(prepared), observed, perplexity, seed)
    table.to_parquet(map_out, index=False)
    Path(numbers_out).write_text(json.dumps(numbers, indent=2, allow_nan=False), encoding="utf-8")


if __name__ == "__main__":
    main(
        snakemake.input.raw,
        snakemake.input.prepared,
        snakemake.output.map,
        snakemake.output.numbers,
        **dict(snakemake.params.items()),
    )
