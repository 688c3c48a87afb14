"""Draw residuals against signal-to-noise of one catalogue."""

import pandas as pd

from spectrolabe.validate.figures import plot_noise
from spectrolabe.validate.style import save_figure


def main(catalogue, figure_out):
    save_figure(plot_noise(pd.read_parquet(catalogue)), figure_out)


if __name__ == "__main__":
    main(snakemake.input.catalogue, snakemake.output.figure)
