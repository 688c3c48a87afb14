"""Every rule runs in its own environment, under a Snakemake that has nothing else beside it.

Takes about twenty minutes on two cores, a network, uv and 4 GB of disk.
"""

import json
import os
import subprocess

import pandas as pd
import pytest
import yaml
from conda_stand_in import install_conda
from rule_files import ROOT, RULES, list_rules, locked_versions, read_pins
from workplace import Workplace

ENVIRONMENTS = sorted((ROOT / "envs").glob("*.yaml"))
IMPORTS = ("import ", "from ")
SMALL_DEMO = {
    "extends": "demo",
    "sets": {"synthetic": {"stars": 600}},
    "models": {
        "mlp": {
            "members": 2,
            "keep": {"best": 1},
            "stages": [{"name": "train", "set": "synthetic", "epochs": 2, "batch": 64, "optimiser": {"adam": {}}}],
        }
    },
    "recovery": {"stars": 50},
}
# A dozen spectra of a window around the Mg b triplet: the code runs, nothing is asked of the grid.
SMALL_GRID = {"wavelength": {"start": 5160, "stop": 5170, "velocity_step": 1.6, "resolution": 80000}}
SMALL_GRID |= {"spectra": 12, "shards": 2}


@pytest.fixture(scope="module")
def place(tmp_path_factory, uv):
    """A workplace whose Snakemake is alone in its environment, and finds the stand-in for conda first."""
    folder = tmp_path_factory.mktemp("environments")
    driver = folder / "driver"
    subprocess.run([uv, "venv", "--quiet", "--python", "3.11", driver], check=True)
    snakemake = f"snakemake=={locked_versions('data')['snakemake']}"
    subprocess.run([uv, "pip", "install", "--quiet", "--python", driver / "bin" / "python", snakemake], check=True)
    (folder / "place").mkdir()
    place = Workplace(folder / "place", python=driver / "bin" / "python", patience=3600)
    place.add_recipe("small", SMALL_DEMO)
    grid = yaml.safe_load((ROOT / "config" / "grids" / "fgk_mgb.yaml").read_text()) | SMALL_GRID
    (place.folder / "config" / "grids" / "small.yaml").write_text(yaml.safe_dump(grid))
    with pytest.MonkeyPatch.context() as patch:
        programs = install_conda(folder / "conda", uv)
        patch.setenv("PATH", f"{programs}{os.pathsep}{driver / 'bin'}{os.pathsep}{os.environ['PATH']}")
        yield place


@pytest.fixture(scope="module")
def built(place):
    """Name of each environment -> its folder, after the demo has run and a grid has been computed in them."""
    for targets in ([], ["results/grids/small.fits"]):
        status, output = place.run(*targets, "--software-deployment-method", "conda", recipes="small")
        assert status == 0, output
    texts = {path.read_text(): path.stem for path in ENVIRONMENTS}
    # Snakemake keeps what it has built an environment from beside it.
    copies = (place.folder / ".snakemake" / "conda").glob("*.yaml")
    return {texts[copy.read_text()]: copy.with_suffix("") for copy in copies}


def test_the_driver_holds_nothing_but_snakemake(place):
    for package in ("pandas", "numpy", "scipy", "astropy", "pyarrow"):
        status = subprocess.run([place.python, "-c", f"import {package}"], capture_output=True, cwd=place.folder)
        assert b"ModuleNotFoundError" in status.stderr, package


def test_the_demo_runs_to_its_report(place, built):
    results = place.folder / "results" / "small"
    catalogue = pd.read_parquet(results / "predict" / "catalogue" / "mlp" / "synthetic-test.parquet")
    test = pd.read_parquet(results / "prepare" / "sets" / "synthetic" / "test.parquet", columns=["spectrum_id"])
    assert sorted(catalogue["spectrum_id"]) == sorted(test["spectrum_id"])
    assert catalogue["teff"].notna().all()
    assert (results / "report.html").stat().st_size > 100_000


def test_a_grid_is_computed(place, built):
    assert (place.folder / "results" / "grids" / "small.fits").is_file()


def test_every_environment_is_built(built):
    assert sorted(built) == [path.stem for path in ENVIRONMENTS]


@pytest.mark.parametrize("path", ENVIRONMENTS, ids=lambda path: path.stem)
def test_packages_have_the_locks_versions(path, built, uv):
    python = built[path.stem] / "bin" / "python"
    listed = subprocess.run(
        [uv, "pip", "list", "--python", python, "--format", "json"], capture_output=True, check=True
    )
    versions = {package["name"]: package["version"] for package in json.loads(listed.stdout)}
    locked = locked_versions(path.stem)
    assert {name: versions[name] for name in read_pins(path)} == {name: locked[name] for name in read_pins(path)}


@pytest.mark.parametrize("path", ENVIRONMENTS, ids=lambda path: path.stem)
def test_scripts_find_all_that_they_import(path, built):
    """Also those of rules that the demo lacks: their lines of imports run in the environment of their rule."""
    rules = [rule for file in RULES for rule in list_rules(file) if rule.environment == path.stem]
    assert rules
    lines = {line for rule in rules for line in rule.script.read_text().splitlines() if line.startswith(IMPORTS)}
    command = [built[path.stem] / "bin" / "python", "-c", "\n".join(sorted(lines))]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "workflow")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
