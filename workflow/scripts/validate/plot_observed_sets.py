"""Draw predicted against a survey's labels for spectra inside and outside the training spectra."""

import json
from pathlib import Path

from spectrolabe.validate.catalogue_rows import read_catalogue
from spectrolabe.validate.style import save_figure
from spectrolabe.validate.survey_figures import plot_observed_sets


def main(catalogue, kept, figure_out):
    ranges = json.loads(Path(kept).read_text())["ranges"]
    save_figure(plot_observed_sets(read_catalogue(catalogue), ranges), figure_out)


if __name__ == "__main__":
    main(snakemake.input.catalogue, snakemake.input.kept, snakemake.output.figure)
