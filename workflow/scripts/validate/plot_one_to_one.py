"""Draw predicted against given labels of training stars, beside those of validation and tests."""

from spectrolabe.validate.catalogue_rows import read_catalogue
from spectrolabe.validate.style import save_figure
from spectrolabe.validate.survey_figures import plot_one_to_one, title_part


def main(catalogues, figure_out, *, datasets, name):
    titles = [title_part(dataset, name) for dataset in datasets]
    tables = map(read_catalogue, catalogues)
    save_figure(plot_one_to_one(dict(zip(titles, tables, strict=True))), figure_out)


if __name__ == "__main__":
    main(
        snakemake.input.catalogues,
        snakemake.output.figure,
        datasets=snakemake.params.datasets,
        name=snakemake.wildcards.set,
    )
