"""Measure how often the intervals of one catalogue hold the reference labels."""

import json
from pathlib import Path

from spectrolabe.validate.catalogue_rows import read_catalogue
from spectrolabe.validate.coverage import histogram_transforms, measure_coverage, select_judged, summarise


def main(catalogue, coverage_out, pit_out, summary_out, *, model, dataset):
    judged = select_judged(read_catalogue(catalogue), dataset)
    table = measure_coverage(judged)
    table.to_csv(coverage_out, index=False)
    histogram_transforms(judged).to_csv(pit_out, index=False)
    summary = summarise(judged, table, f"{model} on {dataset}")
    Path(summary_out).write_text(json.dumps(summary, indent=2, allow_nan=False), encoding="utf-8")


if __name__ == "__main__":
    main(
        snakemake.input.catalogue,
        snakemake.output.coverage,
        snakemake.output.pit,
        snakemake.output.summary,
        model=snakemake.wildcards.model,
        dataset=snakemake.wildcards.dataset,
    )
