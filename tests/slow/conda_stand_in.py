"""Stand in for conda: build an environment file's packages from PyPI by uv, so that Snakemake's `--sdm conda` runs.

`install_conda` writes the commands `conda` and `activate`, which call this file. It answers what Snakemake asks of
conda and nothing else.
"""

import json
import shlex
import subprocess
import sys
from pathlib import Path

import yaml

# Packages that conda-forge and PyPI call differently, and what conda needs but an environment of uv does not.
NAMES = {"matplotlib-base": "matplotlib"}
NOT_INSTALLED = ("python", "pip")


def install_conda(folder: Path, uv: Path) -> Path:
    """Write the commands into folder/bin, which is to come first on the PATH, and give that folder."""
    programs = folder / "bin"
    programs.mkdir(parents=True)
    call = shlex.join([sys.executable, __file__, str(folder), str(uv)])
    conda = programs / "conda"
    conda.write_text(f'#!/bin/sh\nexec {call} "$@"\n')
    conda.chmod(0o755)
    (programs / "activate").write_text('. "$1/bin/activate"\n')
    return programs


def list_packages(environment: Path) -> tuple[str, list[str]]:
    """Read an environment file: the version of Python, and the other packages as PyPI names them."""
    python, packages = "3", []
    for entry in yaml.safe_load(environment.read_text())["dependencies"]:
        if isinstance(entry, dict):
            packages += entry["pip"]
            continue
        name, _, version = entry.partition("=")
        if name == "python":
            python = version
        elif name not in NOT_INSTALLED:
            # One sign of equality is a beginning of a version to conda.
            packages.append(NAMES.get(name, name) + (f"=={version}.*" if version else ""))
    return python, packages


def create_environment(environment: Path, folder: Path, uv: str) -> None:
    """Build an environment of the packages that a file names."""
    python, packages = list_packages(environment)
    subprocess.run([uv, "venv", "--quiet", "--python", python, folder], check=True)
    interpreter = folder / "bin" / "python"
    # As conda does: without bytecode, every first job would compile TensorFlow for minutes.
    install = [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", interpreter]
    subprocess.run([*install, *packages], check=True)


def main(root: str, uv: str, *arguments: str) -> None:
    command = " ".join(arguments)
    if command == "--version":
        print("conda 25.9.1")
    elif command == "info --json":
        print(json.dumps({"conda_prefix": root, "platform": "linux-64"}))
    elif command == "config --get channel_priority --json":
        print(json.dumps({"get": {"channel_priority": "strict"}}))
    elif arguments[:2] == ("env", "create"):
        file, prefix = (arguments[arguments.index(option) + 1] for option in ("--file", "--prefix"))
        create_environment(Path(file), Path(prefix), uv)
    elif arguments[:1] == ("clean",):
        pass  # uv shares one store among environments, which others may be using
    else:
        sys.exit(f"the stand-in for conda does not know 'conda {command}'")


if __name__ == "__main__":
    main(*sys.argv[1:])
