"""Calibrate a model's uncertainties on stars kept for nothing else."""

import json
from pathlib import Path

import pandas as pd

from spectrolabe.predict.calibration import calibrate
from spectrolabe.predict.distribution_lists import read_edges
from spectrolabe.predict.doubts import fit_doubts, read_judgements


def main(predictions, judgements, calibration_out, *, origin, by_truth, labels):
    stars, edges = pd.read_parquet(predictions), read_edges(predictions)
    about = {"dataset": Path(predictions).parent.name, "origin": origin}
    about |= {"stars": int(stars["source_id"].nunique()), "spectra": len(stars)}
    calibration = {"calibrated_on": about, "labels": calibrate(stars, labels, by_truth=by_truth, edges=edges)}
    judged = read_judgements(judgements, stars["spectrum_id"])
    calibration["doubt"] = fit_doubts(stars, judged, labels, all_sound=origin == "synthetic")
    Path(calibration_out).write_text(json.dumps(calibration, indent=2))


if __name__ == "__main__":
    main(
        snakemake.input.predictions,
        snakemake.input.judgements,
        snakemake.output.calibration,
        origin=snakemake.params.origin,
        by_truth=snakemake.params.by_truth,
        labels=snakemake.params.labels,
    )
