"""Run every benchmark and write one page of what they print; one that fails leaves a sentence in its section.

python benchmarks/tools/write_page.py BENCHMARKS.md
"""

import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryFile
from time import perf_counter

BENCHMARKS = Path(__file__).parents[1]
PACKAGES = ("numpy", "scipy", "pandas", "pyarrow", "astropy", "tensorflow-cpu", "keras", "openTSNE", "snakemake")
PACKAGES += ("specutils", "PyAstronomy", "fitsio", "scikit-learn")


def main(page: Path, scripts: Sequence[Path]) -> None:
    """Run scripts one after another, show what they print, and write the page once all are done."""
    sections, begin = [], perf_counter()
    for number, script in enumerate(scripts, start=1):
        print(f"\n[{number}/{len(scripts)}] {script.stem}\n", flush=True)
        title = script.stem.replace("_", " ").capitalize()
        sections.append(f"## {title}\n\n`benchmarks/{script.name}`\n\n{run(script)}\n")
    page.write_text("\n".join([describe_machine(), *sections]))
    print(f"\n{page}: {len(scripts)} benchmarks in {perf_counter() - begin:.0f} s")


def run(script: Path) -> str:
    """Give what a script prints, which is shown as it comes; where it fails, a sentence that says why follows."""
    environment = os.environ | {"PYTHONPATH": str(BENCHMARKS.parent / "workflow"), "PYTHONUNBUFFERED": "1"}
    lines = []
    with TemporaryFile("w+") as errors:
        command = [sys.executable, str(script)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment)
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line)
        if process.wait():
            errors.seek(0)
            reason = (errors.read().strip().splitlines() or [f"it ended with {process.returncode}"])[-1]
            lines.append(f"\nThis benchmark did not finish: {reason}\n")
            print(lines[-1], file=sys.stderr, flush=True)
    return "".join(lines).strip()


def describe_machine() -> str:
    """Give the page's head: when, on what, and with which versions."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    machine = f"{find_processor()}, {len(os.sched_getaffinity(0))} cores, {memory:.0f} GB of memory"
    versions = ", ".join(f"{name} {found}" for name in PACKAGES if (found := find_version(name)))
    written = f"Written by `make bench` on {date.today().isoformat()}: {machine}; {platform.system()}."
    return f"# Benchmarks\n\n{written}\n\nPython {platform.python_version()}, {versions}.\n"


def find_version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def find_processor() -> str:
    """Give the processor's name as Linux has it, elsewhere as Python does."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sorted(BENCHMARKS.glob("*.py")))
