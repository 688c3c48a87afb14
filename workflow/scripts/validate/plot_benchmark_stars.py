"""Draw predicted minus literature labels of benchmark stars."""

import pandas as pd

from spectrolabe.validate.benchmark_figures import plot_benchmark_stars
from spectrolabe.validate.style import save_figure


def main(comparison, figure_out):
    save_figure(plot_benchmark_stars(pd.read_csv(comparison)), figure_out)


if __name__ == "__main__":
    main(snakemake.input.comparison, snakemake.output.figure)
