"""Run one trial of a joint search, whose settings follow from the trials before it."""

from pathlib import Path

from spectrolabe.spectra.steps import complete_steps, name_products
from spectrolabe.train.threads import limit_threads


def main(inputs, trial_out, *, threads, identity, journal, checkpoint, on_the_fly, log, **settings):
    limit_threads(threads)
    # Imported after the limit, which TensorFlow reads once, on import.
    from spectrolabe.train.searches import search_trial
    from spectrolabe.train.trials import TrialData, forget_trial, write_trial

    with open(log, "a") as stream:
        record = search_trial(
            TrialData.open(inputs.training, inputs.validation, inputs.measure, inputs.components),
            journal=Path(journal),
            number=int(identity["value"]),
            repeat=identity["seed"],
            checkpoint=Path(checkpoint),
            on_the_fly=complete_steps(on_the_fly, name_products(inputs.masks, [])),
            report=lambda line: print(line, file=stream, flush=True),
            **settings,
        )
    write_trial(identity | record, Path(trial_out))
    forget_trial(Path(checkpoint))


if __name__ == "__main__":
    main(
        snakemake.input,
        snakemake.output.trial,
        threads=snakemake.threads,
        log=snakemake.log[0],
        **dict(snakemake.params.items()),
    )
