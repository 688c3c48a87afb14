"""Score one catalogue against the reference labels that it holds."""

import json
from pathlib import Path

import pyarrow.parquet as pq

from spectrolabe.validate.catalogue_rows import read_catalogue
from spectrolabe.validate.scores import model_costs, score


def main(catalogue, kept, scores_out):
    costs = model_costs(json.loads(Path(kept).read_text()), pq.read_schema(catalogue).metadata)
    rows = read_catalogue(catalogue)
    against_survey = score(rows, "survey")
    scores = {"labels": score(rows), **({"survey": against_survey} if against_survey else {}), "model": costs}
    Path(scores_out).write_text(json.dumps(scores, indent=2, allow_nan=False))


if __name__ == "__main__":
    main(snakemake.input.catalogue, snakemake.input.kept, snakemake.output.scores)
