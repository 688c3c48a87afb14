"""Embed the training spectra of a model by its best kept member."""

import json
from pathlib import Path

from spectrolabe.predict.embedding_files import write_embedded
from spectrolabe.train.threads import limit_threads


def main(training, members, kept, embeddings_out, *, threads, head, labels, sets):
    limit_threads(threads)
    # Imported after the limit, which TensorFlow reads once, on import.
    from spectrolabe.predict.embeddings import Embedder, choose_member, embed_training

    member = choose_member(json.loads(Path(kept).read_text()), members)
    parts = dict(zip(sets, training, strict=True))
    write_embedded(embeddings_out, embed_training(parts, Embedder(member, head, labels)))


if __name__ == "__main__":
    main(
        snakemake.input.training,
        snakemake.input.members,
        snakemake.input.kept,
        snakemake.output.embeddings,
        threads=snakemake.threads,
        head=snakemake.params.head,
        labels=snakemake.params.labels,
        sets=snakemake.params.sets,
    )
