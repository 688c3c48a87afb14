"""Embed training and validation spectra by what a model's best kept member was during its training."""

import json
from pathlib import Path

from spectrolabe.predict.embedding_files import write_embedded
from spectrolabe.train.threads import limit_threads


def main(parts, snapshots, kept, embeddings_out, *, threads, head, labels, seed):
    limit_threads(threads)
    # Imported after the limit, which TensorFlow reads once, on import.
    from spectrolabe.predict.embeddings import choose_member, embed_snapshots

    folder = choose_member(json.loads(Path(kept).read_text()), snapshots)
    parts = {Path(path).stem: path for path in parts}
    write_embedded(embeddings_out, embed_snapshots(parts, folder, head, labels, seed))


if __name__ == "__main__":
    main(
        snakemake.input.parts,
        snakemake.input.snapshots,
        snakemake.input.kept,
        snakemake.output.embeddings,
        threads=snakemake.threads,
        head=snakemake.params.head,
        labels=snakemake.params.labels,
        seed=snakemake.params.seed,
    )
