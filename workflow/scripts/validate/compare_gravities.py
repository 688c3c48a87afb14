"""Compare predicted gravities with asteroseismic ones."""

from spectrolabe.validate.population_sample import read_sample, write_results
from spectrolabe.validate.repeats import compare_gravities


def main(catalogue, manifest, table_out, numbers_out):
    write_results(*compare_gravities(read_sample(catalogue, manifest)), table_out, numbers_out)


if __name__ == "__main__":
    main(
        snakemake.input.catalogue,
        snakemake.input.manifest,
        snakemake.output.table,
        snakemake.output.numbers,
    )
