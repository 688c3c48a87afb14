"""Compare the Mg-Al anti-correlation of star clusters, as predicted, of the survey, and in truth."""

from spectrolabe.validate.anticorrelation import compare_clusters
from spectrolabe.validate.population_sample import read_sample, write_results


def main(catalogue, manifest, table_out, numbers_out):
    write_results(*compare_clusters(read_sample(catalogue, manifest)), table_out, numbers_out)


if __name__ == "__main__":
    main(
        snakemake.input.catalogue,
        snakemake.input.manifest,
        snakemake.output.table,
        snakemake.output.numbers,
    )
