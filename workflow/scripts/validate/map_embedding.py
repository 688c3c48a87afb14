"""Draw maps of a model's embeddings at several epochs of its training."""

from spectrolabe.predict.embedding_files import read_embedded
from spectrolabe.validate.embedding_maps import map_embeddings


def main(embeddings, maps_out, *, labels, seed):
    map_embeddings(read_embedded(embeddings), labels, seed).to_parquet(maps_out, index=False)


if __name__ == "__main__":
    main(
        snakemake.input.embeddings,
        snakemake.output.maps,
        labels=snakemake.params.labels,
        seed=snakemake.params.seed,
    )
