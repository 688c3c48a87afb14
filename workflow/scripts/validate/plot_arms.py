"""Draw bias, scatter and coverage of each wavelength arm alone, and of all together."""

import pandas as pd

from spectrolabe.validate.arm_figures import plot_arms
from spectrolabe.validate.style import save_figure


def main(arms, figure_out):
    save_figure(plot_arms(pd.read_csv(arms)), figure_out)


if __name__ == "__main__":
    main(snakemake.input.arms, snakemake.output.figure)
