"""Find features that stand out at the same pixels of many native spectra of a survey."""

import json
from pathlib import Path

from spectrolabe.acquire.manifests import read_manifest
from spectrolabe.prepare.fixed_features import find_fixed_features, read_sample


def main(table, mask_out, summary_out, *, sample, settings, medium):
    mask = find_fixed_features(read_sample(read_manifest(table), **sample), medium=medium, **settings)
    mask.ranges.to_csv(mask_out, index=False)
    Path(summary_out).write_text(json.dumps(mask.summary, indent=2))


if __name__ == "__main__":
    main(snakemake.input.table, snakemake.output.mask, snakemake.output.summary, **dict(snakemake.params.items()))
