"""The rules as text: which script and which environment each has."""

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
RULES = [ROOT / "Snakefile", *sorted((ROOT / "workflow").rglob("*.smk"))]


@dataclass(frozen=True)
class Rule:
    """A rule of a Snakemake file: its name, its text, and where it has them its environment's name and its script."""

    name: str
    text: str
    environment: str | None
    script: Path | None


def list_rules(path: Path) -> list[Rule]:
    """Read the rules and checkpoints of a file, in order."""
    rules = []
    for text in re.split(r"^(?=rule |checkpoint )", path.read_text(), flags=re.MULTILINE)[1:]:
        environment = re.search(r"^    conda:\s+\"\.\./\.\./envs/(\w+)\.yaml\"", text, re.MULTILINE)
        script = re.search(r"^    script:\s+\"(.+?)\"", text, re.MULTILINE)
        rules.append(
            Rule(
                re.match(r"\w+ (\w+):", text)[1],
                text,
                environment and environment[1],
                script and (path.parent / script[1]).resolve(),
            )
        )
    return rules


def read_pins(environment: Path) -> dict[str, str]:
    """Packages that an environment names, and the versions that it pins them to; pip and Python are left out."""
    packages = []
    for entry in yaml.safe_load(environment.read_text())["dependencies"]:
        packages += entry["pip"] if isinstance(entry, dict) else [entry]
    pins = dict(re.split("=+", package) for package in packages if package != "pip")
    assert pins.pop("python") == "3.11"
    # conda-forge keeps Matplotlib without Qt under another name.
    return {name.removesuffix("-base"): version for name, version in pins.items()}


def locked_versions(environment: str) -> dict[str, str]:
    """Package -> version, by the lock file that an environment goes with."""
    lock = "requirements-synthesis.lock" if environment == "synthesis" else "requirements.lock"
    return dict(re.findall(r"^([\w.-]+)==([\w.]+)", (ROOT / lock).read_text(), re.MULTILINE))
