"""How long the job takes that writes a catalogue of six labels, and how much memory: prints a Markdown table.

python benchmarks/write_catalogue.py
"""

import json
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from zipfile import ZipFile

import numpy as np
import pandas as pd

WORKFLOW = Path(__file__).parents[1] / "workflow"
sys.path.insert(0, str(WORKFLOW))

#: Spectra in all -> runs; the time of the largest hardly differs between them.
SIZES, SHARD = {100_000: 5, 1_000_000: 1}, 5000
LABELS = ["teff", "logg", "feh", "alpha_fe", "vsini", "rv"]
STRETCHES = {"stretch50": 0.7, "stretch68": 1.1, "stretch90": 1.9, "stretch95": 2.3}
BIN = {"snr": [0, None], "stars": 1000, "fallback": None, **STRETCHES}
CALIBRATION = {
    "labels": {label: {"reference": "true", "reference_errors": False, "bins": [BIN]} for label in LABELS},
    "doubt": {"fallback": "invented spectra"},
    "calibrated_on": {"origin": "synthetic", "dataset": "invented", "stars": 1000, "spectra": 1000},
}
KEPT = {"members": ["0"], "ranges": dict.fromkeys(LABELS, [-3.0, 3.0])}
FLAGS = {"min_snr": 10, "max_bad_share": 0.2, "max_err": {}, "false_alarms": 0.02}
FILES = ("parquet", "fits", "vot", "stars.parquet", "stars.fits")


def main() -> None:
    print(
        f"{len(LABELS)} labels, shards of {SHARD} spectra, two spectra to a star; the whole job, medians of its runs\n"
    )
    print("| spectra | runs | s | s of a processor | us per spectrum | most memory, MB | MB of the files |")
    print("|---|---|---|---|---|---|---|")
    for size, runs in SIZES.items():
        with TemporaryDirectory() as folder:
            call("invent", folder, size)
            # Each in a process of its own, whose memory is the job's alone.
            clock, processor, memory = np.median([call("write", folder, size) for _ in range(runs)], axis=0)
            written = sum((Path(folder) / f"survey.{ending}").stat().st_size for ending in FILES) / 1e6
        cost = f"{clock:.1f} | {processor:.1f} | {1e6 * processor / size:.0f}"
        print(f"| {size} | {runs} | {cost} | {memory:.0f} | {written:.0f} |", flush=True)


def call(task: str, folder: str, size: int) -> list[float]:
    command = [sys.executable, __file__, task, folder, str(size)]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)


def invent(folder: Path, size: int) -> None:
    """Write predictions of spectra, two to a star, a tenth of them doubtful, and all else that the job reads."""
    from spectrolabe.predict.labelling import write_predictions

    (folder / "shards").mkdir()
    names = [f"survey/spectrum_{number:09d}" for number in range(size)]
    pd.DataFrame({"spectrum_id": names}).to_csv(folder / "manifest.tsv", sep="\t", index=False)
    for shard in range(size // SHARD):
        rng = np.random.default_rng(shard)
        number = np.arange(shard * SHARD, (shard + 1) * SHARD)
        columns = {
            "spectrum_id": names[number[0] : number[-1] + 1],
            "source_id": [f"{star:018d}" for star in number // 2],
        }
        columns |= {"ra": rng.uniform(0, 360, SHARD), "dec": rng.uniform(-90, 90, SHARD)}
        columns |= {"snr": rng.uniform(5, 200, SHARD), "status": "", "missing_ends": 0.0}
        columns["bad_share"] = np.where(rng.random(SHARD) < 0.1, 0.3, 0.05)
        for label in LABELS:
            columns |= {label: rng.standard_normal(SHARD), f"{label}_aleatoric": rng.uniform(0.1, 0.2, SHARD)}
            columns |= {f"{label}_epistemic": rng.uniform(0.1, 0.2, SHARD)}
        write_predictions(pd.DataFrame(columns), 1000.0, folder / "shards" / f"{shard:03d}.parquet")
    for name, content in {"calibration": CALIBRATION, "kept": KEPT}.items():
        (folder / f"{name}.json").write_text(json.dumps(content))
    with ZipFile(folder / "0.keras", "w") as member:
        member.writestr("metadata.json", json.dumps({"keras_version": "invented"}))


def write(folder: Path) -> list[float]:
    """Run the workflow's own script; give seconds by the clock and of the processor, and its most memory (MB)."""
    specification = spec_from_file_location("job", WORKFLOW / "scripts" / "predict" / "write_catalogue.py")
    job = module_from_spec(specification)
    specification.loader.exec_module(job)
    inputs = {name: str(folder / f"{name}.json") for name in ("calibration", "kept")}
    inputs |= {"predictions": sorted(map(str, (folder / "shards").glob("*.parquet")))}
    inputs |= {"manifest": str(folder / "manifest.tsv"), "members": [str(folder / "0.keras")], "recalibration": []}
    inputs |= {"judgements": [], "screening": [], "others": []}
    outputs = [str(folder / f"survey.{ending}") for ending in FILES]
    clock, processor = perf_counter(), process_time()
    job.main(inputs, outputs, about={"recipe": "invented"}, labels=LABELS, flags=FLAGS, other_data=False)
    return [perf_counter() - clock, process_time() - processor, getrusage(RUSAGE_SELF).ru_maxrss / 1024]


if __name__ == "__main__":
    if len(sys.argv) == 1:
        main()
    else:
        task, folder, size = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
        print(json.dumps(invent(folder, size) if task == "invent" else write(folder)))
