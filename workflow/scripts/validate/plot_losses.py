"""Draw the losses of every member of one model."""

from pathlib import Path

import pandas as pd

from spectrolabe.validate.diagrams import plot_losses
from spectrolabe.validate.style import save_figure


def main(histories, figure_out):
    save_figure(plot_losses({Path(path).stem: pd.read_parquet(path) for path in histories}), figure_out)


if __name__ == "__main__":
    main(snakemake.input.histories, snakemake.output.figure)
