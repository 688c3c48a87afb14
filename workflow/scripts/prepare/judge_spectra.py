"""Say of each spectrum of a shard how unlike those of a training set it is, and by what."""

import pandas as pd

from spectrolabe.prepare.doubt import judge_spectra
from spectrolabe.prepare.screen_files import read_yardstick
from spectrolabe.spectra.streaming import read_blocks


def main(spectra, reference, judgements_out):
    yardstick = read_yardstick(reference)
    # Training parts are larger than memory may be.
    judged = [judge_spectra(yardstick, block) for block in read_blocks(spectra)]
    pd.concat(judged, ignore_index=True).to_parquet(judgements_out, index=False)


if __name__ == "__main__":
    main(snakemake.input.spectra, snakemake.input.reference, snakemake.output.judgements)
