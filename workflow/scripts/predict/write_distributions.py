"""Write the calibrated distributions of one dataset's labels, a row per spectrum of the manifest."""

import json
from pathlib import Path

from spectrolabe.predict import gathering
from spectrolabe.predict.distribution_files import write_distributions


def main(inputs, distributions_out, *, about, labels):
    calibration = json.loads(Path(inputs["calibration"]).read_text())["labels"]
    recalibration = json.loads(Path(inputs["recalibration"]).read_text()) if inputs["recalibration"] else None
    rows, _ = gathering.read_predictions(inputs["predictions"])
    if inputs["manifest"]:
        rows = gathering.order_by_manifest(rows, inputs["manifest"])
    write_distributions(rows, calibration, recalibration, labels, about, distributions_out)


if __name__ == "__main__":
    main(
        snakemake.input,
        snakemake.output.distributions,
        about=dict(snakemake.wildcards.items()) | {"recipe_sha256": snakemake.params.recipe_hash},
        labels=snakemake.params.labels,
    )
