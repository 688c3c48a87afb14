"""Score the models of every grid on the test stars of every other."""

from spectrolabe.validate.catalogue_rows import read_catalogue
from spectrolabe.validate.cross_grid import compare_grids


def main(catalogues, comparison_out, *, pairs):
    named = [(*pair, read_catalogue(path)) for pair, path in zip(pairs, catalogues, strict=True)]
    compare_grids(named).to_csv(comparison_out, index=False)


if __name__ == "__main__":
    main(snakemake.input.catalogues, snakemake.output.comparison, pairs=snakemake.params.pairs)
