"""Compare the labels of benchmark stars in one catalogue with the literature."""

import json
from pathlib import Path

import pandas as pd

from spectrolabe.acquire.reference_stars import match_stars, read_benchmarks
from spectrolabe.validate.benchmarks import compare_benchmarks, summarise_groups
from spectrolabe.validate.catalogue_rows import read_matching


def main(catalogue, stars, kept, comparison_out, groups_out, *, mask_stars, coolest):
    table = read_benchmarks(stars)
    rows = read_matching(catalogue, lambda rows: match_stars(rows, table).notna())
    used = match_stars(pd.DataFrame({"spectrum_id": mask_stars, "source_id": mask_stars}, dtype=object), table)
    ranges = json.loads(Path(kept).read_text())["ranges"]
    limits = {"ranges": ranges, "mask_stars": used.dropna(), "coolest": coolest}
    comparison = compare_benchmarks(rows, match_stars(rows, table), table, **limits)
    comparison.to_csv(comparison_out, index=False)
    summarise_groups(comparison).to_csv(groups_out, index=False)


if __name__ == "__main__":
    main(
        snakemake.input.catalogue,
        snakemake.input.stars,
        snakemake.input.kept,
        snakemake.output.comparison,
        snakemake.output.groups,
        mask_stars=snakemake.params.mask_stars,
        coolest=snakemake.params.coolest,
    )
