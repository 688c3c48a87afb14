"""Draw one figure of the labels of a training set."""

from pathlib import Path

import pandas as pd

from spectrolabe.validate.label_figures import LABEL_FIGURES
from spectrolabe.validate.style import save_figure


def main(parts, figure_out, *, figure, labels):
    tables = {Path(path).stem: pd.read_parquet(path, columns=labels) for path in parts}
    save_figure(LABEL_FIGURES[figure](tables), figure_out)


if __name__ == "__main__":
    main(
        snakemake.input.parts,
        snakemake.output.figure,
        figure=snakemake.wildcards.figure,
        labels=snakemake.params.labels,
    )
