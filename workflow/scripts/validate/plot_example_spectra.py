"""Draw example spectra of a survey, as their files hold them and as networks meet them."""

import pandas as pd

from spectrolabe.validate.spectrum_figures import plot_example_spectra
from spectrolabe.validate.style import save_figure


def main(examples, figure_out):
    save_figure(plot_example_spectra(pd.read_parquet(examples)), figure_out)


if __name__ == "__main__":
    main(snakemake.input.examples, snakemake.output.figure)
