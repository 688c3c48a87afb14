"""Compare the spectra of benchmark stars with one another and with the survey's labels."""

from spectrolabe.validate.population_sample import read_sample, write_results
from spectrolabe.validate.repeats import compare_repeats


def main(catalogue, manifest, table_out, numbers_out):
    write_results(*compare_repeats(read_sample(catalogue, manifest)), table_out, numbers_out)


if __name__ == "__main__":
    main(
        snakemake.input.catalogue,
        snakemake.input.manifest,
        snakemake.output.table,
        snakemake.output.numbers,
    )
