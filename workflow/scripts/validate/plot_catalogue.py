"""Draw one figure of one catalogue, with isochrones where there are any."""

from spectrolabe.validate.catalogue_figures import CATALOGUE_FIGURES
from spectrolabe.validate.catalogue_rows import read_catalogue
from spectrolabe.validate.isochrones import read_isochrones
from spectrolabe.validate.style import save_figure


def main(catalogue, isochrones, figure_out, *, figure, age):
    options = {"isochrones": read_isochrones(isochrones), "age": age} if isochrones else {}
    save_figure(CATALOGUE_FIGURES[figure](read_catalogue(catalogue), **options), figure_out)


if __name__ == "__main__":
    main(
        snakemake.input.catalogue,
        snakemake.input.isochrones,
        snakemake.output.figure,
        figure=snakemake.wildcards.figure,
        age=snakemake.params.age,
    )
