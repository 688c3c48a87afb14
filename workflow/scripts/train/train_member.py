"""Train one member of a model."""

from pathlib import Path

from spectrolabe.spectra.table import read_shard
from spectrolabe.train.threads import limit_threads


def main(training, validation, member_out, history_out, *, threads, start_from, checkpoint, log, **settings):
    limit_threads(threads)
    # Imported after the limit, which TensorFlow reads once, on import.
    from spectrolabe.train.training import save_member, train_member, write_history

    with open(log, "a") as stream:
        model, history = train_member(
            read_shard(training),
            read_shard(validation),
            checkpoint=Path(checkpoint),
            start_from=start_from or None,
            report=lambda line: print(line, file=stream, flush=True),
            **settings,
        )
    write_history(history, model, history_out)
    save_member(model, Path(member_out))
    Path(checkpoint).unlink()


if __name__ == "__main__":
    main(
        snakemake.input.training,
        snakemake.input.validation,
        snakemake.output.member,
        snakemake.output.history,
        threads=snakemake.threads,
        start_from=snakemake.input.start_from,
        log=snakemake.log[0],
        **dict(snakemake.params.items()),
    )
