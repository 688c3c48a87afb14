"""Compare the labels of spectra with those of their nearest training spectra, and list a few."""

from spectrolabe.validate.catalogue_rows import read_catalogue
from spectrolabe.validate.neighbour_tables import choose_examples, measure_agreement


def main(neighbours, agreement_out, examples_out, *, seed):
    table = read_catalogue(neighbours)
    measure_agreement(table).to_csv(agreement_out, index=False)
    choose_examples(table, seed).to_csv(examples_out, index=False)


if __name__ == "__main__":
    main(
        snakemake.input.neighbours,
        snakemake.output.agreement,
        snakemake.output.examples,
        seed=snakemake.params.seed,
    )
