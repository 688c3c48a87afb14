"""Draw predicted against given labels of training and test stars."""

import pandas as pd

from spectrolabe.validate.style import save_figure
from spectrolabe.validate.survey_figures import plot_one_to_one


def main(training, test, figure_out):
    save_figure(plot_one_to_one({"Training": pd.read_parquet(training), "Test": pd.read_parquet(test)}), figure_out)


if __name__ == "__main__":
    main(*snakemake.input.catalogues, snakemake.output.figure)
