"""Learn what the spectra of a training set look like, so that others can be doubted."""

import json
from pathlib import Path

from spectrolabe.prepare import doubt
from spectrolabe.prepare.screen_files import write_yardstick
from spectrolabe.spectra.table import sample_shard


def main(training, validation, reference_out, numbers_out, *, seed):
    training = sample_shard(training, doubt.MOST_TRAINING, seed)
    held_out = sample_shard(validation, doubt.MOST_HELD_OUT, seed)
    yardstick, numbers = doubt.fit_doubt(training, held_out, seed)
    write_yardstick(reference_out, yardstick)
    Path(numbers_out).write_text(json.dumps(numbers, indent=2, allow_nan=False), encoding="utf-8")


if __name__ == "__main__":
    main(
        snakemake.input.training,
        snakemake.input.validation,
        snakemake.output.reference,
        snakemake.output.numbers,
        seed=snakemake.params.seed,
    )
