"""Write the catalogue of one dataset: calibrated labels and flags, one row per spectrum of the manifest."""

import json
from pathlib import Path

from spectrolabe.predict.catalogue import (
    build_catalogue,
    order_by_manifest,
    provenance,
    read_predictions,
    write_catalogue,
)


def main(predictions, manifest, calibration, kept, parquet, fits, *, recipe, labels, flags):
    rows, rate = read_predictions(predictions)
    if manifest:
        rows = order_by_manifest(rows, manifest)
    catalogue = build_catalogue(
        rows,
        labels,
        calibration=json.loads(Path(calibration).read_text()),
        ranges=json.loads(Path(kept).read_text())["ranges"],
        **flags,
    )
    write_catalogue(catalogue, Path(parquet), Path(fits), provenance(recipe, [calibration, kept], rate))


if __name__ == "__main__":
    main(
        snakemake.input.predictions,
        snakemake.input.manifest,
        snakemake.input.calibration,
        snakemake.input.kept,
        snakemake.output.parquet,
        snakemake.output.fits,
        recipe=snakemake.wildcards.recipe,
        labels=snakemake.params.labels,
        flags=snakemake.params.flags,
    )
