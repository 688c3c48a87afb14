"""Draw the errors of networks by what they were trained on."""

import pandas as pd

from spectrolabe.validate.database_figures import plot_databases
from spectrolabe.validate.style import save_figure


def main(comparison, figure_out):
    save_figure(plot_databases(pd.read_csv(comparison)), figure_out)


if __name__ == "__main__":
    main(snakemake.input.comparison, snakemake.output.figure)
