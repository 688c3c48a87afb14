"""Draw how far the found continuum lies from the true one."""

import pandas as pd

from spectrolabe.validate.continuum_figures import plot_continuum_bias
from spectrolabe.validate.style import save_figure


def main(bias, figure_out):
    save_figure(plot_continuum_bias(pd.read_csv(bias)), figure_out)


if __name__ == "__main__":
    main(snakemake.input.bias, snakemake.output.figure)
