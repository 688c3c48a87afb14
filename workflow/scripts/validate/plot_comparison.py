"""Draw methods beside each other."""

import pandas as pd

from spectrolabe.validate.comparison_figures import plot_comparison
from spectrolabe.validate.style import save_figure


def main(comparison, figure_out):
    save_figure(plot_comparison(pd.read_csv(comparison)), figure_out)


if __name__ == "__main__":
    main(snakemake.input.comparison, snakemake.output.figure)
