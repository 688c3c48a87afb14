"""Choose the members of a model that predict, by their best validation loss."""

import json
from pathlib import Path

from spectrolabe.train.selection import choose_members, label_ranges, read_histories, read_labels


def main(histories, training, kept_out, *, labels, keep):
    summary = read_histories(histories)
    members = choose_members(summary.losses, keep)
    kept = {
        "members": members,
        "validation_loss": summary.losses,
        "parameters": summary.parameters,
        "training_seconds": summary.seconds,
        "ranges": label_ranges(read_labels(training, labels)),
    }
    Path(kept_out).write_text(json.dumps(kept, indent=2))


if __name__ == "__main__":
    main(
        snakemake.input.histories,
        snakemake.input.training,
        snakemake.output.kept,
        labels=snakemake.params.labels,
        keep=snakemake.params.keep,
    )
