"""Compare what studies of the same labels have found, and what they cost."""

import pandas as pd

from spectrolabe.train.summaries import compare_studies


def main(trials, comparison_out, *, studies):
    tables = {name: pd.read_parquet(path) for name, path in zip(studies, trials, strict=True)}
    compare_studies(tables, studies).to_csv(comparison_out, index=False)


if __name__ == "__main__":
    main(snakemake.input.trials, snakemake.output.comparison, studies=snakemake.params.studies)
