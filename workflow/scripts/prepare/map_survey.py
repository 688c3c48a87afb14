"""Draw the joint map of a survey's training and observed spectra, and tell the inner ones from the outer."""

import pandas as pd

from spectrolabe.prepare.joint_maps import map_survey


def main(shards, verdicts, map_out, **settings):
    verdicts = pd.concat([pd.read_parquet(path) for path in verdicts], ignore_index=True)
    map_survey(shards, verdicts, **settings).to_parquet(map_out, index=False)


if __name__ == "__main__":
    main(snakemake.input.shards, snakemake.input.verdicts, snakemake.output.map, **dict(snakemake.params.items()))
