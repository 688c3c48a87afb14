"""Say what the errors of a catalogue are made of, and whether repeated spectra scatter as they say."""

import pandas as pd

from spectrolabe.validate.error_budget import measure_errors


def main(catalogue, errors_out):
    measure_errors(pd.read_parquet(catalogue)).to_csv(errors_out, index=False)


if __name__ == "__main__":
    main(snakemake.input.catalogue, snakemake.output.errors)
