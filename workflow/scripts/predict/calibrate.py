"""Calibrate a model's uncertainties on stars kept for nothing else."""

import json
from pathlib import Path

import pandas as pd

from spectrolabe.predict.calibration import calibrate


def main(predictions, calibration_out, *, labels):
    Path(calibration_out).write_text(json.dumps(calibrate(pd.read_parquet(predictions), labels), indent=2))


if __name__ == "__main__":
    main(snakemake.input.predictions, snakemake.output.calibration, labels=snakemake.params.labels)
