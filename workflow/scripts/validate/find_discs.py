"""Find the thin and the thick disc among the stars of a survey."""

from spectrolabe.validate.discs import find_discs
from spectrolabe.validate.population_sample import read_sample, write_results


def main(catalogue, manifest, table_out, numbers_out, *, min_snr):
    write_results(*find_discs(read_sample(catalogue, manifest), min_snr), table_out, numbers_out)


if __name__ == "__main__":
    main(
        snakemake.input.catalogue,
        snakemake.input.manifest,
        snakemake.output.table,
        snakemake.output.numbers,
        min_snr=snakemake.params.min_snr,
    )
