"""Compare the labels of benchmark stars in one catalogue with the literature."""

import pandas as pd

from spectrolabe.validate.benchmarks import compare_benchmarks, read_benchmarks


def main(catalogue, stars, comparison_out):
    compare_benchmarks(pd.read_parquet(catalogue), read_benchmarks(stars)).to_csv(comparison_out, index=False)


if __name__ == "__main__":
    main(snakemake.input.catalogue, snakemake.input.stars, snakemake.output.comparison)
