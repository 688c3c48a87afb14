"""Train one member of a model."""

from pathlib import Path

from spectrolabe.spectra.steps import complete_steps, name_products
from spectrolabe.spectra.table import read_shard
from spectrolabe.train.threads import limit_threads


def main(training, validation, masks, outputs, *, threads, checkpoint, on_the_fly, log, **settings):
    limit_threads(threads)
    # Imported after the limit, which TensorFlow reads once, on import.
    from spectrolabe.train.checkpoints import finish_training
    from spectrolabe.train.training import save_member, train_member, write_history

    with open(log, "a") as stream:
        model, history = train_member(
            *(read_shard(part, with_ivar=False) for part in (training, validation)),
            checkpoint=Path(checkpoint),
            on_the_fly=complete_steps(on_the_fly, name_products(masks, [])),
            report=lambda line: print(line, file=stream, flush=True),
            **settings,
        )
    write_history(history, model, outputs.history)
    save_member(model, Path(outputs.member))
    finish_training(Path(checkpoint), Path(outputs.snapshots))


if __name__ == "__main__":
    main(
        snakemake.input.training,
        snakemake.input.validation,
        snakemake.input.masks,
        snakemake.output,
        threads=snakemake.threads,
        start_from=snakemake.input.start_from or None,
        log=snakemake.log[0],
        **dict(snakemake.params.items()),
    )
