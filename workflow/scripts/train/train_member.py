"""Train one member of a model."""

from pathlib import Path

from spectrolabe.spectra.components import Components
from spectrolabe.spectra.steps import complete_steps, name_products
from spectrolabe.spectra.stored import open_spectra
from spectrolabe.train.threads import limit_threads


def main(inputs, outputs, *, threads, checkpoint, on_the_fly, log, stage, **settings):
    limit_threads(threads)
    # Imported after the limit, which TensorFlow reads once, on import.
    from spectrolabe.train.checkpoints import finish_training
    from spectrolabe.train.members import save_member, write_history
    from spectrolabe.train.rates import read_rate, with_rate
    from spectrolabe.train.solved import fit_member

    with open(log, "a") as stream:
        model, history = fit_member(
            *map(open_spectra, (inputs.training, inputs.validation)),
            start_from=inputs.start_from or None,
            components=Components.load(inputs.components) if inputs.components else None,
            stage=with_rate(stage, read_rate(Path(inputs.rate))) if inputs.rate else stage,
            checkpoint=Path(checkpoint),
            on_the_fly=complete_steps(on_the_fly, name_products(inputs.masks, [])),
            report=lambda line: print(line, file=stream, flush=True),
            **settings,
        )
    write_history(history, model, outputs.history)
    save_member(model, Path(outputs.member))
    finish_training(Path(checkpoint), Path(outputs.snapshots))


if __name__ == "__main__":
    settings = dict(snakemake.params.items())
    main(snakemake.input, snakemake.output, threads=snakemake.threads, log=snakemake.log[0], **settings)
