"""Draw how a model's embeddings of training and of validation spectra change during its training."""

import pandas as pd

from spectrolabe.validate.embedding_figures import plot_embedding
from spectrolabe.validate.style import save_figure


def main(maps, figures_out):
    table = pd.read_parquet(maps)
    for part, path in figures_out.items():
        save_figure(plot_embedding(table[table["part"] == part]), path)


if __name__ == "__main__":
    main(
        snakemake.input.maps,
        {"training": snakemake.output.training, "validation": snakemake.output.validation},
    )
