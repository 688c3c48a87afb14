"""Say what the errors of a catalogue are made of, and whether repeated spectra scatter as they say."""

from spectrolabe.validate.catalogue_rows import read_catalogue
from spectrolabe.validate.error_budget import measure_errors


def main(catalogue, errors_out):
    measure_errors(read_catalogue(catalogue)).to_csv(errors_out, index=False)


if __name__ == "__main__":
    main(snakemake.input.catalogue, snakemake.output.errors)
