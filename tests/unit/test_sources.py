"""What stands for modules and files as the input of jobs."""

import subprocess
import sys

import pytest
from workplace import ROOT

from spectrolabe.sources import imported_modules, keep_file, list_sources

#: Reads all shipped recipes and what rules import, where nothing is that Snakemake does not bring.
PLAN = """
import re, sys
from pathlib import Path
sys.modules |= dict.fromkeys(["numpy", "pandas", "scipy", "astropy", "pyarrow", "keras"])
sys.path.insert(0, "workflow")
text = Path("workflow/rules/common.smk").read_text()
exec(chr(10).join(re.findall(r"^from spectrolabe[^(]*?$|^from spectrolabe.*?^\\)", text, re.MULTILINE | re.DOTALL)))
folder = Path("config/recipes")
for name in sorted(path.stem for path in folder.glob("*.yaml")):
    recipe = load_recipe(name, folder)
    spectra = dict.fromkeys(recipe["datasets"], 100)
    plan_work(recipe, spectra)
"""


def test_modules_are_listed_with_all_that_they_import():
    names = [path.name for path in imported_modules("acquire.sharding")]
    assert names == ["sharding.py"]
    lines = list_sources("acquire.manifests").splitlines()
    assert [line.split("\t")[0] for line in lines] == sorted(line.split("\t")[0] for line in lines)
    assert {"acquire/manifests.py", "acquire/sharding.py"} <= {line.split("\t")[0] for line in lines}
    assert all(len(line.split("\t")[1]) == 32 for line in lines)


def test_a_kept_file_is_written_where_its_content_changes(tmp_path):
    path = tmp_path / "folder" / "list.tsv"
    assert not keep_file(path, "one", may_write=False)
    assert not path.parent.exists()
    assert keep_file(path, "one")
    written = path.stat().st_mtime_ns
    assert keep_file(path, "one")
    assert keep_file(path, "one", may_write=False)
    assert path.stat().st_mtime_ns == written
    assert not keep_file(path, "two", may_write=False)
    assert path.read_text() == "one"
    assert keep_file(path, "two")
    assert path.read_text() == "two"
    assert [entry.name for entry in path.parent.iterdir()] == ["list.tsv"]


def test_a_file_that_cannot_be_kept_is_an_error(tmp_path):
    (tmp_path / "folder").touch()
    with pytest.raises(OSError, match="folder"):
        keep_file(tmp_path / "folder" / "list.tsv", "one")


def test_a_run_is_planned_with_nothing_but_snakemake():
    run = subprocess.run([sys.executable, "-c", PLAN], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
