"""Learn where the training spectra of a model lie in its first kept member's own features."""

import json
from pathlib import Path

from spectrolabe.spectra.table import sample_shard
from spectrolabe.train.threads import limit_threads


def main(training, members, kept, features_out, *, threads, seed):
    limit_threads(threads)
    # Imported after the limit, which TensorFlow reads once, on import.
    from spectrolabe.predict.features import MOST_SPECTRA, learn_features, write_features

    names = json.loads(Path(kept).read_text())["members"]
    member = next(path for path in map(Path, members) if path.stem in names)
    write_features(features_out, learn_features(sample_shard(training, MOST_SPECTRA, seed, with_ivar=False), member))


if __name__ == "__main__":
    main(
        snakemake.input.training,
        snakemake.input.members,
        snakemake.input.kept,
        snakemake.output.features,
        threads=snakemake.threads,
        seed=snakemake.params.seed,
    )
