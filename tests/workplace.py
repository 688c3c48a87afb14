"""A folder in which a test runs the workflow as its users do, away from the repository's own results."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
SHARED = ("Snakefile", "workflow", "resources", "envs", "profiles")
PATIENCE = 600  # seconds until a run counts as hanging
# The library is the workplace's own; and without bytecode every job compiles TensorFlow for longer than it works.
UNWANTED = ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE")


class Workplace:
    """A working folder with links to the repository's parts and its own copy of config/, to which a test adds recipes.

    Its spectra lie in data/, where config.yaml looks for them.

    Parameters
    ----------
    folder : an empty folder.
    copied : parts of the repository to copy instead of linking, so that a test may edit them.
    python : interpreter whose Snakemake runs.
    patience : seconds until `run` kills a run and raises subprocess.TimeoutExpired.
    """

    def __init__(
        self, folder: Path, copied: Iterable[str] = (), python: Path | str = sys.executable, patience: int = PATIENCE
    ):
        self.python, self.patience = str(python), patience
        self.folder, self.data = Path(folder), Path(folder) / "data"
        self.data.mkdir()
        for name in ("config", *copied):
            shutil.copytree(ROOT / name, self.folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in SHARED:
            if name not in copied:
                (self.folder / name).symlink_to(ROOT / name)

    def add_recipe(self, name: str, recipe: dict) -> None:
        """Add a recipe to config/recipes."""
        (self.folder / "config" / "recipes" / f"{name}.yaml").write_text(yaml.safe_dump(recipe, sort_keys=False))

    def start(self, *arguments: str, recipes: str | None = None, data: Path | None = None) -> subprocess.Popen:
        """Start Snakemake as the leader of a process group of its own."""
        chosen = [f"{key}={value}" for key, value in {"recipes": recipes, "data": data}.items() if value]
        config = ["--config", *chosen] if chosen else []
        return subprocess.Popen(
            [self.python, "-m", "snakemake", "--cores", "2", *arguments, *config],
            cwd=self.folder,
            env={name: value for name, value in os.environ.items() if name not in UNWANTED},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, recipes: str | None = None, data: Path | None = None) -> tuple[int, str]:
        """Run Snakemake to its end; give its exit status and all that it printed."""
        process = self.start(*arguments, recipes=recipes, data=data)
        try:
            output, _ = process.communicate(timeout=self.patience)
        except BaseException:
            kill(process)
            raise
        return process.returncode, output

    def count_jobs(self, *arguments: str, recipes: str | None = None, data: Path | None = None) -> dict[str, int]:
        """Say how many jobs of each rule a run would start; rules without jobs are absent."""
        status, output = self.run("--dry-run", "--quiet=rules", *arguments, recipes=recipes, data=data)
        assert status == 0, output
        jobs = {rule: int(count) for rule, count in re.findall(r"^(\w+) +(\d+)$", output, re.MULTILINE)}
        assert jobs or "Nothing to be done" in output, output
        return {rule: count for rule, count in jobs.items() if rule not in ("all", "total")}


def kill(process: subprocess.Popen) -> None:
    """Kill a run and all that it has started, as a power failure would."""
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
