"""How long a catalogue of a million rows and six labels takes, and how much memory: prints a Markdown table.

python benchmarks/write_catalogue.py
"""

import sys
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow"))

from spectrolabe.predict.catalogue import build_catalogue
from spectrolabe.predict.catalogue_files import write_table
from spectrolabe.predict.stars import combine_stars

ROWS = 1_000_000
LABELS = ["teff", "logg", "feh", "alpha_fe", "vsini", "rv"]
STRETCHES = {"stretch50": 0.7, "stretch68": 1.1, "stretch90": 1.9, "stretch95": 2.3}
CALIBRATION = {
    "labels": {label: {"bins": [{"snr": [0, None], **STRETCHES}]} for label in LABELS},
    "doubt": {"fallback": "invented spectra"},
    "calibrated_on": {"origin": "synthetic"},
}
FLAGS = {"min_snr": 10, "max_bad_share": 0.2, "max_err": {}, "false_alarms": 0.02}


def main() -> None:
    print(f"{ROWS} rows, {len(LABELS)} labels\n")
    print("| step | s | MB of the file | highest memory so far, MB |\n|---|---|---|---|")
    predictions = measure("inventing predictions", invent)
    catalogue = measure("intervals and flags", lambda: build(predictions))
    with TemporaryDirectory() as folder:
        for kind in ("parquet", "fits", "vot"):
            path = Path(folder) / f"survey.{kind}"
            measure(f"writing .{kind}", lambda path=path: write_table(catalogue, "CATALOGUE", {}, path), path)
    measure("table of stars", lambda: combine_stars(catalogue))


def measure(step: str, work, path: Path | None = None):
    """Do some work and print its time, the size of its file, and the most memory that the process has taken so far."""
    start = perf_counter()
    result = work()
    seconds, memory = perf_counter() - start, getrusage(RUSAGE_SELF).ru_maxrss / 1024
    print(f"| {step} | {seconds:.1f} | {path.stat().st_size / 1e6 if path else 0:.0f} | {memory:.0f} |", flush=True)
    return result


def invent() -> pd.DataFrame:
    """Predictions of spectra, two to a star, a tenth of them doubtful."""
    rng = np.random.default_rng(1)
    number = np.arange(ROWS)
    columns = {"spectrum_id": pd.Series(number).map("survey/spectrum_{:09d}".format)}
    columns |= {"source_id": pd.Series(number // 2).map("{:018d}".format), "ra": rng.uniform(0, 360, ROWS)}
    columns |= {"dec": rng.uniform(-90, 90, ROWS), "snr": rng.uniform(5, 200, ROWS), "status": "", "missing_ends": 0.0}
    columns["bad_share"] = np.where(rng.random(ROWS) < 0.1, 0.3, 0.05)
    for label in LABELS:
        columns |= {label: rng.standard_normal(ROWS), f"{label}_aleatoric": rng.uniform(0.1, 0.2, ROWS)}
        columns |= {f"{label}_epistemic": rng.uniform(0.1, 0.2, ROWS)}
    return pd.DataFrame(columns)


def build(predictions: pd.DataFrame) -> pd.DataFrame:
    ranges = dict.fromkeys(LABELS, [-3.0, 3.0])
    return build_catalogue(predictions, LABELS, calibration=CALIBRATION, ranges=ranges, **FLAGS)


if __name__ == "__main__":
    main()
