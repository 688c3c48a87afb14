"""Gather one part of a training set from its shards."""

from spectrolabe.spectra.streaming import join_part


def main(shards, spectra_out, *, part, name, cuts):
    join_part(shards, spectra_out, part, name, cuts)


if __name__ == "__main__":
    main(
        snakemake.input.shards,
        snakemake.output.spectra,
        part=snakemake.wildcards.part,
        name=snakemake.wildcards.set,
        cuts=snakemake.params.cuts,
    )
