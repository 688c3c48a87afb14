"""Draw by how much the spectra of several grids differ at the same labels."""

import pandas as pd

from spectrolabe.validate.cross_grid_figures import plot_grid_differences
from spectrolabe.validate.style import save_figure


def main(differences, figure_out, *, reference):
    save_figure(plot_grid_differences(pd.read_csv(differences), reference), figure_out)


if __name__ == "__main__":
    main(snakemake.input.differences, snakemake.output.figure, reference=snakemake.params.reference)
