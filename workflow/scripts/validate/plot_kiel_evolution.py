"""Draw the Kiel diagram of a model's validation stars as its training went on."""

import pandas as pd

from spectrolabe.validate.kiel_figures import plot_kiel_evolution
from spectrolabe.validate.style import save_figure


def main(evolution, figure_out):
    save_figure(plot_kiel_evolution(pd.read_parquet(evolution)), figure_out)


if __name__ == "__main__":
    main(snakemake.input.evolution, snakemake.output.figure)
