"""Draw how well the models of every grid label the test stars of every other."""

import pandas as pd

from spectrolabe.validate.cross_grid_figures import plot_cross_grid
from spectrolabe.validate.style import save_figure


def main(comparison, figure_out):
    save_figure(plot_cross_grid(pd.read_csv(comparison)), figure_out)


if __name__ == "__main__":
    main(snakemake.input.comparison, snakemake.output.figure)
