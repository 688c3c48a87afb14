"""The page of benchmarks: a section per script, whatever happens to one of them."""

import shutil
import subprocess
import sys

from workplace import ROOT


def test_a_benchmark_that_fails_leaves_a_sentence_and_the_others_go_on(tmp_path):
    shutil.copytree(ROOT / "benchmarks" / "tools", tmp_path / "benchmarks" / "tools")
    scripts = {"read_files": 'raise ConnectionError("no network")', "write_files": 'print("| s |\\n|---|\\n| 1.5 |")'}
    for name, text in scripts.items():
        (tmp_path / "benchmarks" / f"{name}.py").write_text(f"{text}\n")
    command = [sys.executable, tmp_path / "benchmarks" / "tools" / "write_page.py", tmp_path / "page.md"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    page = (tmp_path / "page.md").read_text()
    assert page.startswith("# Benchmarks\n\nWritten by `make bench` on 20")
    assert "numpy " in page.split("##")[0]
    failed, fine = page.split("## ")[1:]
    assert failed.startswith("Read files\n")
    assert "This benchmark did not finish: ConnectionError: no network" in failed
    assert fine.startswith("Write files\n")
    assert fine.endswith("| s |\n|---|\n| 1.5 |\n")
    assert "[2/2] write_files" in shown
