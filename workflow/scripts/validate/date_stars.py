"""Date the discs' turn-off stars by isochrones, where there are any."""

import pandas as pd

from spectrolabe.validate.ages import date_stars
from spectrolabe.validate.isochrones import read_isochrones
from spectrolabe.validate.population_sample import read_sample, write_results


def main(discs, catalogue, manifest, isochrones, table_out, numbers_out):
    lines = read_isochrones(isochrones, further=True) if isochrones else None
    results = date_stars(pd.read_parquet(discs), read_sample(catalogue, manifest), lines)
    write_results(*results, table_out, numbers_out)


if __name__ == "__main__":
    main(
        snakemake.input.discs,
        snakemake.input.catalogue,
        snakemake.input.manifest,
        snakemake.input.isochrones,
        snakemake.output.table,
        snakemake.output.numbers,
    )
