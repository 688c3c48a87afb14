"""Draw the maps of synthetic and observed spectra, and how well they are told apart."""

import json
from pathlib import Path

import pandas as pd

from spectrolabe.validate.gap_figures import plot_gap
from spectrolabe.validate.style import save_figure


def main(table, numbers, figure_out):
    numbers = json.loads(Path(numbers).read_text(encoding="utf-8"))
    save_figure(plot_gap(pd.read_parquet(table), numbers), figure_out)


if __name__ == "__main__":
    main(snakemake.input.map, snakemake.input.numbers, snakemake.output.figure)
