"""Draw the residuals of several models on the same spectra."""

from pathlib import Path

from spectrolabe.validate.accuracy_figures import plot_model_comparison
from spectrolabe.validate.catalogue_rows import read_catalogue
from spectrolabe.validate.style import save_figure


def main(catalogues, figure_out):
    save_figure(
        plot_model_comparison({Path(path).parent.name: read_catalogue(path) for path in catalogues}), figure_out
    )


if __name__ == "__main__":
    main(snakemake.input.catalogues, snakemake.output.figure)
