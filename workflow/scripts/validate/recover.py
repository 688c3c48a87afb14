"""Say what a model makes of injected stars, whose labels are known and whose mismatches are deliberate."""

import json
from pathlib import Path

from spectrolabe.validate.catalogue_rows import read_catalogue
from spectrolabe.validate.recovery import find_limits, summarise_recovery, tabulate_recovery


def main(catalogue, table_out, summary_out, limits_out):
    table = tabulate_recovery(read_catalogue(catalogue))
    summary = summarise_recovery(table)
    table.to_parquet(table_out, index=False)
    summary.to_csv(summary_out, index=False)
    Path(limits_out).write_text(json.dumps(find_limits(table, summary), indent=2, allow_nan=False), encoding="utf-8")


if __name__ == "__main__":
    main(
        snakemake.input.catalogue,
        snakemake.output.table,
        snakemake.output.summary,
        snakemake.output.limits,
    )
