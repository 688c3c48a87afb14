"""Draw how the uncertainties of one model grow outside its training range and where it errs."""

import json
from pathlib import Path

from spectrolabe.validate.catalogue_rows import read_catalogue
from spectrolabe.validate.cross_grid_figures import plot_uncertainty_growth
from spectrolabe.validate.style import save_figure


def main(catalogues, kept, figure_out, *, names):
    tested = {name: read_catalogue(path) for name, path in zip(names, catalogues, strict=True)}
    save_figure(plot_uncertainty_growth(tested, json.loads(Path(kept).read_text())["ranges"]), figure_out)


if __name__ == "__main__":
    main(
        snakemake.input.catalogues,
        snakemake.input.kept,
        snakemake.output.figure,
        names=snakemake.params.names,
    )
