"""Draw what share of planted trouble every verdict finds."""

import pandas as pd

from spectrolabe.validate.screening_figures import plot_screening_recall
from spectrolabe.validate.style import save_figure


def main(scores, figure_out, *, false_alarms):
    save_figure(plot_screening_recall(pd.read_csv(scores), false_alarms), figure_out)


if __name__ == "__main__":
    main(snakemake.input.scores, snakemake.output.figure, **dict(snakemake.params.items()))
