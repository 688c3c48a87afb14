"""Write the catalogue of one dataset: calibrated labels and flags, one row per spectrum of the manifest."""

import json
from pathlib import Path

from spectrolabe.predict import catalogue


def main(predictions, manifest, screening, others, calibration, kept, parquet, fits, *, recipe, labels, flags):
    rows, rate = catalogue.read_predictions(predictions)
    if manifest:
        rows = catalogue.order_by_manifest(rows, manifest)
    if screening:
        rows = catalogue.add_screening(rows, *catalogue.read_screening(screening))
    table = catalogue.build_catalogue(
        rows,
        labels,
        calibration=json.loads(Path(calibration).read_text()),
        ranges=json.loads(Path(kept).read_text())["ranges"],
        others=catalogue.read_models(others),
        **flags,
    )
    provenance = catalogue.provenance(recipe, [calibration, kept], rate)
    catalogue.write_catalogue(table, Path(parquet), Path(fits), provenance)


if __name__ == "__main__":
    names = ("predictions", "manifest", "screening", "others", "calibration", "kept")
    main(
        *(snakemake.input[name] for name in names),
        snakemake.output.parquet,
        snakemake.output.fits,
        recipe=snakemake.wildcards.recipe,
        labels=snakemake.params.labels,
        flags=snakemake.params.flags,
    )
