"""Measure by which offset and scale one model's labels differ from those of trusted stars."""

import json
from pathlib import Path

from spectrolabe.acquire.reference_stars import match_stars, read_benchmarks
from spectrolabe.predict.gathering import read_predictions
from spectrolabe.predict.recalibration import choose_labelled, listed_labels, own_labels, recalibrate


def main(predictions, calibration, kept, stars, recalibration_out, *, dataset, labels):
    if stars:
        table = read_benchmarks(stars)
        rows = read_predictions(predictions, lambda rows: match_stars(rows, table).notna())
        trusted = listed_labels(match_stars(rows, table), table)
    else:
        rows = read_predictions(predictions, choose_labelled(predictions, labels))
        trusted = own_labels(rows, labels)
    fits = recalibrate(
        rows,
        trusted,
        labels,
        calibration=json.loads(Path(calibration).read_text())["labels"],
        ranges=json.loads(Path(kept).read_text())["ranges"],
    )
    about = {"dataset": dataset, "stars": Path(stars).stem if stars else "the survey's own labels", "labels": fits}
    Path(recalibration_out).write_text(json.dumps(about, indent=2))


if __name__ == "__main__":
    main(
        snakemake.input.predictions,
        snakemake.input.calibration,
        snakemake.input.kept,
        snakemake.input.stars,
        snakemake.output.recalibration,
        dataset=snakemake.params.dataset,
        labels=snakemake.params.labels,
    )
