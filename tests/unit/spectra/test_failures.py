"""A failed job names in one sentence what was wrong, and where."""

import errno
import json
import os
import platform
import subprocess
import sys
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from spectrolabe.spectra import failures
from spectrolabe.spectra.table import replacing

LIBRARY = Path(failures.__file__).parents[2]
FLIPPED = 0x80


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results").mkdir()
    return tmp_path / "results"


def write_parquet(path):
    numbers = pa.table({"flux": [float(n) for n in range(4000)]})
    pq.write_table(numbers, path, use_dictionary=False, compression="none", write_page_checksum=True)


def write_archive(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("part.txt", "0123456789" * 500)


WRITERS = {
    "x.parquet": write_parquet,
    "x.keras": write_archive,
    "x.npz": write_archive,
    "x.json": lambda path: path.write_text(json.dumps({"label": "teff"})),
    "x.tsv": lambda path: path.write_text("a\tb\n10\t20\n"),
    "x.csv": lambda path: path.write_text("a,b\n10,20\n"),
}


@pytest.mark.parametrize("name", WRITERS)
def test_damage_is_found(folder, name):
    path = folder / name
    WRITERS[name](path)
    content = path.read_bytes()
    assert failures.find_damage(path) == failures.find_damage(path, thorough=False) == ""
    path.write_bytes(content[: len(content) // 2])
    assert failures.find_damage(path, thorough=False)
    path.write_bytes(b"")
    assert failures.find_damage(path, thorough=False)
    middle = len(content) // 2
    path.write_bytes(content[:middle] + bytes([content[middle] ^ FLIPPED]) + content[middle + 1 :])
    assert failures.find_damage(path)
    path.unlink()
    assert failures.find_damage(path) == "it is not there"


def test_files_of_other_kinds_and_folders_are_not_judged(folder):
    (folder / "x.log").write_bytes(b"\0")
    (folder / "x.parquet").mkdir()
    assert failures.find_damage(folder / "x.log") == failures.find_damage(folder / "x.parquet") == ""


@pytest.mark.parametrize(
    ("content", "words"), [(b"a\n1\n", ""), (b"", "empty"), (b"a\n1", "cut"), (b"a\n\0\0", "zeros")]
)
def test_a_table_that_is_cut_off(tmp_path, content, words):
    (tmp_path / "x.tsv").write_bytes(content)
    found = failures.find_cut(tmp_path / "x.tsv")
    assert words in found
    assert bool(found) == bool(words)


def test_a_damaged_input_of_results_is_named():
    for path in (Path("results/good.json"), Path("results/bad.json"), Path("own.json")):
        path.write_text("{}" if path.stem == "good" else "{")
    sentence = failures.describe_failure(
        KeyError("teff"), ["own.json", "results/good.json", "results/bad.json"], ["results/out.json"]
    )
    assert sentence.startswith("results/bad.json: damaged (Expecting property name")
    assert sentence.endswith("): delete it to have it made again")


def test_an_error_that_is_no_damage_speaks_for_itself():
    assert failures.describe_failure(ValueError("set 'x': no spectrum"), [], []) == "set 'x': no spectrum"
    assert failures.describe_failure(KeyError("teff"), [], []) == "KeyError: 'teff'"


def test_a_full_disc_names_the_file():
    expected = "results/out.csv: no space left on device: make room and run again, finished files are kept"
    full = OSError(errno.ENOSPC, "No space left on device")
    assert failures.describe_failure(full, [], ["results/out.csv"]) == expected
    with pytest.raises(OSError, match="No space left") as caught, replacing("results/out.csv"):
        raise full
    assert failures.describe_failure(caught.value, [], ["results/other.csv"]) == expected


def test_a_job_ends_with_the_sentence_and_logs_the_traceback():
    job = "SimpleNamespace(input=['results/x.json'], output=['results/y'], log=['results/x.log'])"
    script = f"""
import sys
from types import SimpleNamespace
sys.path.insert(0, {str(LIBRARY)!r})
snakemake = {job}
import spectrolabe
import json
json.load(open("results/x.json"))
"""
    Path("results/x.json").write_text("{")
    Path("job.py").write_text(script)
    ended = subprocess.run([sys.executable, "job.py"], capture_output=True, text=True)
    assert ended.returncode == 1
    [sentence] = ended.stderr.splitlines()
    assert sentence.startswith("results/x.json: damaged (")
    logged = Path("results/x.log").read_text().splitlines()
    assert logged[0] == "Traceback (most recent call last):"
    assert logged[-1] == sentence
    Path("results/x.log").unlink()
    Path("results/x.log").mkdir()
    ended = subprocess.run([sys.executable, "job.py"], capture_output=True, text=True)
    assert ended.stderr.startswith("Traceback")
    assert ended.stderr.splitlines()[-1] == sentence


def test_replacing_leaves_nothing_of_its_own_or_of_a_killed_process(folder):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    names = {"left": (ended.pid, "x[1].tsv"), "written": (os.getppid(), "x[1].tsv"), "other": (ended.pid, "x1.tsv")}
    paths = {key: folder / f".writing-{platform.node()}-{pid}-{name}" for key, (pid, name) in names.items()}
    for path in paths.values():
        path.write_text("half")
    with replacing(folder / "x[1].tsv") as temporary:
        assert temporary.suffix == ".tsv"
        temporary.write_text("whole\n")
    assert {*folder.iterdir()} == {folder / "x[1].tsv", paths["written"], paths["other"]}
    with pytest.raises(UnicodeEncodeError), replacing(folder / "x[1].tsv") as temporary:
        temporary.write_text("half \ud800", encoding="utf-8")
    assert (folder / "x[1].tsv").read_text() == "whole\n"
    assert len(list(folder.iterdir())) == 3
