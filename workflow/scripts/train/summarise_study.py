"""Gather the trials of a study, find the best settings, and write models that use them."""

from pathlib import Path

import yaml

from spectrolabe.train.summaries import find_best, read_trials, tabulate_trials, write_models


def main(trials, outputs, *, recipe, name, study, model):
    table = tabulate_trials(read_trials(trials), study)
    best = find_best(table, study)
    models = write_models(best, recipe=recipe, name=name, study=study, model=model)
    table.to_parquet(outputs.trials, index=False)
    best.to_csv(outputs.best, index=False)
    Path(outputs.models).write_text(yaml.safe_dump(models, sort_keys=False))


if __name__ == "__main__":
    main(snakemake.input.trials, snakemake.output, **dict(snakemake.params.items()))
