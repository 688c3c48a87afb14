"""Predict the labels of validation stars with the networks that one member was at several epochs."""

import json
from pathlib import Path

from spectrolabe.spectra.table import read_shard
from spectrolabe.train.threads import limit_threads


def main(validation, networks, kept, evolution_out, *, threads, head, labels):
    limit_threads(threads)
    # Imported after the limit, which TensorFlow reads once, on import.
    from spectrolabe.predict.snapshots import list_epochs, predict_epochs

    epochs = list_epochs(json.loads(Path(kept).read_text()), *networks)
    predict_epochs(read_shard(validation), epochs, head, labels).to_parquet(evolution_out, index=False)


if __name__ == "__main__":
    main(
        snakemake.input.validation,
        (snakemake.input.histories, snakemake.input.snapshots, snakemake.input.members),
        snakemake.input.kept,
        snakemake.output.evolution,
        threads=snakemake.threads,
        head=snakemake.params.head,
        labels=snakemake.params.labels,
    )
