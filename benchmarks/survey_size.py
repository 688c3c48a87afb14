"""What a survey costs from FITS files to the catalogue, by its size, and what memory each step takes: prints Markdown.

python benchmarks/survey_size.py [SPECTRA ...]
"""

import os
import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, sleep

import numpy as np
import psutil
from astropy.io import fits

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from workplace import ROOT, UNWANTED, Workplace

from spectrolabe.acquire.grids import read_grid

SIZES = (1_000, 10_000, 100_000)
START, STEP, PIXELS = 5140.0, 0.04, 4000  # angstrom in air
#: Other spectra than these differ from one of them in their noise alone.
STARS, SNR = 64, 80
PER_FOLDER = 1000
MEMBERS = 8
POLL = 0.3  # s
CATALOGUE = "results/survey_size/predict/catalogue/mlp/survey.parquet"
#: Of the results, what grows with the survey.
FOLDERS = ("acquire", "prepare/spectra", "prepare/doubt", "predict/labels", "predict/catalogue")
RECIPE = {
    "extends": "demo",
    "datasets": {
        "survey": {
            "kind": "survey",
            "reader": "linear_1d",
            "files": "*/*.fits",
            "resolution": 80000,
            "prepare": [{"rest_frame": {}}, {"clean_zeros": {}}, {"broaden": {}}, {"resample": {}}]
            + [{"normalise": {"asymmetric_clip": {"segment": 10, "low": 0.5, "high": 2.0}}}],
        }
    },
    "sets": {"synthetic": {"stars": 8000}},
    "models": {
        "mlp": {
            "members": MEMBERS,
            "keep": None,
            "stages": [{"name": "train", "set": "synthetic", "epochs": 2, "batch": 64, "optimiser": {"adam": {}}}],
        }
    },
    "predict": [{"model": "mlp", "dataset": "survey"}],
    "recovery": None,
    "validate": ["residuals"],
}


def main(sizes: list[int]) -> None:
    cores = os.cpu_count()
    with TemporaryDirectory() as folder:
        place = Workplace(Path(folder))
        place.add_recipe("survey_size", RECIPE)
        write_survey(place.data / "first", 64)
        run(place, place.data / "first")
        print(
            f"Files of {PIXELS} pixels, {MEMBERS} members of the demo's kind trained before, {cores} cores, one run\n"
        )
        print(
            "| spectra | minutes | spectra per second and core | processor time per spectrum (ms) | largest job (MB) |"
        )
        print("|---|---|---|---|---|", flush=True)
        for size in sizes:
            write_survey(place.data / str(size), size)
            before = processor_time()
            started = perf_counter()
            jobs = run(place, place.data / str(size))
            seconds, used = perf_counter() - started, processor_time() - before
            largest = max(memory for memory, _ in jobs.values())
            rate, cost = size / seconds / cores, 1e3 * used / size
            print(f"| {size} | {seconds / 60:.1f} | {rate:.1f} | {cost:.1f} | {largest:.0f} |", flush=True)
        stored = {name: measure_folder(place.folder / "results" / "survey_size" / name) for name in FOLDERS}
        stored = {"the FITS files": measure_folder(place.data / str(sizes[-1]))} | stored
    print("\nJobs of the last run, by rule:\n")
    print("| rule | peak memory (MB) | processor time per spectrum (ms) |\n|---|---|---|")
    for rule, (memory, used) in sorted(jobs.items(), key=lambda item: -item[1][1]):
        print(f"| {rule} | {memory:.0f} | {1e3 * used / sizes[-1]:.2f} |")
    print("\nWhat it leaves on the disc:\n\n| folder | bytes per spectrum |\n|---|---|")
    for name, total in stored.items():
        print(f"| {name} | {total / sizes[-1]:.0f} |")


def write_survey(folder: Path, count: int) -> None:
    """Write spectra of the embedded grid with noise, with the header of a template, as archives hold them."""
    grid = read_grid(ROOT / "resources" / "grids" / "fgk_mgb.fits")
    rng = np.random.default_rng(count)
    rows = rng.choice(len(grid.labels), STARS, replace=False)
    wavelength = START + STEP * np.arange(PIXELS)
    stars = np.array([np.interp(wavelength, grid.wavelength, grid.flux[row]) for row in rows], np.float32)
    head, tail = template(folder)
    for number in range(count):
        path = folder / f"{number // PER_FOLDER:04d}" / f"star_{number:06d}.fits"
        path.parent.mkdir(exist_ok=True)
        flux = 1000 * (stars[number % STARS] + rng.standard_normal(PIXELS, np.float32) / SNR)
        values = flux.astype(">f4").tobytes()
        path.write_bytes(head + values + bytes(-len(values) % 2880) + tail)


def template(folder: Path) -> tuple[bytes, bytes]:
    """Give the bytes of a spectrum's file before and after its flux."""
    folder.mkdir()
    header = {"CTYPE1": "AWAV", "CUNIT1": "Angstrom", "CRPIX1": 1.0, "CRVAL1": START, "CDELT1": STEP}
    flux = fits.PrimaryHDU(np.zeros(PIXELS, np.float32), fits.Header(header))
    noise = fits.ImageHDU(np.full(PIXELS, 1000 / SNR, np.float32), name="SIGMA")
    path = folder / "template"
    fits.HDUList([flux, noise]).writeto(path)
    whole, start = path.read_bytes(), len(flux.header.tostring())
    path.unlink()
    return whole[:start], whole[start + -(-4 * PIXELS // 2880) * 2880 :]


def run(place: Workplace, data: Path) -> dict[str, tuple[float, float]]:
    """Write a survey's catalogue; give each rule's largest memory (MB) and the processor time (s) of all its jobs."""
    environment = {name: value for name, value in os.environ.items() if name not in UNWANTED}
    command = [sys.executable, "-m", "snakemake", "--cores", "all", "--quiet=all", CATALOGUE]
    command += ["--config", "recipes=survey_size", f"data={data}"]
    process = psutil.Popen(command, cwd=place.folder, env=environment)
    seen: dict[int, tuple[str, float, float]] = {}
    while process.poll() is None:
        for job in process.children(recursive=True):
            watch(job, seen)
        sleep(POLL)
    if process.returncode:
        raise SystemExit(f"the run of {data.name} spectra failed")
    rules = {name: [row for row in seen.values() if row[0] == name] for name, *_ in seen.values()}
    return {name: (max(row[1] for row in rows), sum(row[2] for row in rows)) for name, rows in rules.items()}


def watch(job: psutil.Process, seen: dict[int, tuple[str, float, float]]) -> None:
    """Note a process that runs a rule's script: the rule, its largest memory so far, its processor time."""
    try:
        script = re.search(r"\.snakemake/scripts/tmp\w+\.(\w+)\.py", " ".join(job.cmdline()))
        if script:
            memory, times = job.memory_info().rss / 2**20, job.cpu_times()
            largest = max(memory, seen.get(job.pid, ("", 0.0, 0.0))[1])
            seen[job.pid] = script[1], largest, times.user + times.system
    except psutil.NoSuchProcess:
        return


def measure_folder(folder: Path) -> int:
    """Give the bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def processor_time() -> float:
    """Give the processor time (s) of all processes that have ended."""
    times = os.times()
    return times.children_user + times.children_system


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or list(SIZES))
