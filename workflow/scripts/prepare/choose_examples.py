"""Choose example spectra of a survey, and read them as their files hold them."""

from spectrolabe.prepare.examples import read_examples, read_prepared


def main(spectra, examples_out, *, root, reader, join, planck):
    examples = read_examples(read_prepared(spectra), root, reader, join, planck=planck)
    examples.to_parquet(examples_out, index=False)


if __name__ == "__main__":
    main(snakemake.input.spectra, snakemake.output.examples, **dict(snakemake.params.items()))
