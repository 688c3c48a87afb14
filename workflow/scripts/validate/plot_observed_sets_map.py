"""Draw the inner and the outer observed set in the joint map."""

from spectrolabe.validate.catalogue_rows import read_catalogue
from spectrolabe.validate.screening_figures import plot_observed_sets_map
from spectrolabe.validate.style import save_figure


def main(survey_map, figure_out):
    save_figure(plot_observed_sets_map(read_catalogue(survey_map)), figure_out)


if __name__ == "__main__":
    main(snakemake.input.map, snakemake.output.figure)
