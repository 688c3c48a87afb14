"""Draw how often the intervals of one catalogue hold the truth."""

import pandas as pd

from spectrolabe.validate.figures import plot_coverage
from spectrolabe.validate.style import save_figure


def main(catalogue, figure_out):
    save_figure(plot_coverage(pd.read_parquet(catalogue)), figure_out)


if __name__ == "__main__":
    main(snakemake.input.catalogue, snakemake.output.figure)
