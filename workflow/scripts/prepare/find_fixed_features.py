"""Find features that stand out at the same pixels of many native spectra of a survey."""

import json
from pathlib import Path

from spectrolabe.prepare.fixed_features import find_fixed_features, read_sample
from spectrolabe.prepare.raw_spectra import sample_manifest


def main(table, mask_out, summary_out, *, sample, settings, medium):
    chosen = sample_manifest(table, sample.pop("count"), sample.pop("seed"))
    mask = find_fixed_features(read_sample(chosen, **sample), medium=medium, **settings)
    mask.ranges.to_csv(mask_out, index=False)
    Path(summary_out).write_text(json.dumps(mask.summary, indent=2))


if __name__ == "__main__":
    main(snakemake.input.table, snakemake.output.mask, snakemake.output.summary, **dict(snakemake.params.items()))
