"""Predict labels of one shard of spectra with every kept member."""

import json
from pathlib import Path

from spectrolabe.spectra.streaming import read_blocks
from spectrolabe.train.threads import limit_threads


def main(spectra, members, kept, features, labels_out, *, threads, head, labels, others):
    limit_threads(threads)
    # Imported after the limit, which TensorFlow reads once, on import.
    from spectrolabe.predict.features import read_features
    from spectrolabe.predict.labelling import label_edges, predict_blocks, write_predictions

    names = json.loads(Path(kept).read_text())["members"]
    paths = [path for path in map(Path, members) if path.stem in names]
    predictions, rate = predict_blocks(read_blocks(spectra), paths, head, labels, read_features(features), others)
    write_predictions(predictions, rate, labels_out, label_edges(head, labels))


if __name__ == "__main__":
    main(
        snakemake.input.spectra,
        snakemake.input.members,
        snakemake.input.kept,
        snakemake.input.features,
        snakemake.output.labels,
        threads=snakemake.threads,
        head=snakemake.params.head,
        labels=snakemake.params.labels,
        others=snakemake.params.others,
    )
