"""Find the training spectra nearest to those of a dataset, in the embedding of a model's best kept member."""

import json
from itertools import chain
from pathlib import Path

from spectrolabe.predict.embedding_files import read_embedded
from spectrolabe.spectra.streaming import read_blocks
from spectrolabe.train.threads import limit_threads


def main(spectra, members, kept, embeddings, neighbours_out, *, threads, head, labels, k):
    limit_threads(threads)
    # Imported after the limit, which TensorFlow reads once, on import.
    from spectrolabe.predict.embeddings import Embedder, choose_member, write_neighbours

    embedder = Embedder(choose_member(json.loads(Path(kept).read_text()), members), head, labels)
    blocks = chain.from_iterable(map(read_blocks, spectra))
    write_neighbours(neighbours_out, blocks, embedder, read_embedded(embeddings), k)


if __name__ == "__main__":
    main(
        snakemake.input.spectra,
        snakemake.input.members,
        snakemake.input.kept,
        snakemake.input.embeddings,
        snakemake.output.neighbours,
        threads=snakemake.threads,
        head=snakemake.params.head,
        labels=snakemake.params.labels,
        k=snakemake.params.k,
    )
