"""Draw one figure of populations from the stars and numbers of one result."""

import json
from pathlib import Path

import pandas as pd

from spectrolabe.validate.population_figures import POPULATION_FIGURES
from spectrolabe.validate.style import save_figure


def main(table, numbers, figure_out, *, figure):
    numbers = json.loads(Path(numbers).read_text(encoding="utf-8"))
    save_figure(POPULATION_FIGURES[figure](pd.read_parquet(table), numbers), figure_out)


if __name__ == "__main__":
    main(snakemake.input.table, snakemake.input.numbers, snakemake.output.figure, figure=snakemake.wildcards.figure)
