"""Score the models of every grid on the test stars of every other."""

import pandas as pd

from spectrolabe.validate.cross_grid import compare_grids


def main(catalogues, comparison_out, *, pairs):
    named = [(*pair, pd.read_parquet(path)) for pair, path in zip(pairs, catalogues, strict=True)]
    compare_grids(named).to_csv(comparison_out, index=False)


if __name__ == "__main__":
    main(snakemake.input.catalogues, snakemake.output.comparison, pairs=snakemake.params.pairs)
