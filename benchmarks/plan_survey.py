"""What the plan of a run costs Snakemake, against the shards and files of a survey: prints a Markdown table.

python benchmarks/plan_survey.py

The recipe is the demo's, which labels a survey. The files are empty, for a dry run opens none: it looks for them, asks
the size and time of each, and plans the jobs.
"""

import os
import re
import subprocess
import sys
from pathlib import Path
from resource import struct_rusage
from tempfile import TemporaryDirectory
from time import perf_counter

import yaml

ROOT = Path(__file__).parents[1]
#: Shards, and files of each on average.
SIZES = [(100, 10), (1000, 10), (1000, 100), (1000, 1000)]
COMMAND = [sys.executable, "-m", "snakemake", "--dry-run", "--quiet", "rules", "--cores", "1"]
SURVEY = {
    "kind": "survey",
    "reader": "linear_1d",
    "files": "survey/*.fits",
    "resolution": 80000,
    "prepare": [{"rest_frame": {}}, {"broaden": {}}, {"resample": {}}, {"normalise": {"asymmetric_clip": {}}}],
}


def main() -> None:
    print("| shards | files | jobs | s | s of the processor | MB |\n|---|---|---|---|---|---|")
    for shards, files in SIZES:
        with TemporaryDirectory() as folder:
            write_survey(Path(folder), shards * files, files)
            start = perf_counter()
            jobs, usage = plan(Path(folder))
            seconds, processor = perf_counter() - start, usage.ru_utime + usage.ru_stime
        memory = usage.ru_maxrss / 1024
        counts = f"{jobs['list_spectra']} | {shards * files} | {jobs['total']}"
        print(f"| {counts} | {seconds:.1f} | {processor:.1f} | {memory:.0f} |", flush=True)


def write_survey(folder: Path, files: int, shard_size: int) -> None:
    """Fill a folder with links to the workflow, a recipe, and a survey of empty files."""
    for name in ("Snakefile", "workflow", "resources", "envs"):
        (folder / name).symlink_to(ROOT / name)
    recipes, survey = folder / "config" / "recipes", folder / "data" / "survey"
    recipes.mkdir(parents=True)
    (folder / "config" / "grids").symlink_to(ROOT / "config" / "grids")
    (folder / "config" / "config.yaml").write_text("recipes: [planned]\ndata: data/\n")
    (recipes / "demo.yaml").symlink_to(ROOT / "config" / "recipes" / "demo.yaml")
    recipe = {
        "extends": "demo",
        "datasets": {"survey": SURVEY | {"shard_size": shard_size}},
        "predict": [{"model": "mlp", "dataset": "survey"}],
        "validate": ["kiel"],
    }
    (recipes / "planned.yaml").write_text(yaml.safe_dump(recipe))
    survey.mkdir(parents=True)
    for number in range(files):
        (survey / f"spectrum_{number:07d}.fits").touch()


def plan(folder: Path) -> tuple[dict[str, int], struct_rusage]:
    """Give the jobs of each rule that a dry run counts, and what its process used."""
    with (folder / "plan.txt").open("w+") as output:
        process = subprocess.Popen(COMMAND, cwd=folder, stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        output.seek(0)
        text = output.read()
    if status:
        raise RuntimeError(f"the dry run failed: {text}")
    return {rule: int(count) for rule, count in re.findall(r"^(\w+) +(\d+)$", text, re.MULTILINE)}, usage


if __name__ == "__main__":
    main()
