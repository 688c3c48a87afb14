"""Draw the similarity map of the selected spectra by labels."""

from spectrolabe.validate.catalogue_rows import read_catalogue
from spectrolabe.validate.screening_figures import plot_similarity_map
from spectrolabe.validate.style import save_figure


def main(survey_map, figure_out, *, labels):
    save_figure(plot_similarity_map(read_catalogue(survey_map), labels), figure_out)


if __name__ == "__main__":
    main(snakemake.input.map, snakemake.output.figure, **dict(snakemake.params.items()))
