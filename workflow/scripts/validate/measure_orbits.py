"""Measure the eccentricities of the discs' stars."""

import pandas as pd

from spectrolabe.validate.orbits import measure_orbits
from spectrolabe.validate.population_sample import read_sample, write_results


def main(discs, catalogue, manifest, table_out, numbers_out):
    write_results(*measure_orbits(pd.read_parquet(discs), read_sample(catalogue, manifest)), table_out, numbers_out)


if __name__ == "__main__":
    main(
        snakemake.input.discs,
        snakemake.input.catalogue,
        snakemake.input.manifest,
        snakemake.output.table,
        snakemake.output.numbers,
    )
