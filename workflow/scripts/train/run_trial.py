"""Run one trial of a study, whose settings are planned."""

from pathlib import Path

from spectrolabe.spectra.steps import complete_steps, name_products
from spectrolabe.train.threads import limit_threads


def main(inputs, trial_out, *, threads, identity, trial, fold, checkpoint, on_the_fly, log, **settings):
    limit_threads(threads)
    # Imported after the limit, which TensorFlow reads once, on import.
    from spectrolabe.train.trials import TrialData, forget_trial, run_trial, write_trial

    described = dict(trial)
    record = identity | {"settings": described.pop("settings")}
    data = TrialData.open(inputs.training, inputs.validation, inputs.measure, inputs.components)
    data = data.leave_out(**fold) if fold else data
    with open(log, "a") as stream:
        record |= run_trial(
            data,
            checkpoint=Path(checkpoint),
            on_the_fly=complete_steps(on_the_fly, name_products(inputs.masks, [])),
            report=lambda line: print(line, file=stream, flush=True),
            **described,
            **settings,
        )
    write_trial(record, Path(trial_out))
    forget_trial(Path(checkpoint))


if __name__ == "__main__":
    main(
        snakemake.input,
        snakemake.output.trial,
        threads=snakemake.threads,
        log=snakemake.log[0],
        **dict(snakemake.params.items()),
    )
