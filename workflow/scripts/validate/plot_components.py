"""Draw how well spectra are rebuilt from their principal components."""

import pandas as pd

from spectrolabe.validate.component_figures import plot_components
from spectrolabe.validate.style import save_figure


def main(errors, figure_out):
    save_figure(plot_components(pd.read_csv(errors)), figure_out)


if __name__ == "__main__":
    main(snakemake.input.errors, snakemake.output.figure)
