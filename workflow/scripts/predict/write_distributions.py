"""Write the calibrated distributions of one dataset's labels, a row per spectrum of the manifest."""

import json
from pathlib import Path

from spectrolabe.predict.distribution_files import write_distributions
from spectrolabe.predict.gathering import gather_rows
from spectrolabe.spectra.slices import temporary_folder


def main(inputs, distributions_out, *, about, labels):
    calibration = json.loads(Path(inputs["calibration"]).read_text())["labels"]
    recalibration = json.loads(Path(inputs["recalibration"]).read_text()) if inputs["recalibration"] else None
    with temporary_folder(distributions_out) as folder:
        slices = (rows for rows, _ in gather_rows(inputs["predictions"], folder, manifest=inputs["manifest"]))
        write_distributions(slices, calibration, recalibration, labels, about, distributions_out)


if __name__ == "__main__":
    main(
        snakemake.input,
        snakemake.output.distributions,
        about=dict(snakemake.wildcards.items()) | {"recipe_sha256": snakemake.params.recipe_hash},
        labels=snakemake.params.labels,
    )
