"""Say of each spectrum of a shard how unlike those of a training set it is, and by what."""

from spectrolabe.prepare.doubt import judge_spectra
from spectrolabe.prepare.screen_files import read_yardstick
from spectrolabe.spectra.table import read_shard


def main(spectra, reference, judgements_out):
    judge_spectra(read_yardstick(reference), read_shard(spectra)).to_parquet(judgements_out, index=False)


if __name__ == "__main__":
    main(snakemake.input.spectra, snakemake.input.reference, snakemake.output.judgements)
