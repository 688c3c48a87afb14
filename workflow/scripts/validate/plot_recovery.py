"""Draw where injected stars are recovered, and what each mismatch does to them."""

import pandas as pd

from spectrolabe.validate.recovery_figures import plot_recovery
from spectrolabe.validate.style import save_figure


def main(table, figure_out):
    save_figure(plot_recovery(pd.read_parquet(table)), figure_out)


if __name__ == "__main__":
    main(snakemake.input.table, snakemake.output.figure)
