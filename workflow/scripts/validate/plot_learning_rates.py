"""Draw the learning-rate range tests of one model's stages."""

import json
from pathlib import Path

import pandas as pd

from spectrolabe.validate.rate_figures import plot_learning_rates
from spectrolabe.validate.style import save_figure


def main(tables, results, figure_out):
    tests = {
        Path(table).stem: (pd.read_csv(table), json.loads(Path(result).read_text()))
        for table, result in zip(tables, results, strict=True)
    }
    save_figure(plot_learning_rates(tests), figure_out)


if __name__ == "__main__":
    main(snakemake.input.tables, snakemake.input.results, snakemake.output.figure)
