"""Show what was found of the user's files, and of what the run needs; errors end it."""

import sys
from pathlib import Path

import pandas as pd

from spectrolabe.acquire.plan_checks import check_plan, summarise


def main(tables, *, owners, plans, cores, log):
    shown = {
        owner: pd.read_csv(table, sep="\t", keep_default_na=False) for owner, table in zip(owners, tables, strict=True)
    }
    # The folder that the log's lies in is the one that all results go to.
    folder = Path(log).parents[1]
    for owner, plan in plans.items():
        shown[owner] = check_plan(**plan, folder=folder, cores=cores)
    text, errors = summarise(shown)
    print(text, flush=True)
    Path(log).write_text(text)
    if errors:
        sys.exit(1)


if __name__ == "__main__":
    main(snakemake.input.tables, **dict(snakemake.params.items()), log=snakemake.log[0])
